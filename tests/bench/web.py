"""What the HTTP benchmarks share: the contestants, a round of load, and one request."""

from __future__ import annotations

import contextlib
import http.client
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.bench import nginx
from tests.bench.measure import LOAD_CORE, SERVER_CORE, cpu, pinned

PROBE: Final = (
    b"GET /hotspot-detect.html HTTP/1.1\r\nHost: captive.apple.com\r\n"
    b"User-Agent: CaptiveNetworkSupport-514.120.2 wispr\r\nAccept: */*\r\n"
    b"Accept-Language: en-GB,en;q=0.9\r\nConnection: close\r\n\r\n"
)
_DEADLINE: Final = 20.0

# The same app in the gunicorn a person would start: gthread, as many threads, no worker of ours.
_STOCK: Final = """
import sys
from pathlib import Path
from gunicorn.app.base import BaseApplication
from portal.server import Plan, Site
url, bind, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
class Stock(BaseApplication):
    def load_config(self):
        for name, value in {"bind": bind, "worker_class": "gthread", "threads": 8,
                            "control_socket_disable": True, "loglevel": "warning"}.items():
            self.cfg.set(name, value)
    def load(self):
        return Site(Plan(url, folder, folder, ["keep"], 8, False)).wsgi()
Stock().run()
"""


@dataclass
class Round:
    """One load on one server."""

    rate: float  # answers a second
    cost: float  # microseconds of CPU per answer
    p50: float  # microseconds
    p99: float
    errors: int


@dataclass
class Server:
    """One contestant, running."""

    name: str
    address: str
    port: int
    process: subprocess.Popen[bytes]
    start: float = 0.0  # seconds to its first answer, where that was waited for
    rounds: dict[str, list[Round]] = field(default_factory=dict)

    def workers(self) -> list[int]:
        """Its process and that one's children."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def cpu(self) -> float:
        """Seconds of processor that all of them have used."""
        return sum(map(cpu, self.workers()))

    def median(self, load: str, figure: str) -> float:
        """The median of one figure over the rounds of one load."""
        values: list[float] = [getattr(one, figure) for one in self.rounds[load]]
        return statistics.median(values)


def page_request(server: Server) -> bytes:
    """A request for the set-up page under the server's own name."""
    path = "/page" if server.name.startswith("nginx") else "/"
    return (
        f"GET {path} HTTP/1.1\r\nHost: {server.address}:{server.port}\r\n"
        "User-Agent: Mozilla/5.0\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    ).encode()


def portal(address: str, port: int, folder: Path) -> list[str]:
    """Our argv."""
    places = [f"--state={folder}", f"--runtime={folder}"]
    where = [f"--url=http://{address}:{port}/", f"--bind={address}:{port}"]
    return [sys.executable, "-m", "portal", *places, *where]


def stock(address: str, port: int, folder: Path) -> list[str]:
    """The same app under stock gunicorn."""
    url = f"http://{address}:{port}/"
    return [sys.executable, "-c", _STOCK, url, f"{address}:{port}", str(folder)]


def peer(address: str, port: int, folder: Path, page: bytes, *, deferred: bool) -> list[str]:
    """nginx's argv."""
    return nginx.argv(folder, address, port, page, deferred=deferred)


@contextlib.contextmanager
def running(
    name: str, argv: Sequence[str], address: str, port: int, inside: Sequence[str] = ()
) -> Iterator[Server]:
    """A contestant pinned to its core, from its first answer on; `inside` names a namespace."""
    command = [*inside, *pinned(SERVER_CORE, argv)]
    began = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    server = Server(name, address, port, process)
    try:
        if not inside:
            wait_for_answer(address, port)
            server.start = time.monotonic() - began
        yield server
    finally:
        process.terminate()
        try:
            process.wait(_DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_answer(address: str, port: int) -> None:
    """Ask until there is an answer. Raises TimeoutError."""
    end = time.monotonic() + _DEADLINE
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            ask(address, port)
            return
        time.sleep(0.005)
    raise TimeoutError(f"no answer from {address}:{port}")


def ask(address: str, port: int) -> bytes:
    """The page of a server of ours, or whatever it has at `/`."""
    connection = http.client.HTTPConnection(address, port, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", "/")
        return connection.getresponse().read()


def free_port() -> int:
    """A port nobody holds."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    return port


def measure(
    server: Server,
    load: str,
    request: bytes,
    clients: int,
    seconds: float,
    inside: Sequence[str] = (),
) -> Round:
    """One round: the load's own figures, and what the server has spent on it."""
    before = server.cpu()
    words = [load, server.address, str(server.port), str(clients), str(seconds)]
    done = subprocess.run(
        [*inside, *pinned(LOAD_CORE, words)], input=request, capture_output=True, check=True
    )
    spent = server.cpu() - before
    answers, errors, shortest, _, p50, p99 = map(int, done.stdout.split())
    if not answers or not shortest:
        raise ValueError(f"{server.name} gave no answer")
    return Round(answers / seconds, spent / answers * 1e6, p50, p99, errors)


def ratio(ours: Server, theirs: Server, load: str, figure: str) -> float:
    """The median of the rounds' own ratios, which drift least."""
    pairs = zip(ours.rounds[load], theirs.rounds[load], strict=True)
    ratios: list[float] = [getattr(a, figure) / getattr(b, figure) for a, b in pairs]
    return statistics.median(ratios)
