"""What the radio heard, for the channel and for the page.

The names come from strangers. They stay bytes here and hexadecimal in networks.json; the page
decides how to show them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hotspot import channel, files
from hotspot.air import elements, nl80211
from hotspot.channel import Heard, Protection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

FILE: Final = "networks.json"

# A person looks for one network. Someone who makes up names by the hundred fills no more than
# this of the list, and the kernel's own (1,000 entries) bounds what we read.
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Network:
    """Access points of one name and one protection: how many, and the strongest."""

    ssid: bytes
    security: Protection
    bssids: int
    best: Heard


def heard(dump: Iterable[bytes]) -> list[Heard]:
    """Every access point of a scan dump, those that hide their name too (b"")."""
    return named(filter(None, map(nl80211.heard, dump)))


def named(found: Iterable[nl80211.Heard]) -> list[Heard]:
    """The access points with what their elements say: their name and their protection."""
    return [
        Heard(
            elements.ssid(one.elements),
            one.signal,
            one.frequency,
            elements.protection(one.elements, privacy=one.privacy),
            one.bssid,
        )
        for one in found
    ]


def networks(found: Iterable[Heard]) -> list[Network]:
    """What a person chooses from: each name and protection once, at its strongest, best first."""
    points: dict[tuple[bytes, Protection], list[Heard]] = {}
    for one in sorted(found, key=lambda one: -one.signal):
        if one.ssid:
            points.setdefault((one.ssid, one.security), []).append(one)
    return [
        Network(*known, bssids=len({one.bssid for one in of}), best=of[0])
        for known, of in points.items()
    ][:_MOST]


def entries(found: Iterable[Heard]) -> list[dict[str, str | int | None]]:
    """The networks as they stand in networks.json, and in the radio agent's answers."""
    return [_entry(one) for one in networks(found)]


def write(runtime: Path, found: Sequence[Heard]) -> None:
    """Leave the list for the page, which reads it as another user."""
    document = {"networks": entries(found)}
    files.replace(runtime / FILE, json.dumps(document).encode("ascii"), mode=0o644)


def _entry(one: Network) -> dict[str, str | int | None]:
    return {
        "ssid": one.ssid.hex(),
        "bssids": one.bssids,
        "signal": round(one.best.signal),
        "frequency": one.best.frequency,
        "channel": channel.channel_of(one.best.frequency),
        "security": one.security,
    }
