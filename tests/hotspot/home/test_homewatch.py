"""Whether the machine is on a network: the kernel's files, and being rung."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.home import homewatch
from hotspot.home.homewatch import Homewatch, is_on_a_network
from hotspot.supervisor.loop import Loop
from tests.hotspot import wire

ROOT = Path(__file__).parents[3]
HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
# A machine on 192.168.1.0/24, as Linux 6.1 on x86-64 writes it.
GATEWAY = "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
NETWORK = "wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n"
OTHER = NETWORK.replace("wlan0", "eth0")
SELF_MADE = "wlan0\t0000FEA9\t00000000\t0001\t0\t0\t1000\t0000FFFF\t0\t0\t0\n"
REST_6 = f"{'0' * 32} 00 {'0' * 32} 00000100 00000001 00000000 00000001    wlan0\n"
GLOBAL_6 = f"20010db8{'0' * 24} 40 {REST_6}"
HOST_6 = GLOBAL_6.replace(" 40 ", " 80 ", 1)
LINK_6 = f"fe80{'0' * 28} 40 {REST_6}"


def machine(root: Path, state: str, routes: str = "", routes_6: str = "", carrier: str = "") -> str:
    """The files of a machine, and where they are."""
    link = root / "sys/class/net/wlan0"
    link.mkdir(parents=True)
    (link / "operstate").write_text(f"{state}\n")
    (link / "carrier").write_text(f"{carrier}\n")
    (root / "proc/net").mkdir(parents=True)
    (root / "proc/net/route").write_text(HEAD + routes)
    (root / "proc/net/ipv6_route").write_text(routes_6)
    return str(root)


@pytest.mark.parametrize(
    ("state", "carrier", "routes", "routes_6", "home"),
    [
        ("up", "1", OTHER + GATEWAY + NETWORK, "", True),
        # A network without a gateway is one, too.
        ("up", "1", NETWORK, "", True),
        # Associated and not through the handshake; gone, with what was left; not there at all.
        ("dormant", "1", GATEWAY + NETWORK, "", False),
        ("down", "0", GATEWAY + NETWORK, "", False),
        ("up", "1", OTHER, "", False),
        ("up", "1", "", "", False),
        ("up", "1", SELF_MADE, LINK_6, False),
        # A driver that says nothing of its state.
        ("unknown", "1", NETWORK, "", True),
        ("unknown", "0", NETWORK, "", False),
    ],
)
def test_on_a_network(
    tmp_path: Path,
    state: str,
    carrier: str,
    routes: str,
    routes_6: str,
    home: bool,  # noqa: FBT001 - a table
) -> None:
    """The link works, and a route over it leads somewhere."""
    root = machine(tmp_path, state, routes, routes_6, carrier)

    assert is_on_a_network("wlan0", root) is home


def test_on_a_network_of_ipv6(tmp_path: Path) -> None:
    """A home without IPv4 is a home; what every link has by itself is none."""
    assert is_on_a_network("wlan0", machine(tmp_path / "a", "up", "", LINK_6 + GLOBAL_6))
    assert not is_on_a_network("wlan0", machine(tmp_path / "b", "up", "", LINK_6 + HOST_6))


def test_no_such_interface(tmp_path: Path) -> None:
    """An adapter that was pulled is on no network."""
    assert not is_on_a_network("wlan0", str(tmp_path))


@given(st.text("0123456789abcdefwlan \t\n", max_size=300))
def test_any_lines_are_an_answer(text: str) -> None:
    """Short lines, odd words: no exception, but for a flag that is no number there is no line."""
    for line in text.splitlines():
        words = line.split()
        if len(words) < 4:
            assert not homewatch._leads(line, "wlan0")
        if len(words) < 10:
            assert not homewatch._leads_6(line, "wlan0")


# Tells what it sees, line by line, until its input ends.
WATCHER = """
import sys
from hotspot.home.homewatch import Homewatch
from hotspot.supervisor.loop import Loop

loop = Loop()
watch = Homewatch(loop, lambda home: print(home, flush=True))
watch.begin("w0")
ended = []
loop.watch(0, lambda: ended.append(True))
while not ended:
    loop.turn()
watch.end()
loop.close()
"""


@pytest.mark.netns
def test_the_kernel_rings() -> None:
    """An address that comes and goes is told, each once; the link that goes takes it along."""
    with wire.machines("host", "far") as (host, far):
        wire.connect(host, "w0", far, "w1")
        argv = [*host.inside_argv(), sys.executable, "-c", WATCHER]
        with subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as watcher:
            assert watcher.stdout is not None
            assert watcher.stdin is not None
            assert watcher.stdout.readline() == "False\n"
            wire.address(host, "w0", "192.0.2.2/24")
            assert watcher.stdout.readline() == "True\n"
            # Another one beside it changes nothing.
            wire.address(host, "w0", "198.51.100.2/24")
            far.run("ip", "link", "set", "w1", "down")
            assert watcher.stdout.readline() == "False\n"
            watcher.stdin.close()
            assert watcher.stdout.read() == ""


def test_more_news_than_the_socket_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel then says ENOBUFS instead, and that is a ring, too."""
    told: list[bool] = []
    loop = Loop()
    watch = Homewatch(loop, told.append)
    watch.begin("no-such-one")
    assert watch.watching
    coming = [OSError(errno.ENOBUFS, "full")]

    class Full:
        def recv(self, _size: int) -> bytes:
            raise coming.pop()

    bell = watch._bell
    assert bell
    kernel = bell._kernel
    monkeypatch.setattr(bell, "_kernel", Full())
    monkeypatch.setattr(homewatch, "is_on_a_network", lambda _: True)
    bell._heard()
    monkeypatch.setattr(bell, "_kernel", kernel)
    watch.end()
    loop.close()

    assert told == [False, True]
    assert not watch.watching
