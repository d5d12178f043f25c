"""DNS side by side: dnsd, dnsmasq as a catch-all, and a UDP echo in C as the kernel's limit.

    python -m tests.bench.dns

Each server has one core and the load the other; rounds are interleaved, figures are medians.
CPU per answer is the server's own run time over the answers it gave. On a machine that is
busy with other things the rates drift, the ratios within a run hold.
"""

from __future__ import annotations

import contextlib
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.bench.measure import LOAD_CORE, SERVER_CORE, compiled, cpu, pinned, pss

if TYPE_CHECKING:
    from collections.abc import Iterator

IP: Final = "100.64.64.1"
WINDOW: Final = 250
ROUNDS: Final = 5
SECONDS: Final = 1.0
BURST: Final = 4000
# A for www.example.com, id 0: what "first answer" and the burst are asked with.
QUERY: Final = bytes.fromhex("0000 0100 0001 0000 0000 0000") + b"\3www\7example\3com\0\0\1\0\1"
_DEADLINE: Final = 10.0
# How dnsd works where it does not know the machine's layout.
_PLAIN: Final = """
import sys
from dnsd import __main__, batch
batch.supported = lambda sock: False
__main__.main(sys.argv[1:])
"""


@dataclass
class Round:
    """One load on one server."""

    rate: float  # thousand answers a second
    cost: float  # microseconds of CPU per answer
    p50: float  # microseconds
    p99: float
    lost: int


@dataclass
class Server:
    """One contestant, running."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    start: float  # seconds to its first answer
    rounds: dict[str, list[Round]] = field(default_factory=dict)

    def median(self, load: str, figure: str) -> float:
        """The median of one figure over the rounds of one load."""
        values: list[float] = [getattr(one, figure) for one in self.rounds[load]]
        return statistics.median(values)


def contestants(echo: str) -> dict[str, list[str]]:
    """Each contestant's argv, its port still to be put in."""
    bind = ["--answer", IP, "--bind", "127.0.0.1:{port}"]
    servers = {
        "C echo": [echo, "127.0.0.1", "{port}"],
        "dnsd": [sys.executable, "-m", "dnsd", *bind],
        "dnsd, plain": [sys.executable, "-c", _PLAIN, *bind],
    }
    if dnsmasq := shutil.which("dnsmasq", path="/usr/sbin:/usr/local/sbin:/usr/bin"):
        # local=/#/ answers AAAA and HTTPS with NODATA; without it they are REFUSED.
        where = ["--listen-address=127.0.0.1", "--bind-interfaces", "--port={port}"]
        rules = [f"--address=/#/{IP}", "--local=/#/", "--no-resolv", "--no-hosts"]
        servers["dnsmasq"] = [dnsmasq, "-k", "--conf-file=/dev/null", *where, *rules]
    return servers


