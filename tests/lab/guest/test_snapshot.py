"""Two moments of a machine: what differs is told, what only counts down is not."""

from __future__ import annotations

from tests.lab.guest import snapshot


def test_difference_tells_what_changed() -> None:
    """Added, removed and changed lines appear under the name of their table."""
    before = {"routes": ["a", "b"], "nftables": []}
    after = {"routes": ["a"], "nftables": ["table inet left_over {"]}
    changed = snapshot.difference(before, after)
    assert "-b" in changed
    assert "+table inet left_over {" in changed
    assert snapshot.difference(before, before) == []


def test_lifetimes_are_no_change() -> None:
    """Remaining seconds of an address, at any depth, are left out."""
    rows = [{"ifname": "wlan0", "addr_info": [{"local": "192.0.2.1", "valid_life_time": 17}]}]
    later = [{"ifname": "wlan0", "addr_info": [{"local": "192.0.2.1", "valid_life_time": 16}]}]
    assert snapshot.lines(rows) == snapshot.lines(later)
    assert any("192.0.2.1" in line for line in snapshot.lines(rows))
