"""The resolver, running: as a thread of this process, or as a process of its own."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from dnsd.server import Server
from tests.dnsd.queries import policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dnsd.answer import Policy

ROOT = Path(__file__).parent.parent.parent
DEADLINE = 10.0  # seconds
Address = tuple[str, int]


def bound() -> tuple[socket.socket, socket.socket]:
    """A UDP socket and a TCP listener on one free port of the loopback."""
    tcp = socket.socket()
    tcp.bind(("127.0.0.1", 0))
    tcp.listen()
    udp = socket.socket(type=socket.SOCK_DGRAM)
    udp.bind(tcp.getsockname())
    return udp, tcp


@contextlib.contextmanager
def thread(
    mind: Policy | None = None,
    *,
    batches: bool | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Address]:
    """A server in a thread; gives its address."""
    udp, tcp = bound()
    address: Address = udp.getsockname()
    server = Server(udp, tcp, mind or policy(), batches=batches, clock=clock)
    is_over = threading.Event()

    def run() -> None:
        while not is_over.is_set():
            server.turn()

    runner = threading.Thread(target=run)
    runner.start()
    try:
        yield address
    finally:
        is_over.set()
        with socket.socket(type=socket.SOCK_DGRAM) as poke:
            poke.sendto(b"", address)
        runner.join(DEADLINE)
        server.close()


@contextlib.contextmanager
def process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], Address]]:
    """`python -m dnsd` on a free port of the loopback; gives it and its address."""
    command = [sys.executable, "-m", "dnsd", "--answer", "100.64.64.1", "--bind", "127.0.0.1:0"]
    child = subprocess.Popen(
        [*command, *arguments], stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    )
    assert child.stderr
    try:
        yield child, said(child)
    finally:
        child.kill()
        child.wait(DEADLINE)
        child.stderr.close()


def said(child: subprocess.Popen[str]) -> Address:
    """The address in the line that `child` prints when it answers."""
    assert child.stderr
    assert select.select([child.stderr], [], [], DEADLINE)[0], "said nothing within 10 s"
    line = child.stderr.readline()
    assert " on 127.0.0.1:" in line, line
    return "127.0.0.1", int(line.partition(" on 127.0.0.1:")[2].partition(",")[0])


def environment(**more: str) -> dict[str, str]:
    """The environment of this process, without what systemd may have told it."""
    ours = {"LISTEN_FDS", "LISTEN_PID", "NOTIFY_SOCKET"}
    return {name: value for name, value in os.environ.items() if name not in ours} | more


def exchange(address: Address, query: bytes) -> bytes:
    """Ask `query` by UDP and wait for an answer."""
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(DEADLINE)
        client.connect(address)
        client.send(query)
        return client.recv(65535)


def memory(pid: int) -> float:
    """The MiB of a process's private and anonymous pages (RssAnon of proc(5))."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no RssAnon")
