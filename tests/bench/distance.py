"""What loopback hides: the same at a round trip of 20 ms, between two network namespaces.

    sudo python -m tests.bench.distance

250 clients, a new connection for each request. Here it counts who waits for whom, not who is fast.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Final

from tests.bench import web
from tests.bench.http import folder_in
from tests.bench.measure import LOAD_CORE, compiled, pinned

ROUNDS: Final = 3
SECONDS: Final = 4.0
CLIENTS: Final = 250
ADDRESS: Final = "100.64.64.1"
# Milliseconds each way.
DELAY: Final = 10
_NAMES: Final = (f"bench-server-{os.getpid()}", f"bench-crowd-{os.getpid()}")
_LINKS: Final = ("bench-far", "bench-near")


def ip(*words: str) -> None:
    """Run one command of iproute2."""
    subprocess.run(["ip", *words], check=True)


@contextlib.contextmanager
def apart(wire: str) -> Iterator[tuple[list[str], list[str]]]:
    """Two namespaces 10 ms from each other, as prefixes for an argv: the server's, the crowd's."""
    with contextlib.ExitStack() as stack:
        for name in _NAMES:
            ip("netns", "add", name)
            stack.callback(ip, "netns", "delete", name)
        argv = pinned(LOAD_CORE, [wire, *_LINKS, str(DELAY)])
        long = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        stack.enter_context(long)
        assert long.stdout is not None
        long.stdout.readline()
        for name, link, address in zip(_NAMES, _LINKS, (ADDRESS, "100.64.64.2"), strict=True):
            ip("link", "set", link, "netns", name)
            ip("-n", name, "address", "add", f"{address}/22", "dev", link)
            ip("-n", name, "link", "set", link, "txqueuelen", "20000", "up")
            ip("-n", name, "link", "set", "lo", "up")
        server, crowd = (["ip", "netns", "exec", name] for name in _NAMES)
        yield server, crowd


def answers(crowd: list[str], port: int) -> bool:
    """Whether a server is there, asked from the other side."""
    script = f"import socket; socket.create_connection(('{ADDRESS}', {port}), 2).close()"
    asked = subprocess.run([*crowd, sys.executable, "-c", script], check=False, capture_output=True)
    return asked.returncode == 0


def run(wire: str, load: str) -> None:
    """All rounds on all contestants."""
    with contextlib.ExitStack() as stack:
        server, crowd = stack.enter_context(apart(wire))
        folder = folder_in(stack)

        def start(name: str, argv: list[str], port: int) -> web.Server:
            return stack.enter_context(web.running(name, argv, ADDRESS, port, server))

        # As large as the page is: it is the distance that counts here, not what the bytes say.
        page = b"<!DOCTYPE html>".ljust(8500)
        contestants = [
            start("portal", web.portal(ADDRESS, 8001, folder), 8001),
            start("gunicorn gthread", web.stock(ADDRESS, 8002, folder), 8002),
            start("nginx", web.peer(ADDRESS, 8003, folder, page, deferred=False), 8003),
        ]
        deadline = time.monotonic() + 30
        for one in contestants:
            while not answers(crowd, one.port):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{one.name} does not answer")
        for _ in range(ROUNDS):
            for one in contestants:
                for kind, request in (("probe", web.PROBE), ("page", web.page_request(one))):
                    figures = web.measure(one, load, request, CLIENTS, SECONDS, crowd)
                    one.rounds.setdefault(kind, []).append(figures)
        write(contestants)


def write(contestants: list[web.Server]) -> None:
    """The table and the ratios, as Markdown."""
    lines = ["| server | probes/s | pages/s | errors |", "|---|---|---|---|"]
    for one in contestants:
        errors = sum(each.errors for rounds in one.rounds.values() for each in rounds)
        rates = [f"{one.median(kind, 'rate'):,.0f}" for kind in ("probe", "page")]
        lines.append(f"| {one.name} | {' | '.join(rates)} | {errors} |")
    ours, _, nginx = contestants
    for kind, goal in (("probe", "≥ 0.95"), ("page", "≥ 0.7")):
        ratio = web.ratio(ours, nginx, kind, "rate")
        lines.append(f"\n- {ratio:.2f} of nginx's {kind}s per second: to reach {goal}")
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    """Compile, run, print; without root say so."""
    if os.geteuid() != 0:
        sys.stdout.write("Not measured: namespaces need root.\n")
        return
    with compiled("wire", "http_load") as (wire, load):
        run(wire, load)


if __name__ == "__main__":
    main()
