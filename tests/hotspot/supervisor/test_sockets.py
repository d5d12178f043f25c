"""Sockets are bound once, where they belong, or refused with the name of who is there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hotspot.errors import Refused
from hotspot.supervisor import sockets

ME = f"{Path('/proc/self/comm').read_text().strip()} (pid {os.getpid()})"
HERE = sockets.Place("127.0.0.1", "", "try --http 127.0.0.1:PORT")


def test_a_taken_port_names_its_holder(free_port: int) -> None:
    """The refusal says which port, who holds it, and the remedy."""
    with socket.create_server(("127.0.0.1", free_port)), pytest.raises(Refused) as refusal:
        HERE.listen(free_port)
    assert str(refusal.value) == (
        f"TCP port {free_port} on 127.0.0.1 is taken by {ME}: try --http 127.0.0.1:PORT"
    )
    assert refusal.value.status == 1


@pytest.mark.parametrize("taken", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_resolver_needs_both(free_port: int, taken: socket.SocketKind) -> None:
    """One of the two taken is enough for a refusal, and nothing stays bound."""
    with socket.socket(type=taken) as other:
        other.bind(("127.0.0.1", free_port))
        if taken is socket.SOCK_STREAM:
            other.listen()
        with pytest.raises(Refused, match=r"^(TCP|UDP) port .* is taken by "):
            HERE.resolver(free_port)
    for bound in HERE.resolver(free_port):
        bound.close()


def test_an_address_that_is_not_ours() -> None:
    """An address no interface has is refused with the kernel's reason."""
    with pytest.raises(Refused) as refusal:
        sockets.Place("192.0.2.1", "", "use another").listen(8080)
    expected = "TCP port 8080 on 192.0.2.1 cannot be used (Cannot assign requested address)"
    assert str(refusal.value) == f"{expected}: use another"


def test_port_0_is_the_same_for_udp_and_tcp() -> None:
    """The kernel's choice for UDP is had for TCP too."""
    datagrams, listener = HERE.resolver(0)
    with datagrams, listener:
        assert datagrams.getsockname() == listener.getsockname()
        assert datagrams.getsockname()[1] > 0


def test_a_doorbell_replaces_the_one_before(tmp_path: Path) -> None:
    """A socket left behind by a killed run is no obstacle, and rings are taken all at once."""
    path = str(tmp_path / "deliver.sock")
    sockets.doorbell(path).close()
    with sockets.doorbell(path) as bell, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hand:
        for _ in range(5):
            hand.sendto(b"\0", path)
        sockets.silence(bell)
        with pytest.raises(BlockingIOError):
            bell.recv(1, socket.MSG_DONTWAIT)
        assert os.get_blocking(bell.fileno())


def test_a_doorbell_that_cannot_hang(tmp_path: Path) -> None:
    """A path no socket can have is refused with the reason."""
    path = str(tmp_path / ("x" * 120) / "deliver.sock")
    with pytest.raises(Refused) as refusal:
        sockets.doorbell(path)
    why = "AF_UNIX path too long"
    assert str(refusal.value) == f"{path} cannot be made ({why}): choose another --runtime"


def test_a_desk_is_for_owner_and_group(tmp_path: Path) -> None:
    """It listens in the place of one left behind, whatever the umask; others cannot connect."""
    path = tmp_path / "radio.sock"
    before = os.umask(0)
    try:
        sockets.desk(str(path)).close()
        with sockets.desk(str(path)) as desk, socket.socket(socket.AF_UNIX) as asking:
            assert path.stat().st_mode & 0o777 == 0o660
            # Nobody has accepted yet, and who asks may come already.
            asking.connect(str(path))
            assert desk.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    finally:
        os.umask(before)


BOUND_TO_DEVICE = """
import socket, subprocess
from hotspot.supervisor.sockets import Place
for words in ("link set lo up", "link add ap0 type veth peer name ph0",
              "address add 100.64.64.1/22 dev ap0", "link set ap0 up", "link set ph0 up"):
    subprocess.run(["ip", *words.split()], check=True)
listener = Place("100.64.64.1", "ap0", "").listen(80)
# Our own self-test reaches it, over the loopback path.
socket.create_connection(("100.64.64.1", 80), 5).close()
assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16) == b"ap0\\0"
try:
    Place("100.64.64.1", "wlan9", "plug it in").listen(81)
except Exception as refusal:
    print(refusal)
"""


@pytest.mark.netns
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_socket_stays_on_its_interface() -> None:
    """Bound to the access point's interface it is still reached by our own self-test."""
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", BOUND_TO_DEVICE],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    expected = "TCP port 81 on 100.64.64.1 cannot be used (No such device): plug it in\n"
    assert done.stdout == expected
