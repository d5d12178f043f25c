"""What the loop may answer by itself, and for how long its files stay open."""

from __future__ import annotations

import os

import pytest

from portal.door import grants as module
from portal.door.grants import Grants
from portal.door.paper import Grant, Source
from tests.portal.door.test_sending import Watch

PEER = bytes(4) + bytes([127, 0, 0, 1]) + bytes(8)
REQUEST = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


def given(grants: Grants, target: bytes = b"/a", seconds: float = 2.0) -> tuple[Source, Watch]:
    """A grant at 0, and what it holds; ours is let go of."""
    source, watch = Source(os.open("/dev/null", os.O_RDONLY)), Watch()
    grants.give(Grant(target, lambda _: None, seconds), source, watch, PEER, 0.0)
    source.release()
    return source, watch


def test_found_for_its_seconds() -> None:
    """By client and target; its file is closed when it ends."""
    grants = Grants()
    source, _ = given(grants)
    assert source.descriptor >= 0
    assert grants.find(REQUEST, PEER, 1.9)
    assert not grants.find(REQUEST, PEER, 2.0)
    grants.sweep(1.9)
    assert len(grants) == 1
    grants.sweep(2.0)

    assert not len(grants)
    assert source.descriptor == -1


@pytest.mark.parametrize(
    ("request_bytes", "peer"),
    [
        (REQUEST.replace(b"/a", b"/b"), PEER),
        (REQUEST.replace(b"/a", b"/a?x"), PEER),
        (REQUEST.replace(b"GET", b"HEAD"), PEER),
        (REQUEST.replace(b"GET", b"get"), PEER),
        (b"GET /a", PEER),
        (b"GET", PEER),
        (b"", PEER),
        (REQUEST, PEER.replace(b"\x7f\0\0\1", b"\x7f\0\0\2")),
    ],
)
def test_not_found(request_bytes: bytes, peer: bytes) -> None:
    """Another target, method or client, or a request that is not all there."""
    grants = Grants()
    given(grants)

    assert not grants.find(request_bytes, peer, 0.0)
    grants.clear()


def test_a_port_is_no_client() -> None:
    """Its next connection is the same client's."""
    grants = Grants()
    given(grants)

    assert grants.find(REQUEST, b"\2\0\x12\x34" + PEER[4:], 0.0)
    grants.clear()


def test_revoked() -> None:
    """At once."""
    grants = Grants()
    source, watch = given(grants)
    watch.allowed = False
    assert not grants.find(REQUEST, PEER, 0.0)
    grants.sweep(0.0)

    assert source.descriptor == -1


def test_given_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The later takes the place of the earlier, and of the oldest where there are too many."""
    monkeypatch.setattr(module, "MOST", 2)
    grants = Grants()
    sources = [given(grants, target)[0] for target in (b"/a", b"/b", b"/a", b"/c")]

    assert [source.descriptor >= 0 for source in sources] == [False, False, True, True]
    grants.clear()
    assert all(source.descriptor == -1 for source in sources)
