"""What the doctor looks at, as values: gathered once, then judged by pure functions.

A fact that could not be had is `None`, or missing from its list; no finding is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hotspot import settings as told
from hotspot.air.nl80211 import Adapter
from hotspot.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Radio:
    """A Wi-Fi interface: its driver, who has switched it off ("software", "hardware" or ""),
    whether it saves power, who looks after it (`NetworkManager`, `wpa_supplicant`), and the
    process id of a wpa_supplicant that cannot be asked to sit still.
    """

    adapter: Adapter
    driver: str = ""
    blocked: str = ""
    saves_power: bool | None = None
    held_by: frozenset[str] = frozenset()
    silent_supplicant: int | None = None

    @property
    def name(self) -> str:
        """The interface's name."""
        return self.adapter.interface


@dataclass(frozen=True, slots=True)
class Port:
    """A port that we need and somebody else has: `tcp` or `udp`; "" where nobody can be named."""

    protocol: str
    number: int
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as systemd has it: LoadState, ActiveState, SubState, Result, NRestarts."""

    name: str
    load: str
    active: str
    sub: str
    result: str = "success"
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Folder:
    """A directory: whether it is there, its mode, and whether we may look into it."""

    path: str
    exists: bool = True
    mode: int = 0o700
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Disk:
    """Where the state directory is, or would be: bytes free for everybody, bytes in all."""

    free: int
    total: int
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the check of the certificate says: lines to read, or why no phone would take it."""

    notes: tuple[str, ...] = ()
    refused: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """The wall clock `now` and the `newest` change of our own program files, both in seconds
    since 1970; whether the kernel says it is set by others, and whether a battery keeps it.
    """

    now: float
    newest: float = 0.0
    synchronized: bool | None = None
    battery: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The machine, as far as Vestibule is concerned.

    `problems` are those of the settings `file`, `missing` Debian packages whose program is not
    there, `programs` the process ids of the neighbours by name. `country` is what the radios
    follow now, `rules` says whether the kernel has a database of countries. `run` is the process
    id of a run in the foreground, `left` whether a run that was cut short has left changes, and
    `records` the tally of the records.
    """

    root: bool
    file: str
    clock: Clock
    settings: Settings | None = None
    problems: tuple[str, ...] = ()
    radios: tuple[Radio, ...] | None = ()
    country: str = ""
    rules: bool = True
    missing: tuple[str, ...] = ()
    programs: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    ports: tuple[Port, ...] | None = ()
    state: Folder = Folder("/var/lib/vestibule")
    runtime: Folder = Folder("/run/vestibule", mode=0o755)
    disk: Disk | None = None
    certificate: Certificate | None = None
    sqlite: tuple[int, int, int] = (3, 51, 3)
    units: tuple[Unit, ...] = ()
    run: int | None = None
    left: bool = False
    records: Mapping[str, Any] | None = None

    @property
    def running(self) -> bool:
        """Whether Vestibule itself runs now, so that what it holds is its own."""
        return self.run is not None or any(
            unit.active == "active" and unit.name.endswith(".service") for unit in self.units
        )

    @property
    def address(self) -> str:
        """The access point's own address, by the settings."""
        found = self.settings or _DEFAULTS
        return str(found.network.address.ip)

    @property
    def chosen(self) -> Radio | None:
        """The radio to be the access point: the one of the settings, else the first able."""
        wanted = self.settings.radio.interface if self.settings else None
        able = [one for one in self.radios or () if one.adapter.can_be_access_point]
        named = [one for one in able if wanted in {None, one.name}]
        return next(iter(named), None)


_DEFAULTS = Settings(radio=told.Radio(country=""))
