"""What hostapd says unasked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.air.events import DISABLED, ENABLED, JOINED, LEFT, Event, pairs, parse

STATION = "02:00:00:00:01:00"
LOUD = "02:00:00:00:AB:00"
EAP = "CTRL-EVENT-EAP-STARTED"

SAID = [
    # as hostapd 2.10 and wpa_supplicant 2.10 said it
    (b"<3>AP-ENABLED ", Event(3, ENABLED), None),
    (b"<3>AP-DISABLED ", Event(3, DISABLED), None),
    (b"<3>AP-STA-CONNECTED 02:00:00:00:01:00", Event(3, JOINED, (STATION,)), STATION),
    (b"<3>AP-STA-DISCONNECTED 02:00:00:00:01:00", Event(3, LEFT, (STATION,)), STATION),
    (
        b"<3>AP-STA-CONNECTED 02:00:00:00:AB:00 keyid=x",
        Event(3, JOINED, (LOUD, "keyid=x")),
        LOUD.lower(),
    ),
    (b"<2>CTRL-EVENT-EAP-STARTED 02:00:00:00:01:00\n", Event(2, EAP, (STATION,)), STATION),
    (b"<3>AP-STA-CONNECTED not-an-address", Event(3, JOINED, ("not-an-address",)), None),
    (b"<3>AP-STA-CONNECTED", Event(3, JOINED), None),
]  # fmt: skip


@pytest.mark.parametrize(("datagram", "event", "station"), SAID)
def test_events(datagram: bytes, event: Event, station: str | None) -> None:
    """Priority, name and words, and the station's address where there is one."""
    assert parse(datagram) == event
    assert event.station == station


@pytest.mark.parametrize("datagram", [b"", b"OK\n", b"FAIL\n", b"PONG", b"<3>", b"<x>AP-ENABLED"])
def test_replies_are_no_events(datagram: bytes) -> None:
    """What answers a command is not taken for an event."""
    assert parse(datagram) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer(datagram: bytes) -> None:
    """A station chooses some of the words; none of them raises."""
    event = parse(b"<3>AP-STA-CONNECTED " + datagram)

    assert event is not None
    assert event.name == JOINED
    assert event.station is None or len(event.station) == 17
    parse(datagram)


def test_pairs() -> None:
    """STATUS is lines of key and value; a value may hold an equals sign, other lines none."""
    reply = "state=ENABLED\nphy=phy0\nssid[0]=a=b\nnonsense\n\nempty=\n"

    assert pairs(reply) == {"state": "ENABLED", "phy": "phy0", "ssid[0]": "a=b", "empty": ""}
