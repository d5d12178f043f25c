"""The demo's radio hears a street full of networks, and one that bites; each can be joined."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.air import scan
from hotspot.channel import band
from hotspot.config.values import Secret
from hotspot.supervisor import demo
from hotspot.uplink import wanted
from hotspot.uplink.outcome import Ended, Event, Moved, Outcome, Step, Went

ROOT = Path(__file__).parents[3]


def test_eight_networks_strongest_first() -> None:
    """A believable scan: eight networks in order, names of legal length, of every security."""
    networks = scan.networks(demo.heard())
    signals = [one.signal for one in demo.heard()]
    assert len(networks) == 8
    assert signals == sorted(signals, reverse=True)
    assert all(1 <= len(one.ssid) <= 32 for one in networks)
    assert {"open", "wep", "wpa2", "wpa3", "wpa2-wpa3", "enterprise"} == {
        one.security for one in networks
    }
    assert networks[0].bssids == 2


def test_they_are_on_channels() -> None:
    """Each is where an access point can be, in both bands."""
    assert {band(one.frequency) for one in demo.heard()} == {"2.4 GHz", "5 GHz"}


def test_one_of_them_bites() -> None:
    """Among the names is one that is markup, so that the page is seen to show it as text."""
    names = [one.ssid.decode() for one in demo.heard()]
    assert any("<" in name and "onerror" in name for name in names)


def told(name: str, **given: object) -> list[Event]:
    """What happens on the way into a network of the demo."""
    network = wanted.read({"ssid": name.encode().hex(), **given})
    return [event for _, event in demo.story("k", network)]


def end(name: str, **given: object) -> Ended:
    """How it ends."""
    last = told(name, **given)[-1]
    assert isinstance(last, Ended)
    return last


WAYS: list[tuple[Outcome, str, Mapping[str, object]]] = [
    (Outcome.CONNECTED, "Home Sweet Home", {"passphrase": "correct horse"}),
    (Outcome.WRONG_PASSWORD, "Home Sweet Home", {"passphrase": "wrong password"}),
    (Outcome.NOT_FOUND, "Home Sweet Home", {"passphrase": "not found"}),
    (Outcome.NOT_FOUND, "Nobody's", {"passphrase": "correct horse"}),
    (Outcome.NO_ADDRESS, "Home Sweet Home", {"passphrase": "no address"}),
    (Outcome.NO_GATEWAY, "Home Sweet Home", {"passphrase": "no gateway"}),
    (Outcome.NO_INTERNET, "Home Sweet Home", {"passphrase": "no internet"}),
    (Outcome.UPSTREAM_PORTAL, "Home Sweet Home", {"passphrase": "login page"}),
    (Outcome.UPSTREAM_PORTAL, "Café Zentral Gäste 🥐", {}),
    (Outcome.NEEDS_USERNAME, "eduroam", {}),
    (Outcome.CONNECTED, "eduroam", {"identity": "me@home.example", "password": "right"}),
    (Outcome.WRONG_PASSWORD, "eduroam", {"identity": "me", "password": "wrong password"}),
    (Outcome.NOT_SUPPORTED, "Brother HL-L2350DW", {}),
    (Outcome.NOT_SUPPORTED, "Home Sweet Home", {"passphrase": "not supported"}),
    (Outcome.LOST, "Home Sweet Home", {"passphrase": "lost again"}),
    (Outcome.FAILED, "Home Sweet Home", {"passphrase": "our own fault"}),
    (Outcome.CONNECTED, "Under the Stairs", {"passphrase": "correct horse", "hidden": True}),
]


@pytest.mark.parametrize(("outcome", "name", "given"), WAYS)
def test_every_outcome_can_be_had(outcome: Outcome, name: str, given: Mapping[str, object]) -> None:
    """Each by a name and a password; nothing is told after it, and no step twice."""
    events = told(name, **given)
    steps = [event for event in events if isinstance(event, Went)]
    assert end(name, **given).outcome is outcome
    assert [event for event in events if isinstance(event, Ended)] == [events[-1]]
    assert len(set(steps)) == len(steps)


def test_no_outcome_is_left_out() -> None:
    """Cancelling is the one that needs no password."""
    assert {outcome for outcome, _, _ in WAYS} == set(Outcome) - {Outcome.CANCELLED}


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("Home Sweet Home", []),
        ("Home Sweet Home 5G", ["announce"]),
        ("FRITZ!Box 7590 QX", ["restart"]),
        ("WLAN-2F4C91", ["return"]),
    ],
)
def test_every_way_of_moving_can_be_seen(name: str, how: list[str]) -> None:
    """The access point makes way in each of its ways, once the network has been found."""
    events = told(name, passphrase="correct horse")
    assert [event.how for event in events if isinstance(event, Moved)] == how
    assert Went(Step.FOUND, "done") in events


def test_what_connected_has_to_tell() -> None:
    """An address, and what a person may have to know about it."""
    plain = end("Home Sweet Home", passphrase="correct horse")
    assert (plain.internet, plain.overlaps) == (True, False)
    assert end("Home Sweet Home", passphrase="without internet").internet is False
    overlapping = end("Home Sweet Home", passphrase="same addresses")
    assert overlapping.overlaps
    assert overlapping.address.startswith("100.64.64.")


def test_a_fixed_address_is_taken() -> None:
    """Then there is no lease to wait for, and the outcome names the address that was given."""
    fixed = {"address": "10.1.2.3/24", "gateway": "10.1.2.1"}
    events = told("Home Sweet Home", passphrase="correct horse", address=fixed)
    assert Went(Step.LEASE, "skipped") in events
    last = events[-1]
    assert isinstance(last, Ended)
    assert (last.address, last.gateway) == ("10.1.2.3/24", "10.1.2.1")


@given(st.binary(min_size=1, max_size=32), st.text("abc xyz", min_size=8, max_size=20))
def test_any_name_and_password_end(ssid: bytes, passphrase: str) -> None:
    """Whatever is typed, every story ends, and takes no longer than a person waits."""
    network = wanted.Wanted(ssid=ssid, passphrase=Secret(passphrase))
    events = list(demo.story("k", network))
    assert isinstance(events[-1][1], Ended)
    assert sum(pause for pause, _ in events) < 10


def test_people_are_told_of_each() -> None:
    """docs/demo.md names every password that leads somewhere, and every outcome."""
    text = (ROOT / "docs/demo.md").read_text()
    words = set(re.findall(r"`([^`\n]+)`", text))
    passwords = {given.get("passphrase") for _, _, given in WAYS} - {None, "correct horse"}
    assert passwords | {"without internet", "same addresses"} <= words
    assert {str(outcome) for outcome in Outcome} <= words
