"""DNS over TCP on real sockets: order, limits, and nobody waiting for another."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

from dnsd import message as dns
from dnsd.stream import CONNECTIONS, IDLE
from tests.dnsd import running
from tests.dnsd.queries import ASKED, ask, policy

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERY = ask("captive.apple.com")


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@contextlib.contextmanager
def connected(address: running.Address) -> Iterator[socket.socket]:
    """A client's connection."""
    with socket.create_connection(address, running.DEADLINE) as client:
        yield client


def framed(message: bytes) -> bytes:
    """The message as a stream carries it."""
    return len(message).to_bytes(2, "big") + message


def take(client: socket.socket) -> bytes:
    """The next message of a stream; empty at its end."""
    with client.makefile("rb", buffering=0) as stream:
        head = stream.read(2)
        size, octets = int.from_bytes(head or b"", "big"), b""
        while len(octets) < size and (more := stream.read(size - len(octets))):
            octets += more
        return octets


def is_closed(client: socket.socket) -> bool:
    """Whether the other side has ended the connection; waits for it to."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def reply(query: bytes) -> bytes | None:
    """What the policy says to `query` by TCP."""
    return policy().respond(query, "127.0.0.1", stream=True)


def test_answers_a_pipeline_in_order() -> None:
    """Many queries at once, cut anywhere, are answered in their order."""
    octets = b"".join(map(framed, ASKED))
    answers: list[bytes] = []

    with running.thread() as address, connected(address) as client:
        client.sendall(octets[:1])
        sent = 1
        while len(answers) < len(ASKED):
            if sent < len(octets):
                sent += client.send(octets[sent : sent + 1777])
            answers.append(take(client))

    assert answers == [reply(query) for query in ASKED]


def test_answers_before_the_end() -> None:
    """A client that shuts its side after the question still gets the answer, then the end."""
    with running.thread() as address, connected(address) as client:
        client.sendall(framed(QUERY))
        client.shutdown(socket.SHUT_WR)

        assert take(client) == reply(QUERY)
        assert is_closed(client)


@pytest.mark.parametrize("octets", [b"\0\0", framed(b"x" * 11), framed(ask("a", flags=dns.QR))])
def test_ends_with_what_cannot_be_answered(octets: bytes) -> None:
    """An empty frame, half a header, a reply: what came before is answered, then the end."""
    with running.thread() as address, connected(address) as client:
        client.sendall(framed(QUERY) + octets + framed(QUERY))

        assert take(client) == reply(QUERY)
        assert is_closed(client)


def test_takes_the_largest_message() -> None:
    """65,535 octets are one message, malformed as it may be."""
    query = ask("a.b", rest=bytes(65_535))[:65_535]

    with running.thread() as address, connected(address) as client:
        client.sendall(framed(query) + framed(QUERY))

        assert take(client) == dns.failure(query, dns.FORMERR)
        assert take(client) == reply(QUERY)


def test_ends_idle_connections() -> None:
    """Five seconds without a whole query, and it is over, however many octets came."""
    clock = Clock()
    with (
        running.thread(clock=clock) as address,
        connected(address) as silent,
        connected(address) as dribbling,
        connected(address) as asking,
    ):
        for client in (silent, dribbling, asking):
            client.sendall(framed(QUERY))
            assert take(client) == reply(QUERY)
        clock.now += IDLE - 1
        dribbling.sendall(framed(QUERY)[:-1])
        asking.sendall(framed(QUERY))
        assert take(asking) == reply(QUERY)
        clock.now += 1
        running.exchange(address, QUERY)  # any event: the loop looks at its clock

        assert is_closed(silent)
        assert is_closed(dribbling)
        asking.sendall(framed(QUERY))
        assert take(asking) == reply(QUERY)


def test_ends_idle_connections_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop wakes for a deadline although nothing else happens."""
    monkeypatch.setattr("dnsd.stream.IDLE", 0.2)

    with running.thread() as address, connected(address) as silent:
        assert is_closed(silent)


def test_makes_room_for_the_new() -> None:
    """One connection too many takes the place of the one silent longest."""
    with running.thread() as address, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connected(address)) for _ in range(CONNECTIONS)]
        for client in clients[1:]:
            client.sendall(framed(QUERY))
            assert take(client) == reply(QUERY)
        with connected(address) as late:
            late.sendall(framed(QUERY))
            assert take(late) == reply(QUERY)

        assert is_closed(clients[0])
        clients[1].sendall(framed(QUERY))
        assert take(clients[1]) == reply(QUERY)


def test_a_thousand_held_connections_disturb_nobody() -> None:
    """Silent, half-sent and unread connections: UDP and a new connection are answered."""
    with running.thread() as address, contextlib.ExitStack() as stack:
        for number in range(1000):
            client = stack.enter_context(connected(address))
            with contextlib.suppress(ConnectionError):
                client.sendall((b"", b"\xff\xff", framed(QUERY)[:-1], framed(QUERY))[number % 4])
            if number % 100 == 0:
                assert running.exchange(address, QUERY) == policy().respond(QUERY, "")
        with connected(address) as late:
            late.sendall(framed(QUERY))
            assert take(late) == reply(QUERY)


def test_a_client_that_does_not_read_is_not_read() -> None:
    """Answers that nobody takes stop the asking, not the server; taken, it goes on."""
    queries = framed(QUERY) * 100
    with running.thread() as address, connected(address) as greedy:
        sent = 0
        greedy.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            while sent < 64 << 20:
                sent += greedy.send(queries[sent % len(queries) :])
        assert sent < 64 << 20, "the server took 64 MiB of questions without its answers being read"
        assert running.exchange(address, QUERY) == policy().respond(QUERY, "")
        greedy.settimeout(running.DEADLINE)
        for _ in range(1000):
            assert take(greedy) == reply(QUERY)
