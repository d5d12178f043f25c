"""Addresses no record goes to."""

from __future__ import annotations

import pytest

from portal.provisioning.backends.addresses import refused


@pytest.mark.parametrize(
    ("peer", "words"),
    [
        ("127.0.0.1", "this machine itself"),
        ("127.255.0.9", "this machine itself"),
        ("0.0.0.0", "this machine itself"),
        ("::1", "this machine itself"),
        ("::", "this machine itself"),
        ("::ffff:127.0.0.1", "this machine itself"),
        ("169.254.169.254", "link-local"),
        ("::ffff:169.254.169.254", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("239.1.2.3", "multicast"),
        ("ff02::1", "multicast"),
    ],
)
def test_refused(peer: str, words: str) -> None:
    """In whichever form it is written."""
    assert words in (refused(peer) or "")


@pytest.mark.parametrize("peer", ["192.168.1.9", "10.0.0.1", "93.184.216.34", "2001:db8::1"])
def test_allowed(peer: str) -> None:
    """A backend may be in the same house, but not at our own address."""
    assert refused(peer, "192.168.1.5") is None
    assert "this machine itself" in (refused(peer, peer) or "")
