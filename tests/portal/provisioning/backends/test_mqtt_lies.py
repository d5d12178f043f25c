"""The backend `mqtt` against brokers that lie: scripted, octet by octet (MQTT 5.0)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from portal.provisioning.backend import Delivered, Outcome, Rejected, Retry
from portal.provisioning.backends.mqtt import MqttBackend
from tests.portal.provisioning.backends.servers import accepting
from tests.portal.provisioning.fakes import a_record

CONNACK = bytes([0x20, 3, 0, 0, 0])
PINGRESP = bytes([0xD0, 0])


def puback(packet: int, code: int = 0) -> bytes:
    """The acknowledgement of a packet."""
    return bytes([0x40, 4]) + packet.to_bytes(2, "big") + bytes([code, 0])


class Link:
    """The broker's side of one connection."""

    def __init__(self, link: socket.socket) -> None:
        self.send = link.sendall
        self._file = link.makefile("rb")

    def packet(self) -> tuple[int, bytes]:
        """The next packet: its type, and what follows its length."""
        kind = self._octets(1)[0]
        length = shift = 0
        while True:
            octet = self._octets(1)[0]
            length |= (octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                return kind >> 4, self._octets(length)

    def publish(self) -> int:
        """The number of the next PUBLISH."""
        kind, rest = self.packet()
        assert kind == 3
        topic = int.from_bytes(rest[:2], "big")
        return int.from_bytes(rest[2 + topic : 4 + topic], "big")

    def _octets(self, count: int) -> bytes:
        found = self._file.read(count)
        if len(found) < count:
            raise ConnectionError
        return found

    def close(self) -> None:
        """Let go of the descriptor."""
        self._file.close()


@contextmanager
def lying(script: Callable[[Link], None]) -> Iterator[int]:
    """The port of a broker that does as its script says, with each connection anew."""

    def meet(accepted: socket.socket) -> None:
        with closing(Link(accepted)) as link:
            script(link)

    with accepting(meet) as port:
        yield port


def delivered(script: Callable[[Link], None], *, times: int = 1) -> list[Outcome]:
    """What comes of so many records, one after the other."""
    with lying(script) as port:
        given = {"host": "127.0.0.1", "port": port, "tls": False, "timeout": 1}
        with closing(MqttBackend(given, "/nowhere")) as backend:
            return [backend.apply(a_record()) for _ in range(times)]


def welcome(link: Link) -> None:
    """Let the client in."""
    link.packet()
    link.send(CONNACK)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(0x00, Delivered), (0x10, Retry), (0x80, Retry), (0x87, Retry), (0x90, Rejected),
     (0x97, Retry), (0x99, Rejected)],
)  # fmt: skip
def test_codes_on_the_wire(code: int, kind: type) -> None:
    """Each code of an acknowledgement has its outcome."""

    def script(link: Link) -> None:
        welcome(link)
        link.send(puback(link.publish(), code))
        link.packet()

    (outcome,) = delivered(script)
    assert type(outcome) is kind


def test_acknowledged_twice() -> None:
    """The second acknowledgement of a message is not taken for the next one's."""

    def script(link: Link) -> None:
        welcome(link)
        first = link.publish()
        link.send(puback(first) * 2)
        link.publish()
        link.send(puback(first))
        link.packet()

    first, second = delivered(script, times=2)
    assert first == Delivered()
    assert isinstance(second, Retry)


def test_somebody_elses_acknowledgement() -> None:
    """A number nobody has used acknowledges nothing."""

    def script(link: Link) -> None:
        welcome(link)
        link.send(puback(link.publish() + 77))
        link.packet()

    (outcome,) = delivered(script)
    assert outcome == Retry(None, "no answer within 1 s")


def test_gone_after_the_message() -> None:
    """A connection that ends before the acknowledgement leaves the record with us."""

    def script(link: Link) -> None:
        welcome(link)
        link.publish()

    (outcome,) = delivered(script)
    assert isinstance(outcome, Retry)
    assert not outcome.whole


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        bytes([0x20, 3, 0, 0x86, 0]),  # bad user name or password
        bytes([0x20, 3, 0, 0x88, 0]),  # server unavailable
        bytes([0x20, 0xFF, 0xFF, 0xFF, 0xFF]),  # a length that cannot be
        bytes([0xE0, 2, 0x8B, 0]),  # DISCONNECT: shutting down
        b"",
    ],
)
def test_not_let_in(answer: bytes) -> None:
    """Whatever comes instead of a welcome, nothing of the record has left."""

    def script(link: Link) -> None:
        link.packet()
        link.send(answer)

    (outcome,) = delivered(script)
    assert isinstance(outcome, Retry)
    assert outcome.whole


def test_one_octet_at_a_time() -> None:
    """A welcome that never ends is left at the deadline."""
    left = threading.Event()

    def script(link: Link) -> None:
        link.packet()
        try:
            for octet in bytes([0x20, 0x7F, 0, 0, 0x7C]) + bytes(100):
                link.send(bytes([octet]))
                left.wait(0.1)
        except OSError:
            left.set()
            raise

    (outcome,) = delivered(script)
    assert outcome == Retry(None, "no answer within 1 s", whole=True)
    assert left.wait(20)
