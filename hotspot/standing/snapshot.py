"""How things stand, in one document: under a run in the foreground, under systemd, and with none.

Who has something to say is asked; who is not there is left out. So the document is the same
whatever runs, and a machine on which nothing does has one too.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hotspot import hostapd
from hotspot.agent import asking as agent
from hotspot.doctor import asking, observing
from hotspot.settings import DEFAULT_STATE

# What stands in the place of the agent's own word where there is no agent.
STOPPED: Final = "stopped"
# As `portal.provisioning.repair.recovery` calls them.
_ASIDE: Final = ".db.damaged-"
_NOTHING: Final[Mapping[str, Any]] = {
    "states": {}, "joins": {}, "deliveries": {}, "incidents": [],
}  # fmt: skip


def take(runtime: Path, state: Path | None = None) -> dict[str, Any]:
    """The state, the access point's name (hex), who is on it, home network, last join, records.

    Without a `state` directory, the records are those of the run. Raises `Refused` where the
    radio agent is there but does not answer us.
    """
    state = state or kept_in(runtime)
    told = _agent(runtime / agent.SOCKET)
    units = [unit for unit in asking.units() if unit.load == "loaded"]
    is_on = told["state"] != STOPPED
    return {
        **told,
        "run": observing.running(runtime),
        "failed": [unit.name for unit in units if unit.active == "failed"],
        "ssid": _ssid(runtime / hostapd.FILE) if is_on else None,
        "clients": list(asking.clients(runtime)) if is_on else [],
        "records": _records(state),
        "damaged": sorted(each.name for each in _aside(state)),
    }


def kept_in(runtime: Path) -> Path:
    """The state directory of the run in the foreground, else the appliance's own."""
    words = _words(observing.running(runtime))
    pairs = dict(itertools.pairwise(words))
    return Path(pairs.get("--state", DEFAULT_STATE))


def _words(pid: int | None) -> list[str]:
    with contextlib.suppress(OSError):
        return [] if pid is None else Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return []


def _records(state: Path) -> Mapping[str, Any] | None:
    """The tally; `None` where we may not look."""
    if not state.exists():
        return _NOTHING
    return asking.records(state) if os.access(state, os.R_OK | os.X_OK) else None


def _aside(state: Path) -> Iterator[Path]:
    """The damaged databases that were set aside, and that nobody has removed yet."""
    return (each for each in state.glob(f"*{_ASIDE}*") if "-journal" not in each.name)


def _agent(path: Path) -> dict[str, Any]:
    """What the radio agent says, and who is on the access point."""
    try:
        told = dict(agent.answer(path, {"verb": "status"}))
    except agent.Absent:
        return {"state": STOPPED, "join": None, "kept": None, "stations": []}
    del told["event"]
    try:
        stations = list(agent.answer(path, {"verb": "stations"})["stations"])
    except agent.Declined:
        stations = []
    return {**told, "stations": stations}


def _ssid(file: Path) -> str | None:
    """The access point's name in hex, from what hostapd was given; `None` in the demo."""
    try:
        found = re.search(r"^ssid2=([0-9a-f]+)$", file.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return None
    return found[1] if found else None
