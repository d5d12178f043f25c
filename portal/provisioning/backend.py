"""What a configuration backend is: one method, three answers.

Law: `apply` is called at least once per record and may be called again for one it has
already taken (the process can die between its answer and our note of it). `record.id` is the
idempotency key: a backend makes a second call with the same id have no second effect.
It returns `Delivered` only when the record is as safe there as it was here.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias, cast, runtime_checkable

from portal.provisioning.record import Record

GROUP: Final = "vestibule.backends"

PLUGIN: Final = "plugin:"

# Named here, not imported: a process pays only for the backends its settings name.
BUILT_IN: Final[Mapping[str, str]] = {
    "command": "portal.provisioning.backends.command:CommandBackend",
    "file": "portal.provisioning.backends.file:FileBackend",
    "http": "portal.provisioning.backends.http:HttpBackend",
    "mqtt": "portal.provisioning.backends.mqtt:MqttBackend",
    "networkmanager": "portal.provisioning.backends.network:networkmanager",
    "wpa_supplicant": "portal.provisioning.backends.network:wpa_supplicant",
}

# These are this machine's own: they are also told where to ask (`runtime`), and whether a record
# comes after its network was joined (`joins`).
OWN: Final = frozenset({"networkmanager", "wpa_supplicant"})


@dataclass(frozen=True, slots=True)
class Delivered:
    """The backend has the record for good."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now. `after`: seconds the backend asks for, or None; `why`: words without secrets.

    `whole`: no other record would have fared better, because nothing of this one had left us, or
    because we are not known there. Then the records behind it wait too, one attempt is made at a
    time, and their order is kept. Never where this very record may be the reason.
    """

    after: float | None
    why: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """Never: the record itself is refused. `why`: words without secrets."""

    why: str


Outcome: TypeAlias = Delivered | Retry | Rejected


@runtime_checkable
class Backend(Protocol):
    """Where records go. Anything raised by `apply` counts as `Retry`."""

    def apply(self, record: Record) -> Outcome:
        """Hand `record` on, in bounded time."""
        ...


# Called with the options of [delivery.NAME] and the path of the state directory. May raise
# `Misconfigured`.
Factory: TypeAlias = Callable[[Mapping[str, Any], str], Backend]


class Misconfigured(Exception):  # noqa: N818 - named for what the backend is
    """The backend cannot be made of what it was given; the text says why, without secrets."""


class UnknownBackend(Misconfigured):
    """No built-in backend and no installed entry point has this name."""


def load(name: str) -> Factory:
    """The factory of the backend called `name`: built in, or "plugin:" and an entry point.

    Raises `UnknownBackend`, and whatever a plugin's import raises.
    """
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        return cast("Factory", getattr(importlib.import_module(module), attribute))
    if name.startswith(PLUGIN):
        # Here, because importlib.metadata costs 5 MiB that built-in backends need not pay.
        from importlib.metadata import entry_points  # noqa: PLC0415 - see above

        for point in entry_points(group=GROUP, name=name.removeprefix(PLUGIN)):
            return cast("Factory", point.load())
    raise UnknownBackend(
        f"no backend is called {name!r}; built in: {', '.join(BUILT_IN)}; "
        f'others are installed, and called "{PLUGIN}NAME"'
    )


class Lazy:
    """A backend that is made when its first record comes, and again until that has worked.

    So that one that is not installed, or whose credential is missing, costs the others nothing,
    and works from the moment on when it is there.
    """

    def __init__(self, name: str, options: Mapping[str, Any], state: str) -> None:
        self._name, self._options, self._state = name, options, state
        self._made: Backend | None = None

    def apply(self, record: Record) -> Outcome:
        """Make the backend if need be, and hand it the record."""
        if self._made is None:
            try:
                self._made = load(self._name)(self._options, self._state)
            except Misconfigured as error:
                return Retry(None, str(error), whole=True)
        return self._made.apply(record)
