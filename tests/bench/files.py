"""Files for devices, side by side with nginx and with Flask's send_file under stock gunicorn.

    python -m tests.bench.files [SECONDS]

Whole files of 1.5 MB and pieces of 64 KiB, as fast as they go; then a hundred devices that share
25 MB/s as on one radio, each of which gives up after 8 s of silence; and what a captive check
beside them has to wait. Each server has one core and the load the other; rounds are interleaved,
figures are medians, SECONDS the length of a round.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from portal.bench.artifacts.shelf import Shelf
from portal.bench.port import Artifact
from tests.bench import idle, nginx, web
from tests.bench.crowd import ADDRESS, Outcome, devices
from tests.bench.measure import LOAD_CORE, SERVER_CORE, compiled, cpu, pinned, pss
from tests.portal.bench.artifacts.site import bench

SIZE: Final = 1_500_000
ROUNDS: Final = 5
CODE: Final = "code"
CROWD: Final = 100

# What is fetched: how many devices at once, how many bytes at a time (0 for all), and whether on
# the same connection.
LOADS: Final = {
    "1.5 MB, 8 clients": (8, 0, 1),
    "1.5 MB, 64 clients": (64, 0, 1),
    "64 KiB ranges, 16 clients": (16, 65536, 1),
    "the same, a connection each": (16, 65536, 0),
}
_GOALS: Final = (
    ("1.5 MB, 8 clients", "nginx", 1.0),
    ("1.5 MB, 64 clients", "nginx", 1.0),
    ("64 KiB ranges, 16 clients", "nginx", 0.8),
    ("64 KiB ranges, 16 clients", "send_file", 10.0),
)

_FLASK: Final = """
import sys
from flask import Flask, send_file
from gunicorn.app.base import BaseApplication
bind, path = sys.argv[1:]
app = Flask(__name__)
app.add_url_rule("/file", view_func=lambda: send_file(path, conditional=True))
class Stock(BaseApplication):
    def load_config(self):
        for name, value in {"bind": bind, "worker_class": "gthread", "threads": 8,
                            "control_socket_disable": True, "loglevel": "critical"}.items():
            self.cfg.set(name, value)
    def load(self):
        return app
Stock().run()
"""


@dataclass
class Contestant:
    """One server, running; `rounds` are answers a second and CPU seconds per GB, by load."""

    name: str
    port: int
    path: str
    process: subprocess.Popen[bytes]
    rounds: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    errors: int = 0

    def processes(self) -> list[int]:
        """It and its children."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def cpu(self) -> float:
        """Seconds of processor that it has used."""
        return sum(map(cpu, self.processes()))

    def median(self, load: str, figure: int) -> float:
        """The median of one figure of a load."""
        return statistics.median(one[figure] for one in self.rounds[load])

    def fetch(self, program: str, load: str, seconds: float) -> None:
        """One round."""
        clients, chunk, keep = LOADS[load]
        before = self.cpu()
        words = [ADDRESS, self.port, self.path, clients, seconds, SIZE, chunk, keep]
        argv = pinned(LOAD_CORE, [program, *map(str, words)])
        done = subprocess.run(argv, capture_output=True, check=True)
        answers, errors, number, _, _ = map(int, done.stdout.split())
        self.errors += errors
        spent = (self.cpu() - before) / (number or 1) * 1e9
        self.rounds.setdefault(load, []).append((answers / seconds, spent))


@contextlib.contextmanager
def contestants(folder: Path, artifact: Artifact) -> Iterator[list[Contestant]]:
    """Ours, nginx, and Flask's own way."""
    file = folder / "shelf" / artifact.sha256
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(bench(folder, pinned(SERVER_CORE, [])))
        found = [Contestant("portal", ours.port, ours.path(artifact, CODE), ours.process)]
        (folder / "file").write_bytes(file.read_bytes())
        for name in ("nginx", "send_file"):
            port = web.free_port()
            argv = (
                nginx.files(folder, ADDRESS, port)
                if name == "nginx"
                else [sys.executable, "-c", _FLASK, f"{ADDRESS}:{port}", str(folder / "file")]
            )
            process = subprocess.Popen(
                pinned(SERVER_CORE, argv), stderr=subprocess.DEVNULL, start_new_session=True
            )
            stack.callback(_end, process)
            found.append(Contestant(name, port, "/file", process))
        for one in found:
            _until_it_answers(one.port)
        yield found


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(20)


