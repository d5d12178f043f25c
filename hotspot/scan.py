"""What the radio heard before the access point starts, for the channel and for the page.

The names come from strangers. They stay bytes here and hexadecimal in networks.json; the page
decides how to show them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from hotspot import channel, elements, files, nl80211
from hotspot.channel import Heard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

FILE: Final = "networks.json"

# A person looks for one network. Someone who makes up names by the hundred fills no more than
# this of the list, and the kernel's own (1,000 entries) bounds what we read.
_MOST: Final = 100


def heard(entries: Iterable[bytes]) -> list[Heard]:
    """Every access point of a scan dump, those that hide their name too (b"")."""
    found = filter(None, map(nl80211.heard, entries))
    return [
        Heard(
            elements.ssid(one.elements),
            one.signal,
            one.frequency,
            elements.protection(one.elements, privacy=one.privacy),
        )
        for one in found
    ]


def networks(found: Iterable[Heard]) -> list[Heard]:
    """What a person chooses from: each name and protection once, at its strongest, best first."""
    best: dict[tuple[bytes, str], Heard] = {}
    for one in sorted(found, key=lambda one: -one.signal):
        if one.ssid:
            best.setdefault((one.ssid, one.security), one)
    return list(best.values())[:_MOST]


def write(runtime: Path, found: Sequence[Heard]) -> None:
    """Leave the list for the page, which reads it as another user."""
    document = {"networks": [_entry(one) for one in networks(found)]}
    files.replace(runtime / FILE, json.dumps(document).encode("ascii"), mode=0o644)


def _entry(one: Heard) -> dict[str, str | int | None]:
    return {
        "ssid": one.ssid.hex(),
        "signal": round(one.signal),
        "frequency": one.frequency,
        "channel": channel.channel_of(one.frequency),
        "security": one.security,
    }
