"""The loop that ends TLS, with a portal played by the test: bytes whole, nobody waits for ever."""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from portal.tls import handover, relay
from portal.tls.relay import LINGER, PATIENCE, Relay
from tests.certificates import NAME, Shop, shop
from tests.portal.secured import converse

HOST = "127.0.0.1"


@dataclass
class Scene:
    """A relay in a thread, and the portal's end of its channel."""

    relay: Relay
    address: tuple[str, int]
    taking: socket.socket
    trust: ssl.SSLContext
    now: list[float]

    def knock(self) -> socket.socket:
        """A connection that says nothing yet."""
        return socket.create_connection(self.address, timeout=10)

    def connect(self) -> ssl.SSLSocket:
        """A connection under TLS; an end without close_notify is an error to it."""
        return self.trust.wrap_socket(
            self.knock(), server_hostname=NAME, suppress_ragged_eofs=False
        )

    def taken(self) -> socket.socket:
        """The next stream that was handed over."""
        self.taking.settimeout(10)
        self.taking.recv(1, socket.MSG_PEEK)
        found = handover.take(self.taking)
        assert found is not None
        stream = socket.socket(fileno=found[0])
        stream.settimeout(10)
        return stream


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The certificates for all of this."""
    return shop(tmp_path_factory.mktemp("shop"))


@contextmanager
def played(made: Shop) -> Iterator[Scene]:
    """A relay that turns until the end of the block, by a clock that stands still."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.site.certificate, made.site.key)
    trust = ssl.create_default_context(cafile=str(made.root.certificate))
    giving, taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    now, ended = [0.0], threading.Event()
    with socket.create_server((HOST, 0)) as listener, giving, taking:
        loop = Relay(listener, giving, context, lambda: now[0])

        def turn() -> None:
            while not ended.is_set():
                loop.turn(0.02)

        thread = threading.Thread(target=turn)
        thread.start()
        try:
            yield Scene(loop, listener.getsockname(), taking, trust, now)
        finally:
            ended.set()
            thread.join(10)
            loop.close()


def until(condition: Callable[[], bool]) -> None:
    """Wait for the loop's next turn but some. Fails after ten seconds."""
    never, deadline = threading.Event(), time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        never.wait(0.01)


def to_the_end(stream: socket.socket) -> bytes:
    """All that comes until the other side half-closes."""
    return b"".join(iter(lambda: stream.recv(65536), b""))


def test_megabytes_both_ways_at_once(made: Shop) -> None:
    """What the portal sends without reading first, and what the client sends, arrive whole."""
    there, back = (random.Random(seed).randbytes(3_000_000) for seed in (1, 2))
    with played(made) as scene, scene.connect() as client:
        stream = scene.taken()

        def portal() -> None:
            with stream, stream.makefile("rb") as reader:
                stream.sendall(back)
                heard.append(reader.read(len(there)))

        heard: list[bytes] = []
        thread = threading.Thread(target=portal)
        thread.start()
        assert converse(client, there) == back
        thread.join(10)
        assert heard == [there]


def test_the_end_is_passed_on(made: Shop) -> None:
    """The client's close is the portal's end of stream, the portal's is close_notify and FIN."""
    with played(made) as scene:
        with scene.connect() as client, scene.taken() as stream:
            client.sendall(b"bye")
            # Without close_notify, as impatient clients do.
            client.shutdown(socket.SHUT_WR)
            assert to_the_end(stream) == b"bye"
        with scene.connect() as client, scene.taken() as stream:
            stream.sendall(b"bye")
            stream.close()
            assert to_the_end(client) == b"bye"


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00\x01"])
def test_a_handshake_has_its_time(made: Shop, said: bytes) -> None:
    """Who does not finish it in time is let go, however long ago the last byte came."""
    with played(made) as scene, scene.knock() as client, scene.connect():
        client.sendall(said)
        scene.now[0] = PATIENCE - 1
        with scene.connect():
            scene.now[0] = PATIENCE
            assert client.recv(100) == b""


def test_a_client_that_does_not_close_is_left(made: Shop) -> None:
    """Behind the portal's last word it has a moment, then the connection is gone."""
    with played(made) as scene, scene.connect() as client:
        scene.taken().close()
        assert client.recv(100) == b""
        assert len(scene.relay) == 1
        scene.now[0] = LINGER
        until(lambda: len(scene.relay) == 0)


def test_the_oldest_makes_room(made: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all places are taken, a newcomer gets that of who has kept us waiting longest."""
    monkeypatch.setattr(relay, "PAIRS_MOST", 2)
    with played(made) as scene, scene.knock() as first:
        # Met before the next one is.
        first.sendall(b"\x16\x03\x01")
        with scene.connect(), scene.connect():
            assert first.recv(100) == b""


def test_a_portal_that_takes_nobody(made: Shop) -> None:
    """Who cannot be handed over is let go at once, and the loop goes on."""
    with played(made) as scene:
        scene.taking.close()
        # By a broken handshake or, where it was done already, by an end without a word.
        with contextlib.suppress(ssl.SSLError, ConnectionError), scene.connect() as client:
            assert client.recv(100) == b""
        until(lambda: len(scene.relay) == 0)
