"""What the agent says, in words: every outcome, and nothing from the air that moves a cursor."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.agent import telling
from hotspot.air import scan
from hotspot.air.elements import Protection
from hotspot.supervisor import demo
from hotspot.uplink import outcome
from hotspot.uplink.outcome import Ended, Moved, Outcome, Step, Went


def test_networks_are_in_columns() -> None:
    """Name, signal, channel, band, security; the number of access points where it is not one."""
    keys = ("ssid", "bssids", "signal", "frequency", "channel", "security")
    rows = [
        ("486f6d65", 2, -41, 2437, 6, "wpa2"),
        ("43616665cc81", 1, -101, 5180, 36, "open"),
    ]
    found = [dict(zip(keys, row, strict=True)) for row in rows]
    assert list(telling.networks(found)) == [
        "Home    -41 dBm  channel   6  2.4 GHz  WPA2, 2 access points",
        "Cafe\u0301  -101 dBm  channel  36  5 GHz    open",
    ]
    assert list(telling.networks([])) == ["no networks in reach"]


def test_every_security_has_words() -> None:
    """None is shown by the name that programs have for it."""
    assert set(telling._SECURITY) == set(get_args(Protection))


@given(st.binary(min_size=1, max_size=32))
def test_a_hostile_name_moves_no_cursor(ssid: bytes) -> None:
    """Whatever the bytes, what is shown is printable."""
    assert telling.name(ssid.hex()).isprintable()


@pytest.mark.parametrize("end", list(Outcome))
def test_every_outcome_has_words_and_a_status(end: Outcome) -> None:
    """A sentence for a person, and a number of its own for a script, none of them that of usage."""
    told = outcome.written(Ended(outcome=end, step=Step.FOUND, key="k", what="the reason"))
    assert telling.event(told)
    assert telling.STATUSES[end] != 2
    assert list(telling.STATUSES.values()).count(telling.STATUSES[end]) == 1


def connected(**more: Any) -> str:
    """The words for a success."""
    ended = Ended(
        outcome=Outcome.CONNECTED, step=Step.KEPT, key="k", address="192.0.2.7/24", **more
    )
    return telling.event(outcome.written(ended))


def test_a_success_says_where() -> None:
    """The address, the Internet if it was looked for, and the name to call it by."""
    assert connected() == "connected, address 192.0.2.7/24"
    assert connected(internet=True, hostname="pump") == (
        "connected, address 192.0.2.7/24, with Internet, http://pump.local/"
    )
    assert "without Internet, the same addresses as" in connected(internet=False, overlaps=True)


def test_the_way_is_told() -> None:
    """Every step when it begins and when it is done, and every way of moving."""
    for step in Step:
        assert telling.event(outcome.written(Went(step, "begun")))
        assert telling.event(outcome.written(Went(step, "done")))
        assert not telling.event(outcome.written(Went(step, "skipped")))
    for how in get_args(outcome.How):
        assert "channel 11" in telling.event(outcome.written(Moved(how, 11)))


def test_status_is_one_screen() -> None:
    """The access point, who is on it, the home network and the last join."""
    told = {
        "state": "serving",
        "join": {"key": "k", "outcome": "wrong_password", "step": "authenticated"},
        "kept": {"key": "j", "ssid": "486f6d65"},
    }
    stations = [
        {"address": "02:00:00:00:01:00", "seconds": 7, "signal": -50},
        {"address": "02:00:00:00:02:00", "seconds": 3725, "signal": -60},
    ]
    assert list(telling.status(told, stations, "50756d70")) == [
        "access point  Pump, on the air",
        "stations      02:00:00:00:01:00 for 7 s, -50 dBm",
        "              02:00:00:00:02:00 for 1 h 2 min, -60 dBm",
        "home network  Home",
        "last join     the password is wrong: try again, capitals count",
    ]


def test_status_of_nothing_yet() -> None:
    """A fresh start says so; a join under way too."""
    told: dict[str, Any] = {"state": "joining", "join": None, "kept": None}
    assert list(telling.status(told, [], None)) == [
        "access point  on the air, joining a network",
        "stations      none",
        "home network  none is kept",
        "last join     none",
    ]
    told["join"] = {"key": "k", "outcome": None}
    assert list(telling.status(told, [], None))[-1] == "last join     under way"


def test_the_demo_s_street_is_told() -> None:
    """As it comes from a scan."""
    lines = list(telling.networks(scan.entries(demo.heard())))
    assert len(lines) == 8
    assert all(line.isprintable() for line in lines)
