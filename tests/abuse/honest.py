"""Honest probes beside a crowd of rude clients: how many are answered, and how soon."""

from __future__ import annotations

import contextlib
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.bench.web import PROBE
from tests.dnsd.running import ROOT

PATIENCE: Final = 3.0  # seconds: about what phones wait before they call a network dead
PACE: Final = 0.02
DEADLINE: Final = 60.0
Address = tuple[str, int]


@dataclass
class Tally:
    """What became of the probes. `milliseconds` of each that was answered; the rest are lost."""

    milliseconds: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def p99(self) -> float:
        """The 99th percentile, in milliseconds."""
        return statistics.quantiles(self.milliseconds, n=100)[98]

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.milliseconds) + len(self.lost)

    @property
    def share(self) -> float:
        """How many were answered, from 0 to 1."""
        return len(self.milliseconds) / self.count


def probe(where: Address, tally: Tally) -> None:
    """One captive check on a new connection, read to the end of the stream."""
    began = time.perf_counter()
    try:
        with socket.create_connection(where, PATIENCE) as client:
            client.sendall(PROBE)
            answer = b"".join(iter(lambda: client.recv(4096), b""))
    except OSError as error:
        tally.lost.append(repr(error))
        return
    if answer.startswith(b"HTTP/1.1 302 ") and answer.endswith(b"</body></html>"):
        tally.milliseconds.append((time.perf_counter() - began) * 1000)
    else:
        tally.lost.append(repr(answer))


def probes(where: Address, seconds: float) -> Tally:
    """Fifty a second, at an even pace."""
    tally = Tally()
    end = time.monotonic() + seconds
    while (now := time.monotonic()) < end:
        probe(where, tally)
        time.sleep(max(0.0, now + PACE - time.monotonic()))
    return tally


@contextlib.contextmanager
def crowd(
    where: Address, kind: str, count: int, sources: int, inside: Sequence[str] = ()
) -> Iterator[list[str]]:
    """A crowd that is there meanwhile; the list says afterwards how it fared."""
    words = [*where, kind, count, sources]
    process = subprocess.Popen(
        [*inside, sys.executable, "-m", "tests.abuse.crowd", *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    counts: list[str] = []
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield counts
    finally:
        said = process.communicate(timeout=DEADLINE)[0]
        counts.extend(said.split(", ") if said else ())
    assert process.returncode == 0
