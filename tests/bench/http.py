"""HTTP side by side: captive probes against nginx, the page against stock gunicorn.

    python -m tests.bench.http

Each server has one core and the load the other; a new connection for each request, as phones
do; rounds are interleaved, figures are medians.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.bench import web
from tests.bench.measure import compiled, pss

ROUNDS: Final = 5
SECONDS: Final = 1.5
CROWD: Final = 250
ADDRESS: Final = "127.0.0.1"
SCAN: Final = [
    {"ssid": f"Network {n}".encode().hex(), "signal": -40 - 5 * n, "frequency": 2437,
     "channel": 6, "security": "wpa2"}
    for n in range(8)
]  # fmt: skip


def folder_in(stack: contextlib.ExitStack) -> Path:
    """A run directory with a scan of eight networks, on tmpfs where there is one."""
    shm = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of our own
    folder = Path(tempfile.mkdtemp(prefix="vestibule-bench-", dir=shm))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    (folder / "networks.json").write_text(json.dumps({"networks": SCAN}))
    return folder


def run(load: str) -> list[web.Server]:
    """All rounds on all contestants."""
    with contextlib.ExitStack() as stack:
        folder = folder_in(stack)

        def start(name: str, argv: list[str], port: int) -> web.Server:
            return stack.enter_context(web.running(name, argv, ADDRESS, port))

        ports = [web.free_port() for _ in range(4)]
        ours = start("portal", web.portal(ADDRESS, ports[0], folder), ports[0])
        page = web.ask(ADDRESS, ours.port)
        memory = sum(map(pss, ours.workers()))
        stock = start("gunicorn gthread", web.stock(ADDRESS, ports[1], folder), ports[1])
        peers = [
            start(name, web.peer(ADDRESS, port, folder, page, deferred=deferred), port)
            for name, port, deferred in (
                ("nginx", ports[2], False),
                ("nginx, deferred", ports[3], True),
            )
        ]
        servers = [ours, stock, *peers]
        for _ in range(ROUNDS):
            for server in servers:
                for kind, request, clients in (
                    ("probe", web.PROBE, 50),
                    ("crowd", web.PROBE, CROWD),
                    ("page", web.page_request(server), 50),
                ):
                    one = web.measure(server, load, request, clients, SECONDS)
                    server.rounds.setdefault(kind, []).append(one)
        write(servers, memory)
    return servers


def write(servers: list[web.Server], memory: float) -> None:
    """The table and the ratios, as Markdown."""
    probes, pages = "probe, 50 clients: answers/s, CPU µs", "page: answers/s, CPU µs"
    columns = ("server", probes, "at 250: p99 ms", pages, "errors")
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for server in servers:
        probe = [server.median("probe", figure) for figure in ("rate", "cost")]
        page = [server.median("page", figure) for figure in ("rate", "cost")]
        errors = sum(one.errors for rounds in server.rounds.values() for one in rounds)
        lines.append(
            f"| {server.name} | {probe[0]:,.0f}, {probe[1]:.1f} "
            f"| {server.median('crowd', 'p99') / 1000:.1f} "
            f"| {page[0]:,.0f}, {page[1]:.0f} | {errors} |"
        )
    lines += ["", *goals(servers, memory)]
    sys.stdout.write("\n".join(lines) + "\n")


def goals(servers: list[web.Server], memory: float) -> Iterator[str]:
    """What is to be reached, and how far we are."""
    ours, stock, nginx, deferred = servers
    for peer, load, figure, goal in (
        (nginx, "probe", "cost", "CPU per probe: to reach ≤ 0.85"),
        (deferred, "probe", "cost", "CPU per probe: to reach ≤ 1.0"),
        (nginx, "probe", "rate", "probes per second: to reach ≥ 1.0"),
        (nginx, "crowd", "p99", f"p99 at {CROWD} clients: to reach ≤ 1.0"),
        (stock, "page", "cost", "CPU per page: to reach ≤ 0.9"),
    ):
        yield f"- {web.ratio(ours, peer, load, figure):.2f} of {peer.name}'s {goal}"
    yield f"- {ours.start:.2f} s from its start to the portal's first answer: to reach ≤ 0.5"
    yield f"- {memory:.1f} MiB PSS of the portal after its first page: to reach ≤ 30"


def main() -> None:
    """Compile, run, print."""
    with compiled("http_load") as (load,):
        run(load)


if __name__ == "__main__":
    main()
