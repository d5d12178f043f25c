"""The self-test of DHCP: its question, what counts as an answer, and the real dnsmasq."""

from __future__ import annotations

import os
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import dnsmasq, nftables
from hotspot.checks import selftest
from hotspot.errors import Refused
from hotspot.settings import Network
from tests.hotspot import wire
from tests.hotspot.checks.answering import MOMENT, SECONDS, serving
from tests.hotspot.real import program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
