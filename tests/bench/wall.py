"""What the bench itself costs: a poll, the wall's changes, and a manifest of ten thousand rows.

One process, the real ledger on this machine's disk, medians.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hotspot.settings import Bench
from portal.bench.building import Place, built
from portal.bench.desk import Offer
from portal.bench.port import Claims, Row, Sighting
from portal.bench.reception import Reception
from portal.bench.wall import changes

_DEVICES: Final = 200
_ROWS: Final = 10_000
_ROUNDS: Final = 50


def manifest(count: int) -> bytes:
    """The rows of so many lamps."""
    rows = (f"SN-{n:05},02:00:00:00:{n >> 8:02x}:{n & 255:02x},lamp-{n:05}\n" for n in range(count))
    return ("serial,mac,name\n" + "".join(rows)).encode()


def bench(folder: Path, count: int) -> Reception:
    """One with so many devices in its manifest, and firmware for them."""
    desk = built(Place(folder, folder, Bench(), lambda *_: None, lambda _: None))
    desk.open_job("Lamps", "Ann")
    desk.put_file([b"firmware" * 1000], Offer("a.bin", "lamp", "2.0", override=True), b"", "Ann")
    desk.take_manifest("devices.csv", manifest(count), "Ann", partial=False)
    return desk


def poll(desk: Reception, number: int) -> None:
    """A device asks what to do."""
    claims = Claims("100.64.64.9", mac=f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}")
    desk.see(Sighting(claims, "ours", product="lamp", version="1.0"))


def milliseconds(act: Callable[[], object], rounds: int = _ROUNDS) -> float:
    """How long `act` takes."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1000


def written(desk: Reception, rows: Sequence[Row]) -> int:
    """Bytes of the wall's answer with these rows."""
    full = len(rows) >= _DEVICES
    return len(changes.document(desk.head(), desk.floor.roll.number, rows, full=full))


def main() -> None:
    """The table."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as name:
        desk = bench(Path(name), _DEVICES)
        numbers = iter(range(_DEVICES))
        first = milliseconds(lambda: poll(desk, next(numbers)), _DEVICES)
        again = milliseconds(lambda: poll(desk, 7))
        latest, rows = desk.rows(0)
        some = desk.rows(latest - 20)[1]
        lines = [
            ("a device's first poll: found, claimed, given its slot, committed", first, ""),
            ("a poll that changes nothing", again, ""),
            ("the wall's answer, nothing changed", _answer(desk, latest), written(desk, [])),
            ("20 of 200 devices changed", _answer(desk, latest - 20), written(desk, some)),
            ("all 200", _answer(desk, 0), written(desk, rows)),
        ]
        desk.parts.ledger.close()
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as name:
        desk = built(Place(Path(name), Path(name), Bench(), lambda *_: None, lambda _: None))
        body = manifest(_ROWS)
        preview = milliseconds(lambda: desk.preview("d.csv", body), 3)
        take = milliseconds(lambda: desk.take_manifest("d.csv", body, "Ann", partial=False), 1)
        lines += [
            (f"preview of {_ROWS:,} rows", preview, len(body)),
            ("their import", take, len(body)),
        ]
        desk.parts.ledger.close()
    _say("| | ms | bytes |")
    _say("|---|---|---|")
    for what, taken, size in lines:
        _say(f"| {what} | {taken:.2f} | {size} |")


def _answer(desk: Reception, since: int) -> float:
    """Milliseconds for the wall's changes, as JSON."""

    def answer() -> None:
        number, rows = desk.rows(since)
        changes.document(desk.head(), number, rows, full=not since)

    return milliseconds(answer)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
