"""Two or three machines on wires: network namespaces joined by veth pairs, gone at the end."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hotspot.real import program

if TYPE_CHECKING:
    from collections.abc import Iterator

CLONE_NEWNET = 0x40000000


@dataclass(frozen=True)
class Machine:
    """One network namespace."""

    name: str

    def run(self, *argv: str, text: str | None = None) -> str:
        """Run a program inside; its output, or CalledProcessError."""
        done = subprocess.run(
            [*self.inside_argv(), program(argv[0]), *argv[1:]],
            input=text, capture_output=True, text=True, timeout=20, check=True,
        )  # fmt: skip
        return done.stdout

    def inside_argv(self) -> list[str]:
        """What stands before the argv of a program to run inside."""
        return [program("ip"), "netns", "exec", self.name]

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Sockets this thread makes meanwhile belong to this machine, for as long as they live."""
        libc = ctypes.CDLL(None, use_errno=True)
        with (
            open("/proc/thread-self/ns/net", "rb") as outside,  # noqa: PTH123 - a descriptor
            open(f"/run/netns/{self.name}", "rb") as mine,  # noqa: PTH123 - see above
        ):
            assert libc.setns(mine.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(outside.fileno(), CLONE_NEWNET) == 0

    def sysctl(self, path: str, value: str | None = None) -> str:
        """Set a value below /proc/sys/net for this machine, or read it."""
        file = Path("/proc/sys/net") / path
        with self.inside():
            if value is not None:
                file.write_text(value)
            return file.read_text().strip()


@contextmanager
def machines(*names: str) -> Iterator[list[Machine]]:
    """New machines without any link but a loopback that is up."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    made = [Machine(f"vt{os.getpid()}-{name}") for name in names]
    with contextlib.ExitStack() as undo:
        for machine in made:
            subprocess.run([program("ip"), "netns", "add", machine.name], check=True)
            undo.callback(
                subprocess.run, [program("ip"), "netns", "delete", machine.name], check=True
            )
            machine.run("ip", "link", "set", "lo", "up")
        yield made


def connect(one: Machine, one_link: str, other: Machine, other_link: str) -> None:
    """A wire between two machines, up at both ends."""
    one.run(
        "ip", "link", "add", one_link, "type", "veth",
        "peer", "name", other_link, "netns", other.name,
    )  # fmt: skip
    one.run("ip", "link", "set", one_link, "up")
    other.run("ip", "link", "set", other_link, "up")


def address(machine: Machine, link: str, cidr: str) -> None:
    """Give a link an address that is usable at once."""
    nodad = ["nodad"] if ":" in cidr else []
    machine.run("ip", "address", "add", cidr, "dev", link, *nodad)
