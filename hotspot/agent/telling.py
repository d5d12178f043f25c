"""What the agent says, in words for a person before a terminal.

Pure. A name from the air is shown with whatever is not printable in it written out, so that
nothing in it moves a cursor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from hotspot import channel
from hotspot.supervisor.lines import printable

# Of `hotspot.air.elements.Protection`.
_SECURITY: Final[Mapping[str, str]] = {
    "open": "open",
    "owe": "open, encrypted",
    "wep": "WEP",
    "wpa2": "WPA2",
    "wpa3": "WPA3",
    "wpa2-wpa3": "WPA2 and WPA3",
    "enterprise": "with a user name",
}
_DONE: Final[Mapping[str, str]] = {
    "found": "network found",
    "authenticated": "password accepted",
    "associated": "associated",
    "lease": "address received",
    "gateway": "gateway answers",
    "internet": "Internet looked for",
    "stable": "still connected",
    "kept": "kept for good",
}
_BEGUN: Final[Mapping[str, str]] = {
    "found": "looking for the network",
    "authenticated": "trying the password",
    "associated": "associating",
    "lease": "asking for an address",
    "gateway": "asking the gateway",
    "internet": "looking for the Internet",
    "stable": "waiting whether it lasts",
    "kept": "keeping it",
}
_MOVES: Final[Mapping[str, str]] = {
    "announce": "the access point moves to channel {}, its stations with it",
    "restart": "the access point starts anew on channel {}, its stations rejoin",
    "return": "the access point leaves the air and comes back on channel {}",
}
_OUTCOMES: Final[Mapping[str, str]] = {
    "connected": "connected",
    "wrong_password": "the password is wrong: try again, capitals count",
    "not_found": "no such network is in reach: see the name, or go nearer",
    "no_address": "the network gives no address: restart its router, or name one with --address",
    "no_gateway": "the network's router does not answer: restart it",
    "no_internet": "the network has no Internet: see to its router's own connection",
    "upstream_portal": "the network wants to be signed in to on a page of its own",
    "needs_username": "the network asks for a user name: name one with --identity",
    "not_supported": "this kind of security is not supported: set the router to WPA2 or WPA3",
    "lost": "the network was lost again: go nearer, or try again",
    "cancelled": "cancelled",
    "failed": "this is our own fault",
}
# The exit status of `vestibule join`: 0 and 1 as everywhere, 2 is for usage.
STATUSES: Final[Mapping[str, int]] = {
    "connected": 0,
    "failed": 1,
    "wrong_password": 3,
    "not_found": 4,
    "no_address": 5,
    "no_gateway": 6,
    "no_internet": 7,
    "upstream_portal": 8,
    "needs_username": 9,
    "not_supported": 10,
    "lost": 11,
    "cancelled": 12,
}
_STATES: Final[Mapping[str, str]] = {
    "serving": "on the air",
    "joining": "on the air, joining a network",
    "lingering": "on the air for a moment more: the home network is joined",
    "home": "off the air: the home network is joined",
    "away": "off the air: looking for the home network",
    "resting": "off the air until somebody calls for it: vestibule up",
}


def name(ssid: str) -> str:
    """An SSID in hex as text for a terminal."""
    return printable(bytes.fromhex(ssid).decode("utf-8", "backslashreplace"))


def networks(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One line for each network, in columns; one that says so when there are none."""
    names = [name(one["ssid"]) for one in found]
    width = max(map(len, names), default=0)
    for shown, one in zip(names, found, strict=True):
        band = channel.band(one["frequency"]) or ""
        points = f", {one['bssids']} access points" if one["bssids"] > 1 else ""
        place = f"channel {one['channel']:>3}  {band:7}"
        kind = _SECURITY.get(one["security"], one["security"])
        yield f"{shown:{width}}  {one['signal']:4} dBm  {place}  {kind}{points}"
    if not found:
        yield "no networks in reach"


def event(told: Mapping[str, Any]) -> str:
    """One line for an event of a join; "" for one that needs none."""
    if told["event"] == "moving":
        return _MOVES[told["how"]].format(told["channel"])
    if told["event"] == "step":
        words = {"begun": _BEGUN, "done": _DONE}.get(told["state"], {})
        return words.get(told["step"], "")
    return outcome(told)


def outcome(told: Mapping[str, Any]) -> str:
    """How a join ended, and what to do about it."""
    words = _OUTCOMES[told["outcome"]]
    if told["outcome"] == "connected":
        parts = [words, f"address {told['address']}", *_notes(told)]
        return ", ".join(parts)
    more = told.get("url") or told.get("what")
    return f"{words}: {printable(str(more))}" if more else words


def _notes(told: Mapping[str, Any]) -> Iterator[str]:
    if told["internet"] is not None:
        yield "with Internet" if told["internet"] else "without Internet"
    if told["overlaps"]:
        yield "the same addresses as the access point"
    if told["hostname"]:
        yield f"http://{told['hostname']}.local/"


def status(
    told: Mapping[str, Any],
    stations: Sequence[Mapping[str, Any]],
    ssid: str | None,
) -> Iterator[str]:
    """What the radio knows: the access point, who is on it, the home network, the last join."""
    state = _STATES.get(told["state"], told["state"])
    yield f"access point  {name(ssid)}, {state}" if ssid else f"access point  {state}"
    if not stations:
        yield "stations      none"
    for one, title in zip(stations, ("stations", *[""] * len(stations)), strict=False):
        since = _duration(one["seconds"])
        yield f"{title:12}  {one['address']} for {since}, {one['signal']} dBm"
    kept = told["kept"]
    yield f"home network  {name(kept['ssid']) if kept else 'none is kept'}"
    yield f"last join     {_last(told['join'])}"


def _last(join: Mapping[str, Any] | None) -> str:
    if join is None:
        return "none"
    return "under way" if join["outcome"] is None else outcome(join)


def _duration(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
