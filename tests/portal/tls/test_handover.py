"""A connection handed from one process to another: who it is, and a descriptor of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.door.descriptors import address
from portal.tls import handover

Channel = tuple[socket.socket, socket.socket]


@pytest.fixture
def channel() -> Iterator[Channel]:
    """The two ends as the supervisor makes them."""
    giving, taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with giving, taking:
        yield giving, taking


@given(host=st.ip_addresses(v=4), port=st.integers(0, 65535))
def test_the_client_is_who_it_is(host: object, port: int) -> None:
    """What is written as a sockaddr is read back by the portal as the same client."""
    packed = handover.sockaddr((str(host), port))

    assert len(packed) == 16
    assert address(packed) == (str(host), port)


def test_given_and_taken(channel: Channel) -> None:
    """The descriptor taken is the other end of ours, non-blocking, closed on exec."""
    giving, taking = channel
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            handover.give(giving, ("100.64.64.9", 4711), theirs)
        found = handover.take(taking)
        assert found is not None
        descriptor, peer = found
        try:
            assert address(peer) == ("100.64.64.9", 4711)
            assert not os.get_blocking(descriptor)
            assert not os.get_inheritable(descriptor)
            ours.sendall(b"hello")
            assert os.read(descriptor, 10) == b"hello"
        finally:
            os.close(descriptor)


def test_nothing_there(channel: Channel) -> None:
    """Without anything handed over nobody waits; without anybody left it is the end."""
    giving, taking = channel

    assert handover.take(taking) is None
    giving.close()
    with pytest.raises(EOFError):
        handover.take(taking)


@pytest.mark.parametrize("message", [b"", b"x", b"x" * 16, b"x" * 60])
def test_what_is_no_connection(channel: Channel, message: bytes) -> None:
    """A message without a descriptor is passed over, or is the end; it never raises else."""
    giving, taking = channel
    giving.send(message)
    try:
        assert handover.take(taking) is None
    except EOFError:
        assert not message


def test_a_full_channel_is_an_error(channel: Channel) -> None:
    """Where the portal does not take them, the giver is told and does not wait."""
    giving, _ = channel
    giving.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    ours, theirs = socket.socketpair()

    def give_without_end() -> None:
        while True:
            handover.give(giving, ("100.64.64.9", 1), theirs)

    with ours, theirs, pytest.raises(BlockingIOError):
        give_without_end()


def test_to_a_place(tmp_path: Path) -> None:
    """What systemd keeps for the portal takes connections as a pair does; an empty message is
    none, and not the end.
    """
    place = str(tmp_path / "handover.sock")
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as taking,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as giving,
    ):
        taking.bind(place)
        giving.connect(place)
        giving.send(b"")
        assert handover.take(taking) is None
        ours, theirs = socket.socketpair()
        with ours, theirs:
            handover.give(giving, ("100.64.64.9", 4711), theirs)
        found = handover.take(taking)
        assert found is not None
        assert address(found[1]) == ("100.64.64.9", 4711)
        os.close(found[0])
