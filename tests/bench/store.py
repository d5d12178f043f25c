"""What durability costs: accepted records per second against bare SQLite, in the same run.

    python -m tests.bench.store

The bare one is a table with an id and a body, one insert and one commit each, with the same
pragmas. With 32 threads it has a connection per thread, which is what group commit replaces.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hotspot.settings import Secret
from portal.provisioning.keeping.database import PRAGMAS
from portal.provisioning.keeping.store import Limits, Store
from portal.provisioning.record import Record, to_json

_SECONDS: Final = 2.0
_ROUNDS: Final = 2
_THREADS: Final = (1, 32)

Insert = Callable[[Record], None]


def record() -> Record:
    """A record as the form makes them."""
    return Record.new(
        ssid=b"FRITZ!Box 7590 QX",
        passphrase=Secret("correct horse battery"),
        fields={"name": "Pump 7", "room": "cellar"},
        now=datetime.now(UTC),
        random=os.urandom,
    )


@contextmanager
def bare(path: Path, threads: int) -> Iterator[list[Insert]]:
    """For each thread, an insert and commit on a connection of its own."""
    with ExitStack() as stack:
        connections = [stack.enter_context(closing(_connection(path))) for _ in range(threads)]
        yield [_inserting(connection) for connection in connections]


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    connection.execute("CREATE TABLE IF NOT EXISTS record (id TEXT PRIMARY KEY, body BLOB)")
    return connection


def _inserting(connection: sqlite3.Connection) -> Insert:
    def insert(one: Record) -> None:
        connection.execute("INSERT INTO record VALUES (?, ?)", (one.id, to_json(one)))

    return insert


@contextmanager
def ours(path: Path, threads: int) -> Iterator[list[Insert]]:
    """For each thread, the store's accept."""
    with Store(path, limits=Limits(records=10**9, size=10**12)) as store:
        yield [lambda one: store.accept(one, ["keep"])] * threads


def measure(inserts: list[Insert]) -> tuple[float, float]:
    """Inserts per second and the 99th percentile of their times in milliseconds."""
    times: list[list[float]] = [[] for _ in inserts]
    end = time.perf_counter() + _SECONDS

    def work(insert: Insert, mine: list[float]) -> None:
        while (began := time.perf_counter()) < end:
            insert(record())
            mine.append(time.perf_counter() - began)

    workers = [
        threading.Thread(target=work, args=pair) for pair in zip(inserts, times, strict=True)
    ]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    taken = time.perf_counter() - began
    together = sorted(each for mine in times for each in mine)
    return len(together) / taken, together[int(len(together) * 0.99)] * 1000


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def rounds(threads: int, folder: Path) -> dict[str, tuple[float, float]]:
    """Rate and p99 of both, interleaved: the mean of the rates, the worst p99."""
    results: dict[str, list[tuple[float, float]]] = {"bare": [], "ours": []}
    for turn in range(_ROUNDS):
        for name, opened in (("bare", bare), ("ours", ours)):
            with opened(folder / f"{name}-{threads}-{turn}.db", threads) as inserts:
                results[name].append(measure(inserts))
    return {
        name: (sum(rate for rate, _ in found) / _ROUNDS, max(worst for _, worst in found))
        for name, found in results.items()
    }


def main() -> None:
    """A line of the table for each number of threads."""
    _say("| threads | SQLite: records/s, p99 ms | the store: records/s, p99 ms | ratio |")
    _say("|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder:
        for threads in _THREADS:
            found = rounds(threads, Path(folder))
            told = [f"{rate:,.0f}, {p99:,.1f}" for rate, p99 in (found["bare"], found["ours"])]
            ratio = found["ours"][0] / found["bare"][0]
            _say(f"| {threads} | {told[0]} | {told[1]} | {ratio:.2f} |")
    _say("\nTo reach: a ratio of at least 0.5.")


if __name__ == "__main__":
    main()
