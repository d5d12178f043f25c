"""dnsmasq's lease file, read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.release.leases import Lease, read


@pytest.mark.parametrize(
    ("line", "lease"),
    [
        (
            "1763622000 02:00:00:00:01:00 100.64.64.20 iPhone 01:02:00:00:00:01:00",
            Lease("100.64.64.20", "02:00:00:00:01:00", 1763622000.0, "iPhone"),
        ),
        (
            "0 02:00:00:00:01:0A 100.64.64.21 * *",
            Lease("100.64.64.21", "02:00:00:00:01:0a", float("inf"), ""),
        ),
        # A hardware type other than Ethernet stands before the MAC.
        (
            "5 06-02:00:00:00:01:00 100.64.64.22 *",
            Lease("100.64.64.22", "02:00:00:00:01:00", 5.0, ""),
        ),
    ],
)
def test_a_line_is_a_lease(line: str, lease: Lease) -> None:
    """Expiry, station, address, name."""
    assert read(line) == {lease.address: lease}


@pytest.mark.parametrize(
    "line",
    ["", "duid 00:01", "x 02:00:00:00:01:00 100.64.64.20 * *", "1 02:00 100.64.64.20 * *",
     "1 02:00:00:00:01:00 100.64.64.256 * *", "1 02:00:00:00:01:00 100.64.64.20"],
)  # fmt: skip
def test_other_lines_are_passed_over(line: str) -> None:
    """What is no lease does no harm."""
    assert read(line) == {}


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """Names are the clients' own, so the file is hostile."""
    for address, lease in read(text).items():
        assert lease.address == address
        assert lease.name.isprintable()
