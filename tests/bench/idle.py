"""Whether the rude keep the polite waiting: a probe 50 times a second, with 200 clients held.

    python -m tests.bench.idle

Held are clients that say nothing, that stop in the middle of a head, and that never close after
their answer. The figure is a probe's p99 beside them over its p99 alone.
"""

from __future__ import annotations

import contextlib
import socket
import statistics
import sys
import time
from typing import Final

from tests.bench import web
from tests.bench.http import ADDRESS, folder_in

HELD: Final = 200
SECONDS: Final = 3.0
PACE: Final = 0.02
ROUNDS: Final = 3
# What each kind of rude client sends before it falls silent.
RUDE: Final = {"idle": b"", "half-said": web.PROBE[:40], "never closing": web.PROBE}


def probe(port: int) -> float | None:
    """Microseconds of one probe on a new connection; None if it was not answered whole."""
    began = time.perf_counter()
    try:
        with socket.create_connection((ADDRESS, port), timeout=3) as client:
            client.sendall(web.PROBE)
            answer = b"".join(iter(lambda: client.recv(4096), b""))
    except OSError:
        return None
    return (time.perf_counter() - began) * 1e6 if b"302" in answer[:20] else None


def paced(port: int) -> tuple[float, int]:
    """p99 in microseconds of probes at an even pace, and how many were lost."""
    times, lost = [], 0
    end = time.monotonic() + SECONDS
    while (now := time.monotonic()) < end:
        taken = probe(port)
        if taken is None:
            lost += 1
        else:
            times.append(taken)
        time.sleep(max(0.0, now + PACE - time.monotonic()))
    return statistics.quantiles(times, n=100)[98], lost


def main() -> None:
    """Run and print."""
    lines = ["| held | p99 ms alone | p99 ms beside them | ratio | lost |", "|---|---|---|---|---|"]
    with contextlib.ExitStack() as stack:
        folder, port = folder_in(stack), web.free_port()
        argv = web.portal(ADDRESS, port, folder)
        stack.enter_context(web.running("portal", argv, ADDRESS, port))
        for name, said in RUDE.items():
            alone, beside, lost = [], [], 0
            for _ in range(ROUNDS):
                alone.append(paced(port)[0])
                with contextlib.ExitStack() as held:
                    for _ in range(HELD):
                        client = held.enter_context(socket.create_connection((ADDRESS, port)))
                        client.sendall(said)
                    p99, missed = paced(port)
                beside.append(p99)
                lost += missed
            pair = [statistics.median(each) / 1000 for each in (alone, beside)]
            row = f"{pair[0]:.2f} | {pair[1]:.2f} | {pair[1] / pair[0]:.2f} | {lost}"
            lines.append(f"| {HELD} {name} | {row} |")
    lines.append("\nTo reach: a ratio of at most 2, none lost.")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