def _until_it_answers(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((ADDRESS, port), 1) as client:
            client.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
            if client.recv(4096):
                return
        time.sleep(0.02)
    raise TimeoutError(f"nobody answers at {port}")


def fast(program: str, servers: list[Contestant], seconds: float) -> Iterator[str]:
    """As fast as they go: the table and the goals."""
    for _ in range(ROUNDS):
        for load in LOADS:
            for one in servers:
                one.fetch(program, load, seconds)
    yield f"| answers/s, CPU s/GB | {' | '.join(one.name for one in servers)} |"
    yield "|---" * (len(servers) + 1) + "|"
    for load in LOADS:
        cells = [f"{one.median(load, 0):,.0f}, {one.median(load, 1):.2f}" for one in servers]
        yield f"| {load} | {' | '.join(cells)} |"
    yield f"| errors | {' | '.join(str(one.errors) for one in servers)} |\n"
    by_name = {one.name: one for one in servers}
    ours = servers[0]
    for load, name, goal in _GOALS:
        pairs = zip(ours.rounds[load], by_name[name].rounds[load], strict=True)
        ratio = statistics.median(a[0] / b[0] for a, b in pairs)
        yield f"- {load}: {ratio:.2f} of {name}'s answers per second: to reach ≥ {goal}"


def shared(servers: list[Contestant]) -> Iterator[str]:
    """A hundred devices that share 25 MB/s."""
    yield "\n| 100 devices, 25 MB/s in all | finished | gave up | first s | median s | last s |"
    yield "|---|---|---|---|---|---|"
    outcomes: dict[str, Outcome] = {}
    for name, server, places in (
        ("portal, 8 at a time", servers[0], 8),
        ("portal, all at once", servers[0], CROWD),
        ("nginx", servers[1], CROWD),
        ("send_file", servers[2], CROWD),
    ):
        outcomes[name] = one = devices(server.port, server.path, CROWD, places)
        times = one.times or [float("nan")]
        row = f"{times[0]:.1f} | {statistics.median(times):.1f} | {times[-1]:.1f}"
        yield f"| {name} | {len(one.times)} | {one.gave_up} | {row} |"
    ours = outcomes["portal, 8 at a time"]
    if ours.times:
        yield f"\n- {len(ours.times)} of {CROWD} finish: to reach all"
        yield f"- the first after {ours.times[0] / ours.times[-1]:.3f} of the last's time: ≤ 0.1"


def beside(folder: Path, artifact: Artifact) -> Iterator[str]:
    """A captive check's p99 beside a hundred downloads, and what each of those holds."""
    alone, busy, memory = [], [], 0.0
    os.sched_setaffinity(0, {int(LOAD_CORE)})
    with bench(folder, pinned(SERVER_CORE, [])) as one:
        path = one.path(artifact, CODE)
        _until_it_answers(one.port)
        devices(one.port, path, 1, 1)
        for _ in range(3):
            alone.append(idle.paced(one.port)[0])
            before = pss(one.process.pid)
            # The one who asks shares its core with the crowd, and is not to wait for it.
            argv = ["nice", "-n", "19", sys.executable, "-m", "tests.bench.crowd"]
            argv += [str(one.port), path]
            with subprocess.Popen(pinned(LOAD_CORE, argv), stdout=subprocess.PIPE) as crowd:
                assert crowd.stdout
                crowd.stdout.readline()
                busy.append(idle.paced(one.port)[0])
                memory = memory or (pss(one.process.pid) - before) * 1024 / CROWD
                crowd.terminate()
    pair = [statistics.median(each) / 1000 for each in (alone, busy)]
    yield (
        f"- a captive check's p99 {pair[0]:.2f} ms alone, {pair[1]:.2f} ms beside {CROWD} "
        f"downloads: {pair[1] / pair[0]:.2f} times, to reach ≤ 2"
    )
    yield f"- {memory:.1f} KiB for each open download: to reach ≤ 16"


def _say(lines: Iterator[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Compile, run, print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    shm = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of our own
    folder = Path(tempfile.mkdtemp(prefix="vestibule-bench-", dir=shm))
    try:
        shelf = Shelf(folder / "shelf", kept=0)
        small = shelf.add([os.urandom(SIZE)], "fw.bin", "small", "1", override="bench")
        large = shelf.add([os.urandom(4_000_000)], "fw.bin", "large", "1", override="bench")
        with compiled("files_load") as (program,), contestants(folder, small) as servers:
            _say(fast(program, servers, seconds))
        with contestants(folder, large) as servers:
            _say(shared(servers))
        _say(beside(folder, large))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
