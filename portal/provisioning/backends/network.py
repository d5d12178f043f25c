"""The backends `networkmanager` and `wpa_supplicant`: this machine's own network settings.

Law: nothing is written here. The radio agent keeps the network, by the same code and for the same
owner as after a join, and what is kept carries the record's id: so it is once in effect. Every
refusal that is not about the record lets all of them wait, for the last one entered is to win.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from portal.joining import wish
from portal.joining.radio import SOCKET, Radio, Silent
from portal.joining.reports import Kept, Refused, Report, Status
from portal.provisioning.backend import Delivered, Misconfigured, Outcome, Rejected, Retry
from portal.provisioning.record import Record

# NetworkManager takes a second or two to write a profile, on a slow card with a sync some more.
KEEPING: Final = 60.0


class NetworkBackend:
    """Has networks kept by the owner called `owner`, through the agent behind `radio`.

    With `joins` a record comes here once its network has been joined and kept: then it is only
    looked whether that is still so. Without, its network is kept untried.
    """

    def __init__(self, radio: Radio, owner: str, *, joins: bool) -> None:
        self._radio = radio
        self._owner = owner
        self._joins = joins

    def apply(self, record: Record) -> Outcome:
        """Have the record's network kept, unless it is."""
        if record.about is not None:
            return Delivered()  # a device of the bench: it has no network, and asks nothing of ours
        try:
            kept = self._kept()
            if kept == record.id:
                return Delivered()
            return _superseded(kept) if self._joins else self._keep(record)
        except Silent as silent:
            return Retry(None, str(silent), whole=True)

    def _kept(self) -> str | None:
        """The id of the record whose network this machine keeps now. Raises `Silent`."""
        report = self._last({"verb": "status"})
        if isinstance(report, Status):
            return report.kept
        raise Silent("this device's radio does not say how it is")

    def _keep(self, record: Record) -> Outcome:
        if record.sealed is not None:
            return Rejected("its password is not here any more")
        network = wish.network(record)
        request = {"verb": "keep", "key": record.id, "network": network, "owner": self._owner}
        report = self._last(request, KEEPING)
        if isinstance(report, Kept) and report.key == record.id:
            return Delivered()
        if isinstance(report, Refused):
            why = record.redact(f"{report.field} {report.what}".strip())
            is_the_record = report.field.partition(".")[0] == "network"
            return Rejected(why) if is_the_record else Retry(None, why, whole=True)
        raise Silent("this device's radio broke off")

    def _last(self, request: Mapping[str, Any], silence: float = 15.0) -> Report | None:
        """The last thing that is said. Raises `Silent`."""
        with self._radio.ask(request, silence) as talk:
            reports = list(talk)
        return reports[-1] if reports else None


def _superseded(kept: str | None) -> Outcome:
    """What became of a network that had been joined and kept, and is not kept any more."""
    if kept is None:
        return Rejected("this machine has been told to forget its network since")
    # Whoever came later has had another one joined, and that one counts.
    return Delivered()


def networkmanager(options: Mapping[str, Any], state: str) -> NetworkBackend:
    """The backend for NetworkManager."""
    return _made("networkmanager", options, state)


def wpa_supplicant(options: Mapping[str, Any], state: str) -> NetworkBackend:
    """The backend for a file of wpa_supplicant's."""
    return _made("wpa_supplicant", options, state)


def _made(owner: str, options: Mapping[str, Any], state: str) -> NetworkBackend:
    del state
    if "runtime" not in options:
        raise Misconfigured("the directory of the run is not known: `deliver --runtime`")
    return NetworkBackend(
        Radio(Path(options["runtime"]) / SOCKET), owner, joins=bool(options.get("joins"))
    )
