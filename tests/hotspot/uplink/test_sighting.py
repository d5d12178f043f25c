"""Where a network is on the air: from wpa_supplicant's replies to what can be joined."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.config.values import Secret
from hotspot.uplink import sighting
from hotspot.uplink.outcome import Outcome
from hotspot.uplink.sighting import Able, Seen
from hotspot.uplink.wanted import Wanted
from tests.hotspot.air.test_elements import element, rsn

SSID = b"Zuhause"
ALL = Able(frozenset({"WPA-PSK", "SAE", "OWE", "WPA-EAP"}), protects=True)
OLD = Able(frozenset({"WPA-PSK", "WPA-EAP"}), protects=False)
PASSPHRASE = Secret("an island in the sun")

# wpa_supplicant 2.10 on a simulated radio.
CHANNELS = """\
Mode[B] Channels:
 1 = 2412 MHz (20 dBm)
 14 = 2484 MHz (NO_IR)
Mode[G] Channels:
 1 = 2412 MHz
 6 = 2437 MHz
Mode[A] Channels:
 36 = 5180 MHz (NO_IR)
 52 = 5260 MHz (NO_IR) (RADAR)
"""


def reply(**changes: str) -> str:
    """A BSS reply as wpa_supplicant gives it with our mask."""
    octets = element(0, SSID) + rsn(2)
    known = {
        "id": "3",
        "bssid": "02:00:00:00:02:00",
        "freq": "2412",
        "capabilities": "0x0411",
        "level": "-30",
        "ie": octets.hex(),
    }
    return "".join(f"{key}={value}\n" for key, value in (known | changes).items())


def test_channels_that_may_be_used() -> None:
    """Each channel's centre, as often as it is told of; words behind it do not matter."""
    assert sighting.frequencies(CHANNELS) == [2412, 2484, 2412, 2437, 5180, 5260]


def test_what_a_driver_can() -> None:
    """WPA3 takes the key management and protected management frames, both."""
    full = sighting.able("NONE IEEE8021X WPA-EAP WPA-PSK SAE OWE\n", "AES-128-CMAC BIP-GMAC-128\n")
    half = sighting.able("NONE WPA-PSK SAE", "FAIL\n")

    assert (full.sae, full.owe, full.protects) == (True, True, True)
    assert (half.sae, half.owe, half.protects) == (False, False, False)


def test_where_to_look() -> None:
    """Where it was heard, then the common channels, then all; none twice, none forbidden."""
    likely, others = sighting.order([2412, 2417, 2437, 2462, 5180], [5180, 0, 5260, 5180])

    assert likely == [5180]
    assert others == [2412, 2437, 2462, 2417]


def test_one_access_point() -> None:
    """A reply about the wanted name is read, with its number for the next question."""
    number, seen = sighting.seen(reply(), Wanted(ssid=SSID))

    assert number == "3"
    assert seen == Seen("02:00:00:00:02:00", 2412, -30, "wpa2")


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"ie": element(0, b"Zuhaus").hex()}, "3"),
        ({"ie": element(0, b"").hex()}, "3"),
        ({"ie": "0"}, "3"),
        ({"freq": "twelve"}, "3"),
        ({"capabilities": "none"}, "3"),
        ({"level": ""}, "3"),
        ({"id": ""}, ""),
        ({"id": "-1"}, ""),
    ],
)
def test_what_is_passed_over(changes: dict[str, str], number: str) -> None:
    """Another network's, and what makes no sense, do not end the list; a missing number does."""
    assert sighting.seen(reply(**changes), Wanted(ssid=SSID)) == (number, None)


@given(st.text())
def test_any_reply(text: str) -> None:
    """Whatever the reply, it is nothing or something of the wanted name; nothing is raised."""
    number, _ = sighting.seen(text, Wanted(ssid=SSID))

    assert number == "" or number.isdecimal()


def wanted(**given: Any) -> Wanted:
    """The network with a password, unless said otherwise."""
    return Wanted(ssid=SSID, **{"passphrase": PASSPHRASE, **given})


