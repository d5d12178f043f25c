"""How fast each backend takes what waits, and what `deliver` weighs while it waits.

    python -m tests.bench.deliver

The real process and real other sides on this machine: a file system, a program a record, an HTTPS
server, Mosquitto with TLS. `rate` is set high: by default `http` and `mqtt` make 5 attempts in a
second.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from portal.provisioning.keeping.store import Store
from tests.certificates import authority, issue
from tests.portal.provisioning.fakes import a_record
from tests.portal.provisioning.test_everywhere import LOOPBACK, accept, configure, everywhere

_RECORDS: Final = 200
_FEW: Final = 5


def drained(argv: list[str]) -> float:
    """Seconds until the process has delivered all and ended."""
    began = time.perf_counter()
    subprocess.run(argv, check=True, capture_output=True, cwd="/")
    return time.perf_counter() - began


def weighing(argv: list[str]) -> int:
    """KiB (PSS) of the process once it waits for its next try."""
    with subprocess.Popen(argv, stderr=subprocess.PIPE, cwd="/") as process:
        assert process.stderr
        for line in process.stderr:
            if b"next in" in line:
                break
        told = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        process.terminate()
        process.communicate()
    found = re.search(r"Pss:\s+(\d+)", told)
    assert found
    return int(found[1])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def rate(argv: list[str], state: Path, delivery: str) -> float:
    """Records in a second, without the start of the process."""
    accept(state, [a_record() for _ in range(_FEW)], [delivery])
    start = drained(argv)
    accept(state, [a_record() for _ in range(_RECORDS)], [delivery])
    seconds = drained(argv) - start
    with Store(state / "records.db") as store:
        assert all(each.life.state == "delivered" for each in store.records())
    return (_RECORDS - _FEW) / seconds


def waiting(delivery: str, options: dict[str, object], state: Path) -> int:
    """KiB while nobody listens any more; a file has no place then, a program is gone."""
    gone: dict[str, object] = {"directory": "/proc/nowhere"} if delivery == "keep" else {}
    gone |= {"argv": ["/nowhere"]} if delivery == "post" else {}
    argv = configure(state, {delivery: {**options, **gone}})
    accept(state, [a_record()], [delivery])
    return weighing(argv)


def main() -> None:
    """A line of the table for each backend."""
    rates = {}
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as name:
        folder = Path(name)
        root = authority(folder, "root")
        shop = root, issue(folder, "site", LOOPBACK, by=root)
        with everywhere(folder, shop, _free_port()) as (deliveries, *_):
            for delivery, options in deliveries.items():
                state = folder / delivery
                state.mkdir()
                argv = configure(state, {delivery: {**options, "rate": 1_000}})
                rates[delivery] = rate(argv, state, delivery)
        _say("| backend | records/s | PSS MiB of `deliver` while it waits |")
        _say("|---|---|---|")
        for delivery, options in deliveries.items():
            state = folder / f"{delivery}-waits"
            state.mkdir()
            weight = waiting(delivery, options, state) / 1024
            _say(f"| {options['backend']} | {rates[delivery]:.0f} | {weight:.1f} |")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
