"""A demo as a person starts it: `vestibule run --demo` in a process of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import select
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dnslib import DNSRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEADLINE = 60
ROOT = Path(__file__).parents[2]


@dataclass
class Demo:
    """A demo that is ready. `lines` are what it printed, `stderr` the file of its log."""

    process: subprocess.Popen[str]
    state: Path
    stderr: Path
    lines: list[str]

    @property
    def place(self) -> tuple[str, int]:
        """Address and port of the page."""
        url = urlsplit(self.lines[0].split()[2])
        return str(url.hostname), int(url.port or 80)

    @property
    def resolver(self) -> tuple[str, int]:
        """Address and port of the resolver."""
        found = re.search(r"@([0-9.]+) -p ([0-9]+)", "\n".join(self.lines))
        assert found
        return found[1], int(found[2])

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: str = "",
        source: str = "127.0.0.1",
    ) -> tuple[int, dict[str, str], str]:
        """One request, from the address `source` of loopback: status, headers, body."""
        connection = http.client.HTTPConnection(
            *self.place, timeout=DEADLINE, source_address=(source, 0)
        )
        with contextlib.closing(connection):
            connection.request(method, path, body or None, dict(headers or {}))
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read().decode()

    def resolve(self, name: str, source: str = "127.0.0.1") -> str:
        """The address that the resolver answers to a client at `source`."""
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.settimeout(DEADLINE)
            client.bind((source, 0))
            client.connect(self.resolver)
            client.send(DNSRecord.question(name).pack())
            return str(DNSRecord.parse(client.recv(4096)).short())

    def processes(self) -> dict[int, str]:
        """The demo's processes below the supervisor: number and command line."""
        found: dict[int, str] = {}
        new = [self.process.pid]
        while new:
            new = [pid for pid, parent in parents().items() if parent in new]
            found |= {pid: command(pid) for pid in new}
        return found

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ask it to end: its exit status."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)


def parents() -> dict[int, int]:
    """The parent of each process."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            found[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    return found


def command(pid: int) -> str:
    """The command line of a process, "" once it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def wait_for_end(pid: int) -> None:
    """Until this process, anybody's child, has ended."""
    with contextlib.suppress(ProcessLookupError):
        pidfd = os.pidfd_open(pid)
        try:
            assert select.select([pidfd], [], [], DEADLINE)[0], command(pid)
        finally:
            os.close(pidfd)


def start(state: Path, *words: str, stderr: Path) -> subprocess.Popen[str]:
    """Start `vestibule run --demo` on free ports, or on those in `words`."""
    argv = [sys.executable, "-m", "hotspot", "run", "--demo", "--state", str(state)]
    for option in ("--http", "--dns"):
        if option not in words:
            argv += [option, "127.0.0.1:0"]
    with stderr.open("w") as log:
        return subprocess.Popen(
            [*argv, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
        )


@contextlib.contextmanager
def running(folder: Path, *words: str) -> Iterator[Demo]:
    """A demo that has said it is ready; ended, one way or the other, with the block."""
    stderr = folder / "stderr"
    process = start(folder / "state", *words, stderr=stderr)
    assert process.stdout
    try:
        assert select.select([process.stdout], [], [], DEADLINE)[0]
        lines = [process.stdout.readline().rstrip("\n")]
        assert lines[0].startswith("vestibule ready: "), stderr.read_text()
        while not lines[-1].endswith("Ctrl-C"):
            lines.append(process.stdout.readline().rstrip("\n"))
        yield Demo(process, folder / "state", stderr, lines)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(DEADLINE)
        process.stdout.close()
