"""The appliance: `vestibule run` on a radio of the guest's own namespace."""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.lab.guest.program import Program, run, until

# What the console script `vestibule` runs, whether or not the checkout is installed.
VESTIBULE: Final = (sys.executable, "-m", "hotspot")
STATE: Final = Path("/var/lib/vestibule")
RUNTIME: Final = Path("/run/vestibule")
DELIVERED: Final = Path("/run/lab/delivered")
ADDRESS: Final = "100.64.64.1"
URL: Final = f"http://{ADDRESS}/"
READY_SECONDS: Final = 120.0
STOP_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Config:
    """What the stories set; everything else is the product's default.

    `radio` are more lines of [radio], `tables` more tables of the file. What is filled in goes
    on at once, to the folder `delivered`, unless a table of [provisioning] says otherwise.
    """

    ssid: str = "Vestibule-7KQ2"
    passphrase: str = "correct horse battery"
    channel: int = 6
    interface: str = "wlan0"
    country: str = "DE"
    radio: tuple[str, ...] = ()
    tables: str = ""
    delivered: Path = DELIVERED

    def toml(self) -> str:
        """The settings file. JSON's strings, escapes included, are TOML's too."""
        collects = "" if "[provisioning]" in self.tables else "[provisioning]\njoins = false"
        return "\n".join(
            [
                "[radio]",
                f"interface = {json.dumps(self.interface)}",
                f"country = {json.dumps(self.country)}",
                f"ssid = {json.dumps(self.ssid, ensure_ascii=False)}",
                f"passphrase = {json.dumps(self.passphrase)}",
                f"channel = {self.channel}",
                *self.radio,
                "[delivery.keep]",
                'backend = "file"',
                f"directory = {json.dumps(str(self.delivered))}",
                collects,
                self.tables,
                "",
            ]
        )


class Appliance:
    """`vestibule run`, started; stopped by SIGTERM when the block ends, unless it was before."""

    def __init__(self, config: Config, logs: Path, name: str = "vestibule") -> None:
        self.config = config
        self.file = Path("/run/lab") / f"{name}.toml"
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(config.toml())
        DELIVERED.mkdir(mode=0o700, exist_ok=True)
        argv = [*VESTIBULE, "run", "--config", str(self.file)]
        self.run = Program(argv, logs / f"{name}.log")

    def ready(self, seconds: float = READY_SECONDS) -> str:
        """The ready line."""
        return self.run.said("^vestibule ready: .*", seconds)[0]

    def stop(self) -> None:
        """SIGTERM; it must end by itself with status 0."""
        status = self.run.end(STOP_SECONDS)
        assert status == 0, f"vestibule run: exit status {status}: {self.run.tail()}"

    def ends(self, *programs: str) -> dict[str, float]:
        """Stop, and when (monotonic) each of these programs had ended."""
        ended: dict[str, float] = {}
        poll = select.poll()
        names = {os.pidfd_open(self.pid(program)): program for program in programs}
        for descriptor in names:
            poll.register(descriptor, select.POLLIN)
        self.run.process.terminate()
        while names and (ready := poll.poll(STOP_SECONDS * 1000)):
            for descriptor, _ in ready:
                ended[names.pop(descriptor)] = time.monotonic()
                poll.unregister(descriptor)
                os.close(descriptor)
        self.stop()
        return ended

    def records(self) -> list[dict[str, Any]]:
        """What `vestibule records list --json` tells."""
        told: Any = json.loads(run(*VESTIBULE, "records", "list", "--json", "--state", str(STATE)))
        return list(told["records"] if isinstance(told, dict) else told)

    def delivered(self, seconds: float = 20.0) -> dict[str, Any]:
        """The one document in the file backend's folder, waited for."""
        until(lambda: list(DELIVERED.glob("*.json")), seconds, "delivered record")
        (file,) = DELIVERED.glob("*.json")
        assert file.stat().st_mode & 0o777 == 0o600
        document: dict[str, Any] = json.loads(file.read_text())
        return document

    def processes(self) -> Iterator[tuple[int, list[str]]]:
        """Number and argv of `vestibule run` and of everything below it."""
        for pid in descendants(self.run.pid):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                yield pid, [word.decode(errors="backslashreplace") for word in words if word]

    def pid(self, program: str) -> int:
        """The process whose program, or module after -m, is `program`."""
        found = [pid for pid, argv in self.processes() if program in named(argv)]
        assert found, f"no {program} below vestibule run: {list(self.processes())}"
        return found[0]

    def memory(self) -> dict[str, float]:
        """PSS of each process in MiB, by what it runs; the parts add up to what it all costs."""
        found = {}
        for pid, argv in self.processes():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                found[f"{' '.join(named(argv))} ({pid})"] = round(pss(pid) / 1024, 1)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        self.run.__exit__(kind, value, trace)


def named(argv: list[str]) -> list[str]:
    """What a process runs: its program, and the module if that is Python with -m."""
    program = [Path(argv[0]).name] if argv else []
    return (
        [*program, argv[argv.index("-m") + 1]] if "-m" in argv[:-1] else [*program, *scripts(argv)]
    )


def scripts(argv: list[str]) -> list[str]:
    """The name of the script a Python runs, from its first argument."""
    return [Path(argv[1]).name] if len(argv) > 1 and argv[1].startswith("/") else []


def descendants(pid: int) -> Iterator[int]:
    """A process and all below it, parents first (proc(5), task/TID/children)."""
    yield pid
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                yield from descendants(int(child))


def pss(pid: int) -> int:
    """Proportional set size in KiB: shared pages divided among those who share them."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise AssertionError(f"no Pss in smaps_rollup of {pid}")
