"""The self-test: it passes when the servers answer, and names the one that does not."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import dnsmasq, nftables
from hotspot.checks import selftest
from hotspot.errors import Refused
from hotspot.settings import Network
from tests.certificates import NAME, shop
from tests.hotspot import wire
from tests.hotspot.real import program
from tests.portal.secured import secured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECONDS = 20.0
MOMENT = 0.05
HOST = "127.0.0.1"


@contextlib.contextmanager
def serving(*acts: Callable[[], None]) -> Iterator[None]:
    """Do these beside the test, and see them through."""
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join(SECONDS)


@contextlib.contextmanager
def sockets(port: int) -> Iterator[tuple[socket.socket, socket.socket]]:
    """A UDP and a listening TCP socket on a port."""
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams, socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for bound in (datagrams, listener):
            bound.bind((HOST, port))
            bound.settimeout(SECONDS)
        listener.listen()
        yield datagrams, listener


def answer(query: bytes, flags: int = 0x8180, records: int = 1) -> bytes:
    """A DNS answer to a query."""
    record = b"\xc0\x0c" + struct.pack("!HHIH4s", 1, 1, 10, 4, bytes([100, 64, 64, 1]))
    head = query[:2] + struct.pack("!HHHHH", flags, 1, records, 0, 0)
    return head + query[12:] + record * records


def one_datagram(server: socket.socket, **given: int) -> None:
    """Answer one query by UDP."""
    query, client = server.recvfrom(512)
    server.sendto(answer(query, **given), client)


def one_stream(listener: socket.socket) -> None:
    """Answer one query by TCP, in pieces."""
    connection, _ = listener.accept()
    with connection:
        length = int.from_bytes(connection.recv(2), "big")
        reply = answer(connection.recv(length))
        for piece in (len(reply).to_bytes(2, "big"), reply[:5], reply[5:]):
            connection.sendall(piece)


def test_dns(free_port: int) -> None:
    """A resolver that answers by UDP and by TCP passes."""
    with (
        sockets(free_port) as (datagrams, listener),
        serving(lambda: one_datagram(datagrams), lambda: one_stream(listener)),
    ):
        selftest.dns(HOST, free_port, SECONDS)


def test_dns_by_tcp_alone_is_missed(free_port: int) -> None:
    """A resolver without TCP fails: phones fall back to it."""
    with sockets(free_port) as (datagrams, listener):
        listener.close()
        with (
            serving(lambda: one_datagram(datagrams)),
            pytest.raises(Refused, match=f"DNS by TCP on {HOST}:{free_port} does not work"),
        ):
            selftest.dns(HOST, free_port, 1)


WRONG: list[dict[str, int]] = [
    {"flags": 0x8182},  # SERVFAIL
    {"flags": 0x8185},  # REFUSED
    {"flags": 0x0100},  # our own query
    {"records": 0},  # NODATA
]


@pytest.mark.parametrize("given", WRONG)
def test_a_wrong_answer_is_none(free_port: int, given: dict[str, int]) -> None:
    """What an Apple device would not take for an answer, we do not either."""
    with (
        sockets(free_port) as (datagrams, _),
        serving(lambda: one_datagram(datagrams, **given)),
        pytest.raises(Refused, match="DNS by UDP"),
    ):
        selftest.dns(HOST, free_port, 0.5)


def test_nobody_there(free_port: int) -> None:
    """Each refusal names the service, the place and what the kernel said."""
    with pytest.raises(Refused, match=f"DNS by UDP on {HOST}:{free_port} .*refused"):
        selftest.dns(HOST, free_port, MOMENT)
    with pytest.raises(Refused, match=f"HTTP on {HOST}:{free_port} .*refused"):
        selftest.http(HOST, free_port, MOMENT)


def test_silence(free_port: int) -> None:
    """A server that hangs is not waited for beyond the time given."""
    with sockets(free_port):
        with pytest.raises(Refused, match=r"DNS by UDP .*no answer"):
            selftest.dns(HOST, free_port, MOMENT)
        with pytest.raises(Refused, match=r"HTTP .*no answer"):
            selftest.http(HOST, free_port, MOMENT)


REPLIES = [
    (b"HTTP/1.1 302 Found\r\nContent-Length: 2\r\n\r\nhi", True),
    (b"HTTP/1.1 200 OK\r\n\r\n", True),
    (b"HTTP/1.1 500 Internal Server Error\r\n\r\n", False),
    (b"HTTP/1.1 404 Not Found\r\n\r\n", False),
    (b"SSH-2.0-OpenSSH\r\n", False),
    (b"", False),
]


@pytest.mark.parametrize(("reply", "passes"), REPLIES)
def test_http(free_port: int, reply: bytes, passes: bool) -> None:  # noqa: FBT001 - a table
    """A portal that answers a phone's probe passes; an error page does not."""

    def once() -> None:
        connection, _ = listener.accept()
        with connection:
            request = connection.recv(4096)
            assert request.startswith(b"GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck")
            connection.sendall(reply)

    with sockets(free_port) as (_, listener), serving(once):
        if passes:
            selftest.http(HOST, free_port, SECONDS)
        else:
            with pytest.raises(Refused, match="HTTP"):
                selftest.http(HOST, free_port, 0.5)


def test_a_server_that_is_still_starting(free_port: int) -> None:
    """Refused at first, then answered: it passes."""

    def late() -> None:
        with sockets(free_port) as (_, listener):
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 302 Found\r\n\r\n")

    later = threading.Timer(0.2, late)
    later.start()
    selftest.http(HOST, free_port, SECONDS)
    later.join(SECONDS)