BARE = {"passphrase": None}
USER = {"passphrase": None, "identity": "anna", "password": Secret("of anna")}
VERDICTS: list[tuple[list[str], dict[str, Any], Able, list[str] | Outcome]] = [
    # on the air by that name, what was given, what the driver can, what can be joined
    ([], {}, ALL, Outcome.NOT_FOUND),
    (["wpa2"], {}, ALL, ["wpa2"]),
    (["wpa2", "wpa2"], {}, ALL, ["wpa2", "wpa2"]),
    (["wpa2-wpa3"], {}, OLD, ["wpa2-wpa3"]),
    (["wpa3"], {}, ALL, ["wpa3"]),
    (["wpa3"], {}, OLD, Outcome.NOT_SUPPORTED),
    (["wpa3", "wpa2"], {}, OLD, ["wpa2"]),
    (["wpa2"], BARE, ALL, Outcome.WRONG_PASSWORD),
    (["wep"], {}, ALL, Outcome.NOT_SUPPORTED),
    (["wep", "wpa2"], {}, ALL, ["wpa2"]),
    # Nobody with a password is led to an open network of the name, or to a weaker one.
    (["open"], {}, ALL, Outcome.NOT_FOUND),
    (["owe"], {}, ALL, Outcome.NOT_FOUND),
    (["open"], USER, ALL, Outcome.NOT_FOUND),
    (["open"], {**BARE, "security": "wpa2"}, ALL, Outcome.NOT_FOUND),
    (["open", "wpa2"], {}, ALL, ["wpa2"]),
    (["wpa2"], {"security": "wpa3"}, ALL, Outcome.NOT_FOUND),
    (["wpa2-wpa3"], {"security": "wpa3"}, ALL, ["wpa2-wpa3"]),
    (["wpa2-wpa3"], {"security": "wpa3"}, OLD, Outcome.NOT_SUPPORTED),
    (["wpa3"], {"security": "wpa2"}, ALL, ["wpa3"]),
    (["open"], BARE, ALL, ["open"]),
    (["owe"], BARE, ALL, ["owe"]),
    (["owe"], BARE, OLD, Outcome.NOT_SUPPORTED),
    (["enterprise"], {}, ALL, Outcome.NEEDS_USERNAME),
    (["enterprise"], USER, ALL, ["enterprise"]),
    (["wpa2"], USER, ALL, Outcome.NOT_FOUND),
    (["wep", "enterprise"], {}, ALL, Outcome.NEEDS_USERNAME),
]


@pytest.mark.parametrize(("there", "given_", "able", "expected"), VERDICTS)
def test_what_can_be_joined(
    there: list[Any], given_: dict[str, Any], able: Able, expected: list[str] | Outcome
) -> None:
    """By what is on the air and what was given: those that fit, or the reason why none does."""
    found = [Seen(f"02:{n}", 2412, -40, security) for n, security in enumerate(there)]

    fits = sighting.fitting(found, wanted(**given_), able)

    assert expected == (fits if isinstance(fits, Outcome) else [one.security for one in fits])


def test_the_strongest_on_a_channel() -> None:
    """Of several the best on that channel; none on another."""
    weak, strong = Seen("a", 2412, -80, "wpa2"), Seen("b", 2412, -40, "wpa2")

    assert sighting.strongest([weak, strong, Seen("c", 2437, -20, "wpa2")], 2412) == strong
    assert sighting.strongest([weak], 2437) is None


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"security": "wep"}, Outcome.NOT_SUPPORTED),
        ({"security": "enterprise"}, Outcome.NEEDS_USERNAME),
        ({"security": "enterprise", **USER}, None),
        ({"security": "wpa2"}, None),
        ({}, None),
    ],
)
def test_what_needs_no_look(given_: dict[str, Any], expected: Outcome | None) -> None:
    """What cannot come out well is said before anything is tried."""
    assert sighting.hopeless(wanted(**given_)) == expected
