"""Gathers what there is to know about the radios: nl80211, sysfs, and who looks after them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotspot.air.wireless import Wireless
from hotspot.checks import preflight
from hotspot.doctor.facts import Radio
from hotspot.errors import Refused
from hotspot.machine import journal, neighbours
from hotspot.machine.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotspot.air.nl80211 import Adapter

# Where the kernel looks for the database of countries (net/wireless/reg.c); Raspberry Pi OS and
# Debian have links to one of two.
_RULES: Final = ("lib/firmware/regulatory.db", "usr/lib/firmware/regulatory.db")


@dataclass(frozen=True, slots=True)
class Air:
    """The radios (`None`: they cannot be asked), the country they follow, and whether the kernel
    has a database of countries.
    """

    radios: tuple[Radio, ...] | None
    country: str
    rules: bool


def observe(
    runtime: Path, root: Path = Path("/"), opened: Callable[[], Wireless] = Wireless
) -> Air:
    """All that is known of the radios; `opened` opens nl80211."""
    rules = any((root / name).exists() for name in _RULES)
    try:
        with opened() as wireless:
            if not wireless.exists:
                return Air((), "", rules)
            found = wireless.adapters()
            radios = tuple(_radio(one, wireless, runtime, root) for one in found)
            return Air(radios, wireless.country(), rules)
    except OSError:
        return Air(None, "", rules)


def _radio(adapter: Adapter, wireless: Wireless, runtime: Path, root: Path) -> Radio:
    name = adapter.interface
    saves: bool | None = None
    # Not every driver has a say in it (EOPNOTSUPP), nor every kind of interface.
    with contextlib.suppress(OSError, KeyError):
        saves = wireless.saves_power(adapter.index)
    is_asked = (Path("/run/wpa_supplicant") / name).exists()
    return Radio(
        adapter=adapter,
        driver=_driver(root / "sys/class/net" / name),
        blocked=preflight.blocked(name, root / "sys"),
        saves_power=saves,
        held_by=_held_by(name, runtime),
        silent_supplicant=None if is_asked else neighbours.silent_supplicant(name),
    )


def _held_by(name: str, runtime: Path) -> frozenset[str]:
    """Who looks after the interface, but for those whom a run of ours has told to leave it."""
    told: frozenset[str] = frozenset()
    with contextlib.suppress(Refused):
        found = journal.read(runtime)
        told = found.told if found else told
    folder = runtime if runtime.is_dir() else Path("/run")
    return Neighbours(name, folder).holding(told)


def _driver(device: Path) -> str:
    with contextlib.suppress(OSError):
        return (device / "device/driver").readlink().name
    return ""
