"""The demo's radio: what is on the air of a lived-in street, and how each network is to join.

Pure: what is heard, and what happens when, as values; `hotspot.agent.demo` plays it. Names that
bite are among them. `docs/demo.md` tells people which password leads to which outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from hotspot.air.nl80211 import Station
from hotspot.channel import Heard, Protection
from hotspot.uplink.outcome import Ended, Event, Moved, Outcome, Stage, Step, Went
from hotspot.uplink.wanted import Wanted

# Name, signal in dBm, frequency in MHz, security of each access point; strongest first.
_AIR: Final[tuple[tuple[str, int, int, Protection], ...]] = (
    ("Home Sweet Home", -41, 2437, "wpa2"),
    ("Home Sweet Home 5G", -47, 5180, "wpa2-wpa3"),
    ("Home Sweet Home", -55, 2437, "wpa2"),
    ("FRITZ!Box 7590 QX", -58, 2412, "wpa2-wpa3"),
    ("Café Zentral Gäste 🥐", -63, 2462, "open"),
    # A stranger's access point is called what the stranger likes: the page must show this, as is.
    ("<img src=x onerror=alert(1)>", -66, 2437, "wpa2"),
    ("eduroam", -71, 5240, "enterprise"),
    ("WLAN-2F4C91", -77, 2412, "wpa3"),
    ("Brother HL-L2350DW", -85, 2462, "wep"),
)
# What a scan listens on, and seconds for each with the pause that clients need.
CHANNELS: Final = (*range(1, 14), 36, 40, 44, 48)
A_CHANNEL: Final = 0.2

STATIONS: Final = (Station("02:00:00:00:01:00", 42, -48),)

# The access point makes way as the radio can: a network on another channel shows each of the ways.
_MOVES: Final[Mapping[bytes, Moved]] = {
    b"Home Sweet Home 5G": Moved("announce", 36),
    b"FRITZ!Box 7590 QX": Moved("restart", 1),
    b"WLAN-2F4C91": Moved("return", 1),
}

# Seconds until each step is done: those of a real join beside an access point, about.
_SECONDS: Final[Mapping[Step, float]] = {
    Step.FOUND: 0.9,
    Step.AUTHENTICATED: 0.6,
    Step.ASSOCIATED: 0.3,
    Step.LEASE: 1.2,
    Step.GATEWAY: 0.3,
    Step.INTERNET: 0.5,
    Step.STABLE: 1.5,
    Step.KEPT: 0.4,
}
_MOVE_SECONDS: Final = 0.8

# A password that is an outcome's name leads there, and to the step at which it is found out.
_BY_PASSWORD: Final[Mapping[str, tuple[Outcome, Step]]] = {
    "wrong password": (Outcome.WRONG_PASSWORD, Step.AUTHENTICATED),
    "not found": (Outcome.NOT_FOUND, Step.FOUND),
    "no address": (Outcome.NO_ADDRESS, Step.LEASE),
    "no gateway": (Outcome.NO_GATEWAY, Step.GATEWAY),
    "no internet": (Outcome.NO_INTERNET, Step.INTERNET),
    "login page": (Outcome.UPSTREAM_PORTAL, Step.INTERNET),
    "not supported": (Outcome.NOT_SUPPORTED, Step.ASSOCIATED),
    "lost again": (Outcome.LOST, Step.STABLE),
    "our own fault": (Outcome.FAILED, Step.KEPT),
}
_LOGIN_PAGE: Final = "http://login.example/"
# Connected, and yet something to tell.
_OFFLINE: Final = "without internet"
_OVERLAPS: Final = "same addresses"


def heard() -> list[Heard]:
    """Every access point of the street, as a scan would have it."""
    return [
        Heard(name.encode(), signal, frequency, security, bytes((2, 0, 0, 0, 2, number)))
        for number, (name, signal, frequency, security) in enumerate(_AIR)
    ]


def story(key: str, wanted: Wanted) -> Iterator[tuple[float, Event]]:
    """What happens on the way into a network, each after so many seconds; the end is `Ended`."""
    end, at = _end(wanted)
    for step in Step:
        yield 0.0, Went(step, "begun")
        if step is at:
            yield _SECONDS[step], _ended(end, at, key, wanted)
            return
        yield _SECONDS[step], Went(step, _stage(step, wanted))
        if step is Step.FOUND and wanted.ssid in _MOVES:
            yield _MOVE_SECONDS, _MOVES[wanted.ssid]
    yield 0.0, _ended(end, Step.KEPT, key, wanted)


def _stage(step: Step, wanted: Wanted) -> Stage:
    given = step is Step.LEASE and wanted.address is not None
    return "skipped" if given else "done"


def _end(wanted: Wanted) -> tuple[Outcome, Step | None]:
    """The outcome, and the step it ends at; `None` where all are done."""
    known = {one.ssid: one for one in heard()}.get(wanted.ssid)
    if known is None and not wanted.hidden:
        return Outcome.NOT_FOUND, Step.FOUND
    security = known.security if known else wanted.security
    if security == "wep":
        return Outcome.NOT_SUPPORTED, Step.FOUND
    if security == "enterprise" and wanted.identity is None:
        return Outcome.NEEDS_USERNAME, Step.FOUND
    if security == "open":
        # A café's network has a page of its own in front of the Internet.
        return Outcome.UPSTREAM_PORTAL, Step.INTERNET
    return _BY_PASSWORD.get(_secret(wanted), (Outcome.CONNECTED, None))


def _secret(wanted: Wanted) -> str:
    return wanted.password or wanted.passphrase or ""


def _ended(end: Outcome, at: Step, key: str, wanted: Wanted) -> Ended:
    if end is Outcome.UPSTREAM_PORTAL:
        return Ended(outcome=end, step=at, key=key, url=_LOGIN_PAGE)
    if end is Outcome.FAILED:
        return Ended(outcome=end, step=at, key=key, what="the demo was asked to fail")
    if end is not Outcome.CONNECTED:
        return Ended(outcome=end, step=at, key=key)
    fixed = wanted.address
    overlaps = _secret(wanted) == _OVERLAPS
    network = "100.64.64" if overlaps else "192.168.77"
    return Ended(
        outcome=end,
        step=at,
        key=key,
        address=str(fixed.address) if fixed else f"{network}.131/24",
        gateway=str(fixed.gateway) if fixed else f"{network}.1",
        internet=_secret(wanted) != _OFFLINE,
        overlaps=overlaps,
        hostname="raspberrypi",
    )
