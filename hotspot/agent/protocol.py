"""What may be asked of the radio agent, and what it says: one JSON object per line.

Every request is typed and bounded before anything acts on it; whatever else the bytes are, the
answer is `NotUnderstood`. Events are ready-made objects; what came from the air is hex in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hotspot.uplink import wanted
from hotspot.uplink.wanted import Wanted

Event = Mapping[str, Any]

# Bytes of one line, both ways, with its end. A CA certificate of 16 KiB is the longest word of a
# request; a hundred networks make 17 KiB.
LONGEST: Final = 64 * 1024

# Seconds: until then whoever was sent off may not come back.
LONGEST_ABSENCE: Final = 3600
# An individual address (the group bit is clear), as hostapd writes them.
_ADDRESS: Final = re.compile(r"[0-9a-f][02468ace](?::[0-9a-f]{2}){5}")

# A record's id is a UUID; other askers may count.
_KEY: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")


class NotUnderstood(Exception):  # noqa: N818 - it is an answer, not a crash
    """A line that is no request: `what` is wrong, at `field` ("" for the whole line)."""

    def __init__(self, what: str, field: str = "") -> None:
        super().__init__(f"{field}: {what}" if field else what)
        self.what = what
        self.field = field


@dataclass(frozen=True, slots=True)
class Scan:
    """Listen on every channel, one at a time."""


@dataclass(frozen=True, slots=True)
class Stations:
    """Who is associated with the access point."""


@dataclass(frozen=True, slots=True)
class Join:
    """Try a network, and keep it if it proves itself; `key` names this attempt."""

    key: str
    network: Wanted


@dataclass(frozen=True, slots=True)
class Keep:
    """Make a network permanent without a try, by the owner of that name ("" for any)."""

    key: str
    network: Wanted
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Follow:
    """All events of a join, from its begin to its end."""

    key: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """End a join that is under way."""

    key: str


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Send the station with this hardware address off, and let it back after so many seconds."""

    address: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Forget:
    """Leave the home network for good."""


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand."""


Request = Scan | Stations | Join | Keep | Follow | Cancel | Dismiss | Forget | Status

_BARE: Final[Mapping[str, type[Scan | Stations | Forget | Status]]] = {
    "scan": Scan,
    "stations": Stations,
    "forget": Forget,
    "status": Status,
}
_KEYED: Final[Mapping[str, type[Follow | Cancel]]] = {"follow": Follow, "cancel": Cancel}


def request(line: bytes) -> Request:
    """The request in one line, with or without its end. Raises `NotUnderstood`."""
    found = _object(line)
    verb = found.pop("verb", None)
    if not isinstance(verb, str):
        raise NotUnderstood("a verb is needed", "verb")
    asked: Request
    if verb in _BARE:
        asked = _BARE[verb]()
    elif verb in _KEYED:
        asked = _KEYED[verb](_key(found))
    elif verb == "join":
        asked = Join(_key(found), _network(found))
    elif verb == "keep":
        asked = Keep(_key(found), _network(found), _owner(found))
    elif verb == "dismiss":
        asked = Dismiss(_address(found), _absence(found))
    else:
        raise NotUnderstood("no such verb", "verb")
    for name in found:
        raise NotUnderstood("not known here", _shown(name))
    return asked


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST:
        raise NotUnderstood(f"longer than {LONGEST} bytes")
    try:
        found = json.loads(line.decode("utf-8"), object_pairs_hook=_once)
    # Not UTF-8, not JSON, a number of 5,000 digits, or nested until Python gives up.
    except (ValueError, RecursionError):
        raise NotUnderstood("not one JSON object") from None
    if not isinstance(found, dict):
        raise NotUnderstood("not one JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys come once: of two, readers differ on which counts (RFC 8259 4)."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _key(found: dict[str, Any]) -> str:
    key = found.pop("key", None)
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise NotUnderstood("1 to 64 letters, digits, - and _", "key")
    return key


def _address(found: dict[str, Any]) -> str:
    address = found.pop("address", None)
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise NotUnderstood("a station's, such as 02:00:00:00:01:00", "address")
    return address


def _absence(found: dict[str, Any]) -> int:
    seconds = found.pop("seconds", None)
    if type(seconds) is not int or not 1 <= seconds <= LONGEST_ABSENCE:
        raise NotUnderstood(f"a whole number from 1 to {LONGEST_ABSENCE}", "seconds")
    return seconds


def _network(found: dict[str, Any]) -> Wanted:
    try:
        return wanted.read(found.pop("network", None))
    except wanted.Unwanted as unwanted:
        raise NotUnderstood(unwanted.what, unwanted.field) from None


def _owner(found: dict[str, Any]) -> str:
    owner = found.pop("owner", "")
    if owner not in _OWNERS:
        raise NotUnderstood(f"one of {', '.join(filter(None, _OWNERS))}", "owner")
    return str(owner)


_OWNERS: Final = ("", "networkmanager", "wpa_supplicant")


def _shown(name: str) -> str:
    """A key of a stranger's, short and printable."""
    return ascii(name[:32])[1:-1]


def line(event: Event) -> bytes:
    """An event, or a request, as the line that is sent."""
    return json.dumps(event, separators=(",", ":")).encode("ascii") + b"\n"


def event(line: bytes) -> Event:
    """The event in a line. Raises `NotUnderstood`."""
    found = _object(line)
    if not isinstance(found.get("event"), str):
        raise NotUnderstood("an event is needed", "event")
    return found


def refused(what: str, field: str = "") -> Event:
    """The event that says no, and the last of its stream."""
    return {"event": "refused", "what": what, "field": field}