@contextlib.contextmanager
def running(name: str, argv: list[str]) -> Iterator[Server]:
    """A contestant on a free port, from its first answer on."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [word.replace("{port}", str(port)) for word in argv]
    began = time.perf_counter()
    process = subprocess.Popen(pinned(SERVER_CORE, argv), stderr=subprocess.DEVNULL)
    try:
        wait_for_answer(port)
        yield Server(name, port, process, time.perf_counter() - began)
    finally:
        process.kill()
        process.wait()


def wait_for_answer(port: int) -> None:
    """Ask every millisecond until there is an answer. Raises TimeoutError."""
    end = time.monotonic() + _DEADLINE
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", port))
        while time.monotonic() < end:
            with contextlib.suppress(ConnectionRefusedError):
                client.send(QUERY)
                if select.select([client], [], [], 0.001)[0] and client.recv(512):
                    return
            time.sleep(0.001)
    raise TimeoutError(f"no answer on port {port}")


def measure(server: Server, load: str, *, window: int, edns: bool) -> Round:
    """One round: the load's own figures, and what the server's process spent on it."""
    arguments = ["127.0.0.1", str(server.port), str(SECONDS), str(window), str(int(edns))]
    before = cpu(server.process.pid)
    done = subprocess.run(
        pinned(LOAD_CORE, [load, *arguments]), capture_output=True, text=True, check=True
    )
    spent = cpu(server.process.pid) - before
    answers, lost, wrong, seconds, p50, p99 = map(float, done.stdout.split())
    if wrong and server.name != "C echo":
        raise ValueError(f"{server.name}: {wrong:.0f} wrong answers")
    if server.process.poll() is not None:
        raise ChildProcessError(f"{server.name} ended with {server.process.returncode}")
    if not answers:
        # The machine was too busy with others for either side to run within the second.
        return measure(server, load, window=window, edns=edns)
    return Round(answers / seconds / 1000, spent / answers * 1e6, p50, p99, int(lost))


def burst(server: Server) -> int:
    """How many of 4,000 queries are answered that came while the server could not look."""
    force, room = 33, 8 << 20  # SO_RCVBUFFORCE
    answered = 0
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        with contextlib.suppress(PermissionError):
            client.setsockopt(socket.SOL_SOCKET, force, room)
        client.connect(("127.0.0.1", server.port))
        server.process.send_signal(signal.SIGSTOP)
        for _ in range(BURST):
            client.send(QUERY)
        server.process.send_signal(signal.SIGCONT)
        while select.select([client], [], [], 0.3)[0]:
            client.recv(512)
            answered += 1
    return answered


def run(echo: str, load: str) -> list[Server]:
    """All rounds on all contestants, each contestant alone in its turn."""
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(running(name, argv)) for name, argv in contestants(echo).items()
        ]
        memory = {server.name: pss(server.process.pid) for server in servers}
        for _ in range(ROUNDS):
            for server in servers:
                for kind, window, edns in (("mix", WINDOW, False), ("edns", WINDOW, True)):
                    one = measure(server, load, window=window, edns=edns)
                    server.rounds.setdefault(kind, []).append(one)
        for server in servers:
            server.rounds["serial"] = [measure(server, load, window=1, edns=False)]
        write(servers, memory, {server.name: burst(server) for server in servers})
    return servers


def write(servers: list[Server], memory: dict[str, float], bursts: dict[str, int]) -> None:
    """The table and the ratios, as Markdown."""
    columns = (
        *("server", "k answers/s", "CPU µs/answer", "p50, p99 at 250, µs"),
        *("with EDNS: k/s, CPU µs", "serial p50 µs", "PSS MiB", "start ms", "burst of 4,000"),
    )
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for server in servers:
        mix = [server.median("mix", figure) for figure in ("rate", "cost", "p50", "p99")]
        edns = [server.median("edns", figure) for figure in ("rate", "cost")]
        lines.append(
            f"| {server.name} | {mix[0]:.0f} | {mix[1]:.2f} | {mix[2]:.0f}, {mix[3]:.0f} "
            f"| {edns[0]:.0f}, {edns[1]:.2f} | {server.median('serial', 'p50'):.0f} "
            f"| {memory[server.name]:.1f} | {server.start * 1000:.0f} | {bursts[server.name]} |"
        )
    lines += ["", *ratios({server.name: server for server in servers})]
    sys.stdout.write("\n".join(lines) + "\n")


def ratios(servers: dict[str, Server]) -> Iterator[str]:
    """dnsd against its peers: the median of each round's own ratio, which drift least."""
    goals = {
        ("dnsmasq", "cost"): "CPU per answer, to reach ≤ 0.80",
        ("dnsmasq", "rate"): "answers per second, to reach ≥ 1.2",
        ("dnsmasq", "p99"): "p99 at 250 outstanding, to reach ≤ 1.1",
        ("C echo", "rate"): "answers per second, to reach ≥ 0.8",
    }
    for (peer, figure), goal in goals.items():
        if peer not in servers:
            yield f"{peer} is not installed: not compared."
            continue
        pairs = zip(servers["dnsd"].rounds["mix"], servers[peer].rounds["mix"], strict=True)
        ratio = statistics.median(getattr(a, figure) / getattr(b, figure) for a, b in pairs)
        yield f"- {ratio:.2f} of {peer}'s: {goal}"


def main() -> None:
    """Compile, run, print."""
    with compiled("udp_echo", "dns_load") as (echo, load):
        run(echo, load)


if __name__ == "__main__":
    main()
