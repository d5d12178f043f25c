"""The loop on real sockets: UDP both ways, bursts, and a policy that fails."""

from __future__ import annotations

import socket

import pytest

from dnsd import batch
from dnsd import message as dns
from dnsd.answer import Policy
from dnsd.names import Names
from dnsd.server import RECEIVE_BUFFER, Server
from tests.dnsd import running
from tests.dnsd.mutate import mutations
from tests.dnsd.queries import ASKED, NAMES, ODD, PORTAL, TTL, ask, policy

SO_RCVBUFFORCE = 33  # asm-generic/socket.h
BOTH = pytest.mark.parametrize("batches", [True, False], ids=["batch", "plain"])


def converse(address: running.Address, queries: list[bytes]) -> list[bytes]:
    """Send each of `queries` and take its answer, or none, in order."""
    end = ask("the-end.example")
    answers = []
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(running.DEADLINE)
        client.connect(address)
        for query in queries:
            client.send(query)
            client.send(end)
            answer = client.recv(65535)
            if answer[12:] != policy().respond(end, "")[12:]:  # type: ignore[index]
                answers.append(answer)
                client.recv(65535)
            else:
                answers.append(b"")
    return answers


@BOTH
def test_answers_are_the_policys(batches: bool) -> None:  # noqa: FBT001 - parametrized
    """Through sockets, in batches or one by one: the policy's answers octet for octet."""
    queries = [*ASKED[::7], *ODD, *mutations(2000, seed=7)]
    queries = [query for query in queries if len(query) <= 1400]

    with running.thread(batches=batches) as address:
        answers = converse(address, queries)

    assert answers == [policy().respond(query, "127.0.0.1") or b"" for query in queries]


@BOTH
def test_too_long_for_a_slot(batches: bool) -> None:  # noqa: FBT001 - parametrized
    """A datagram larger than a slot is FORMERR, not a crash and not its neighbour's."""
    query = ask("a.b", rest=bytes(9000))

    with running.thread(batches=batches) as address:
        assert running.exchange(address, query) == dns.failure(query, dns.FORMERR)
        assert running.exchange(address, ask("a.b")) == policy().respond(ask("a.b"), "")


@BOTH
def test_the_state_follows_the_client(batches: bool) -> None:  # noqa: FBT001 - parametrized
    """dns.msftncsi.com is answered by the address that asks."""
    query = ask("dns.msftncsi.com")
    with running.thread(policy(released="127.0.0.9"), batches=batches) as address:
        answers = {}
        for client in ("127.0.0.8", "127.0.0.9"):
            with socket.socket(type=socket.SOCK_DGRAM) as sock:
                sock.settimeout(running.DEADLINE)
                sock.bind((client, 0))
                sock.sendto(query, address)
                answers[client] = sock.recv(512)[-4:]

    assert answers == {"127.0.0.8": PORTAL, "127.0.0.9": b"\x83\x6b\xff\xff"}


@BOTH
def test_a_burst_is_answered(batches: bool) -> None:  # noqa: FBT001 - parametrized
    """4,000 queries that arrive before the first is read are all answered."""
    udp, tcp = running.bound()
    address = udp.getsockname()
    server = Server(udp, tcp, policy(), batches=batches)
    if udp.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) < RECEIVE_BUFFER:
        server.close()
        pytest.skip("the receive buffer cannot be raised: needs CAP_NET_ADMIN or a larger rmem_max")
    seen: list[int] = []
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        client.connect(address)
        for number in range(4000):
            client.send(number.to_bytes(2, "big") + ask(NAMES[number % len(NAMES)])[2:])
        # A turn waits for nothing while there is something, and takes 1,024 at least.
        for _ in range(4):
            server.turn()
            seen += arrived(client)
    server.close()

    assert sorted(seen) == list(range(4000))


def arrived(client: socket.socket) -> list[int]:
    """The ids of the answers that wait."""
    ids = []
    while True:
        try:
            ids.append(int.from_bytes(client.recv(512, socket.MSG_DONTWAIT)[:2], "big"))
        except BlockingIOError:
            return ids


@BOTH
def test_an_unsendable_answer_is_passed_over(batches: bool) -> None:  # noqa: FBT001 - parametrized
    """A reply that the kernel will not send keeps nobody else from theirs."""
    with (
        running.thread(batches=batches) as address,
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as forger,
    ):
        port = address[1].to_bytes(2, "big")
        query = ask("a.b")
        for _ in range(3):
            # From port 0, to which nothing can be sent.
            forger.sendto(
                b"\0\0" + port + (8 + len(query)).to_bytes(2, "big") + b"\0\0" + query, address
            )
        assert running.exchange(address, query) == policy().respond(query, "")


def test_nothing_wrong_with_the_policy_ends_the_loop(capsys: pytest.CaptureFixture[str]) -> None:
    """A bug is SERVFAIL for whom it hit, a line for the first of its kind, and life goes on."""

    def broken(_client: str) -> bool:
        raise RuntimeError("a bug")

    query = ask("dns.msftncsi.com")
    with running.thread(Policy(Names(PORTAL, broken), TTL)) as address:
        for _ in range(3):
            assert running.exchange(address, query) == dns.failure(query, dns.SERVFAIL)
        assert running.exchange(address, ask("a.b"))[3] & 15 == dns.NOERROR

    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["dnsd", "dnsd"]
    assert "failure 1: RuntimeError('a bug')" in lines[0]


def test_batches_where_the_layout_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches on this kind of machine; one by one where it is 32-bit or forbidden."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        assert batch.supported(sock)
        monkeypatch.setattr(batch, "_calls", lambda: (lambda *_: -1, lambda *_: 0))
        assert not batch.supported(sock)
        monkeypatch.undo()
        monkeypatch.setattr("struct.calcsize", lambda _: 4)
        assert not batch.supported(sock)
