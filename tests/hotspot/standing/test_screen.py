"""How things stand, in lines: what is said in each case, and what fits on a terminal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.standing import screen

NOTHING: dict[str, Any] = {
    "state": "stopped", "join": None, "kept": None, "stations": [], "ssid": None, "run": None,
    "clients": [], "records": {"states": {}, "incidents": []}, "failed": [], "damaged": [],
}  # fmt: skip
BUSY: dict[str, Any] = NOTHING | {
    "state": "joining",
    "ssid": "50756d70",
    "stations": [{"address": "02:00:00:00:01:00", "seconds": 75, "signal": -50}],
    "clients": [
        {"address": "100.64.64.2", "mac": "02:00:00:00:01:00", "name": "pixel", "state": "captive"},
        {"address": "100.64.64.3", "mac": "02:00:00:00:02:00", "name": "", "state": "released"},
    ],
    "records": {"states": {"waiting": 1200, "delivered": 7, "dead": 1}},
    "failed": ["vestibule-dns.service"],
    "damaged": ["records.db.damaged-20260301T093000Z"],
}


def test_a_busy_access_point() -> None:
    """All of it."""
    assert list(screen.lines(BUSY)) == [
        "access point  Pump, on the air, joining a network",
        "stations      02:00:00:00:01:00 for 1 min 15 s, -50 dBm",
        "home network  none is kept",
        "last join     none",
        "clients       100.64.64.2 pixel, captive",
        "              100.64.64.3, released",
        "records       1,200 waiting for another try, 1 dead",
        "failed        vestibule-dns.service: `vestibule doctor` says more",
        (
            "damaged       records.db.damaged-20260301T093000Z was set aside: "
            "`vestibule records list` says more"
        ),
    ]


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (None, "cannot be seen: run this as root"),
        ({"states": {}}, "none"),
        ({"states": {"delivered": 3}}, "3 delivered"),
        ({"states": {"held": 2, "accepted": 1}}, "2 held until their network is joined, 1 to be"),
        ({"states": {"delivering": 1, "rejected": 4}}, "1 being delivered, 4 rejected"),
    ],
)
def test_records(records: dict[str, Any] | None, words: str) -> None:
    """What waits comes first; what has arrived is said only where nothing else is to say."""
    first, second = screen.lines(NOTHING | {"records": records})
    assert first.startswith("access point  not running: sudo vestibule run")
    assert second.startswith(f"records       {words}")


def test_a_name_from_the_air_moves_no_cursor() -> None:
    """What a device calls itself is printable, and short."""
    client = BUSY["clients"][0] | {"name": "\x1b[2J" + "x" * 99}
    told = list(screen.lines(BUSY | {"clients": [client]}))
    assert "clients       100.64.64.2 \\x1b[2J" + "x" * 17 + ", captive" in told


@given(st.lists(st.text(max_size=90), max_size=30), st.integers(2, 100), st.integers(1, 30))
def test_it_fits(shown: list[str], width: int, height: int) -> None:
    """No line is wider, no screen higher than the terminal; what fits is as it was."""
    fit = screen.clipped(shown, width, height)
    assert all(len(line) <= width for line in fit)
    assert len(fit) <= height
    if len(shown) <= height and all(len(line) <= width for line in shown):
        assert fit == shown


def test_changes_have_their_title() -> None:
    """A new line below a title it shares is told with it; what is gone is seen by what came."""
    before, after = list(screen.lines(NOTHING)), list(screen.lines(BUSY))
    assert screen.changes(before, before) == []
    told = screen.changes(before, after)
    assert "clients       100.64.64.3, released" in told
    assert screen.changes(after, before) == before