# --- DHCP ----------------------------------------------------------------------------------------


def test_the_question() -> None:
    """A DHCPINFORM of a client that has its address (RFC 2131 4.4.3), 300 bytes or more."""
    message = selftest.inform(b"\1\2\3\4", "100.64.64.1")

    assert len(message) == 300
    assert message[:8] == bytes([1, 1, 6, 0, 1, 2, 3, 4])
    assert message[12:16] == bytes([100, 64, 64, 1])
    assert message[28] & 0b11 == 0b10  # locally administered, not a group
    assert message[236:240] == b"\x63\x82\x53\x63"
    assert message[240:243] == bytes([53, 1, 8])


ACK = bytes([2, 1, 6, 0, 1, 2, 3, 4]) + b"\0" * 228 + b"\x63\x82\x53\x63"
OPTIONS = [
    (bytes([53, 1, 5, 255]), True),
    (bytes([0, 0, 54, 4, 1, 2, 3, 4, 53, 1, 5, 255]), True),
    (bytes([53, 1, 6, 255]), False),
    (bytes([255, 53, 1, 5]), False),
    (bytes([53]), False),
    (b"", False),
]


@pytest.mark.parametrize(("options", "is_ack"), OPTIONS)
def test_the_answer(options: bytes, is_ack: bool) -> None:  # noqa: FBT001 - a table
    """An acknowledgement of our own question, wherever its type stands among the options."""
    assert selftest.is_ack(b"\1\2\3\4", ACK + options) is is_ack
    assert not selftest.is_ack(b"\1\2\3\5", ACK + options)
    assert not selftest.is_ack(b"\1\2\3\4", b"\1" + ACK[1:] + options)


@given(st.binary(max_size=400))
def test_any_bytes_are_an_answer(options: bytes) -> None:
    """Nothing raises, whatever a DHCP server sends."""
    assert selftest.is_ack(b"\1\2\3\4", ACK + options) in {True, False}
    assert not selftest.is_ack(b"\1\2\3\4", options[:100])


@pytest.fixture
def host() -> Iterator[wire.Machine]:
    """An access point's machine: address, firewall, and an interface without a carrier."""
    with wire.machines("host", "far") as (host, far):
        peer = ["peer", "name", "w1", "netns", far.name]
        host.run("ip", "link", "add", "w0", "type", "veth", *peer)
        host.run("ip", "link", "set", "w0", "up")
        host.run("ip", "address", "add", str(Network().address), "dev", "w0")
        host.run("nft", "-f", "-", text=nftables.render("w0", Network().address))
        yield host


@pytest.mark.netns
def test_the_real_dnsmasq_without_a_carrier(host: wire.Machine, tmp_path: Path) -> None:
    """dnsmasq with our configuration answers before there is any carrier, and leases nothing."""
    runtime = tmp_path / "run"
    runtime.mkdir()
    # It drops root, and what pytest makes is for one user only.
    for folder in (runtime, *runtime.parents[:-1]):
        if folder.stat().st_uid == os.getuid() and folder.is_relative_to("/tmp"):  # noqa: S108 - where pytest puts it
            folder.chmod(0o755)
    (runtime / "conf").write_text(dnsmasq.render(Network(), interface="w0", runtime=str(runtime)))
    argv = [*host.inside_argv(), program("dnsmasq"), f"--conf-file={runtime}/conf"]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as server, host.inside():
        try:
            selftest.dhcp("100.64.64.1", "w0", SECONDS)
        finally:
            server.terminate()
    assert (runtime / dnsmasq.LEASES).read_text() == ""


@pytest.mark.netns
def test_no_dhcp_server(host: wire.Machine) -> None:
    """Nobody on port 67: said by name."""
    with host.inside(), pytest.raises(Refused, match=r"DHCP on w0 \(100.64.64.1:67\)"):
        selftest.dhcp("100.64.64.1", "w0", MOMENT)


@pytest.mark.netns
def test_servers_that_keep_to_the_interface_are_reached(host: wire.Machine) -> None:
    """Sockets bound to the access point's interface see us come in by it."""
    with host.inside(), socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"w0")
        listener.bind(("100.64.64.1", 80))
        listener.listen()
        listener.settimeout(SECONDS)

        def once() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 302 Found\r\n\r\n")

        with serving(once):
            selftest.http("100.64.64.1", 80, SECONDS)


def test_tls(tmp_path: Path) -> None:
    """The real portal under TLS passes by its name, and by no other name."""
    made = shop(tmp_path)
    with secured(tmp_path, made) as both:
        selftest.tls(*both.address, NAME, 20)
        with pytest.raises(Refused, match=r"https://other.example/ on .* does not work"):
            selftest.tls(*both.address, "other.example", 0.5)


def test_tls_that_is_another_server(tmp_path: Path) -> None:
    """A page is not the API: a web server that answers 200 to everything does not pass."""
    made = shop(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.site.certificate, made.site.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def pages() -> None:
            # Until nobody has come for a second.
            listener.settimeout(1)
            with contextlib.suppress(TimeoutError):
                while True:
                    raw, _ = listener.accept()
                    raw.settimeout(SECONDS)
                    with raw, context.wrap_socket(raw, server_side=True) as client:
                        client.recv(4096)
                        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

        with serving(pages), pytest.raises(Refused, match="not the answer it should be"):
            selftest.tls(HOST, listener.getsockname()[1], NAME, 0.4)
