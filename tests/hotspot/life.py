"""A whole small life under the real supervisor: tiny children that report what they do.

`python -m tests.hotspot.life SPEC` walks the steps of a JSON document. Each child is this same
file with other words: it sends a datagram to the journal for everything that happens to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotspot.supervisor.supervise import Supervisor

DEADLINE = 30
ROOT = Path(__file__).parents[2]


def child(name: str, journal: str, mode: str, *words: str) -> None:
    """What a tiny child does, by its mode; the journal hears `NAME EVENT PID`."""

    def tell(event: str) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.sendto(f"{name} {event} {os.getpid()}".encode(), journal)

    def end(*_: object) -> None:
        tell("down")
        sys.exit(0)

    signal.signal(signal.SIGTERM, signal.SIG_IGN if mode == "stubborn" else end)
    if mode == "once":
        # Its work is done by now; a signal would meet the interpreter on its way out.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        tell("ran")
        sys.exit(next_status(Path(f"{journal}.{name}"), words))
    if mode == "held":
        tell("begun")
        Path(words[0]).read_bytes()
        tell("ran")
        sys.exit(0)
    stay(mode, tell, deaf="deaf" in words)


def stay(mode: str, tell: Callable[[str], None], *, deaf: bool) -> None:
    """Be there until a signal says otherwise."""
    if mode == "writes":
        os.write(2, b"half a ")
        os.write(2, b"line\n\x1b[31mred\nthe end")
    if mode == "litters" and os.fork() == 0:
        if deaf:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        tell("littered")
    else:
        tell("up")
    while mode in {"serves", "answers"}:
        serve(os.environ)
        if mode == "answers":
            tell("down")
            sys.exit(0)
    while True:
        # Not signal.pause(): one that comes just before it is entered would not end it.
        time.sleep(0.1)


def next_status(count: Path, statuses: tuple[str, ...]) -> int:
    """The exit status of this run: one for each, the last one for all that follow."""
    runs = len(count.read_bytes()) if count.exists() else 0
    count.write_bytes(b"." * (runs + 1))
    return int(statuses[min(runs, len(statuses) - 1)])


def serve(environment: os._Environ[str]) -> None:
    """Answer one connection on the inherited socket with our number, if it was meant for us."""
    assert environment["LISTEN_PID"] == str(os.getpid())
    assert environment["LISTEN_FDS"] == "1"
    with socket.socket(fileno=os.dup(3)) as listener, listener.accept()[0] as accepted:
        accepted.sendall(str(os.getpid()).encode())


@dataclass
class Journal:
    """Where the children report; every wait has a deadline."""

    folder: Path
    seen: list[str] = field(default_factory=list)
    _pids: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = str(self.folder / "journal")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._socket.settimeout(DEADLINE)

    def until(self, event: str, times: int = 1) -> int:
        """Wait until `NAME EVENT` was reported so many times: who reported it the last time."""
        while self.seen.count(event) < times:
            self._hear()
        at = [index for index, seen in enumerate(self.seen) if seen == event]
        return self._pids[at[times - 1]]

    def rest(self) -> list[str]:
        """All that was reported, once nobody reports any more."""
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._hear()
        return self.seen

    def _hear(self) -> None:
        what, _, pid = self._socket.recv(256).decode().rpartition(" ")
        self.seen.append(what)
        self._pids.append(int(pid))

    def close(self) -> None:
        self._socket.close()


@dataclass
class Life:
    """A supervisor in a process of its own, over `steps`: (name, kind, mode and its words)."""

    process: subprocess.Popen[str]
    journal: Journal

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Ask it to end: its exit status and all it wrote on standard error."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> tuple[int, str]:
        _, written = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, written


@contextlib.contextmanager
def living(folder: Path, *steps: tuple[Any, ...], **spec: Any) -> Iterator[Life]:
    """A life that is ended, one way or the other, with the block."""
    journal = Journal(folder)
    text = json.dumps({"journal": journal.path, "steps": steps, **spec})
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hotspot.life", text],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Life(process, journal)
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=DEADLINE)
        journal.close()


def main(text: str) -> int:
    """Walk the steps of the document: the supervisor's exit status."""
    from hotspot.supervisor import order, sockets  # noqa: PLC0415 - the tiny children do without
    from hotspot.supervisor.supervise import Supervisor  # noqa: PLC0415

    spec = json.loads(text)
    words = {name: rest for name, _, *rest in spec["steps"]}
    words["restore"] = spec.get("restore", ["once", "0"])
    words |= spec.get("aside", {})

    def argv(name: str) -> list[str]:
        if words[name][0] == "missing":
            return ["no-such-program"]
        return [sys.executable, "-S", __file__, name, spec["journal"], *words[name]]

    def open_sockets() -> None:
        supervisor.sockets["http"] = sockets.Place("127.0.0.1", "", "").listen(spec["port"])
        supervisor.sockets["bell"] = sockets.doorbell(f"{spec['journal']}.bell")
        supervisor.sockets["desk"] = sockets.desk(f"{spec['journal']}.desk")

    sockets_of = {"serves": ("http",), "rung": ("bell",), "called": ("desk",)}
    steps = tuple(
        order.Step(
            name,
            kind,
            spec.get("patience", {}).get(name, DEADLINE),
            sockets=sockets_of.get(rest[0] if rest else "", sockets_of.get(kind, ())),
            again=tuple(spec.get("again", {}).get(name, ())),
            repair=tuple(spec.get("repair", {}).get(name, ())),
        )
        for name, kind, *rest in spec["steps"]
    )
    restore = order.Step("restore", order.ONCE, DEADLINE)
    here = {order.DESKS: open_sockets, "sockets": open_sockets, order.LEAVE: lambda: None}
    house = RungHouse(spec["journal"], away=spec["away"]) if "away" in spec else None
    supervisor = Supervisor(steps, argv, here, restore=restore, house=house)  # type: ignore[arg-type] # what a supervisor asks of a house
    return supervisor.run()


class RungHouse:
    """A house that does what it is told: `up`, `down`, or a program's name to start it aside."""

    def __init__(self, journal: str, *, away: bool) -> None:
        self.away = away
        self._journal = journal
        self._bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def begin(self, supervisor: Supervisor) -> None:
        from hotspot.supervisor import order  # noqa: PLC0415 - the tiny children do without

        def rung() -> None:
            word = self._bell.recv(64).decode()
            step = order.Step(word, order.ASIDE, 0.1 if word == "hangs" else DEADLINE)
            acts = {"up": self._up, "down": self._down}
            act = acts.get(word, lambda _: supervisor.start(step))
            supervisor.ask(lambda: act(supervisor))

        self._bell.bind(f"{self._journal}.house")
        supervisor.loop.watch(self._bell, rung)
        self._tell("house begun")

    def ended(self, name: str, status: int) -> None:
        self._tell(f"{name} ended-{status}")

    def _up(self, supervisor: Supervisor) -> None:
        self._tell("house up" if supervisor.ascend() else "house not-up")

    def _down(self, supervisor: Supervisor) -> None:
        supervisor.descend()
        self._tell("house down")

    def _tell(self, what: str) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.sendto(f"{what} {os.getpid()}".encode(), self._journal)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(main(sys.argv[1]))
    child(*sys.argv[1:])
