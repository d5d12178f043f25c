"""Where the metrics may be asked for: this machine alone."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import settings
from hotspot.config import listening
from hotspot.config.values import NotAllowed

GOOD = ["unix:/run/vestibule/metrics.sock", "127.0.0.1:9099", "127.1.2.3:1", "[::1]:65535"]
BAD = [
    "0.0.0.0:9099", "192.168.1.5:9099", "[::]:9099", "::1:9099", "[127.0.0.1]:9099", "127.0.0.1",
    "127.0.0.1:0", "127.0.0.1:65536", "localhost:9099", ":9099", "unix:run.sock", "unix:",
    "unix:/a b", f"unix:/{'a' * 107}", "unix:/run/../metrics\n", 9099, None, True, "",
]  # fmt: skip


@pytest.mark.parametrize("value", GOOD)
def test_here(value: str) -> None:
    """A Unix socket, or an address that only this machine reaches."""
    found = settings.from_mapping({"radio": {"country": "DE"}, "metrics": {"listen": value}})
    assert found.metrics.listen == value


@pytest.mark.parametrize("value", BAD)
def test_not_elsewhere(value: object) -> None:
    """Everything else is refused in words."""
    with pytest.raises(NotAllowed, match="an address of this machine alone"):
        listening.listener(value)


@given(st.text())
def test_any_text(text: str) -> None:
    """Whatever is taken for a place is a loopback address and a port."""
    found = listening.place(text)
    if found:
        assert ipaddress.ip_address(found[0]).is_loopback
        assert 0 < found[1] < 65536


def test_off_by_default() -> None:
    """Nobody listens unless told to."""
    assert settings.from_mapping({"radio": {"country": "DE"}}).metrics.listen is None
