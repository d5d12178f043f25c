"""The appliance and one client, each a network namespace, on a wire instead of the air.

`python -m dnsd` answers at 100.64.64.1:53 and `python -m portal` at 100.64.64.1:80, as on a real
appliance; everything else there refuses. The client has that resolver and that route, no other.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from portal.provisioning.keeping.store import Store
from portal.provisioning.record import Record
from tests.dnsd.running import environment
from tests.hotspot.wire import Machine, address, connect, machines
from tests.portal.fakes import neighbourhood
from tests.portal.serving import collecting, write_scan

ROOT = Path(__file__).parents[3]
APPLIANCE = "100.64.64.1"
CLIENT = "100.64.64.10"
URL = f"http://{APPLIANCE}/"
DEADLINE = 60.0  # seconds; Firefox takes 4 to start on a machine with nothing else to do


@dataclass(frozen=True)
class Wired:
    """Both machines; `folder` holds the appliance's state and every program's log."""

    appliance: Machine
    client: Machine
    folder: Path
    _programs: ExitStack = field(repr=False)

    def starts(
        self,
        machine: Machine,
        name: str,
        argv: Sequence[str],
        more: Mapping[str, str] | None = None,
        descriptors: Sequence[int] = (),
    ) -> None:
        """Run a program on a machine until the end; what it says goes to its log."""
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [*machine.inside_argv(), *argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=environment(**(more or {})),
                pass_fds=descriptors,
            )
        self._programs.callback(_end, process)

    def log(self, name: str) -> str:
        """What a program has said so far."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def reaches(self, machine: Machine, place: tuple[str, int]) -> socket.socket:
        """A connection made on a machine, as soon as somebody listens at `place`."""
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                with machine.inside():
                    return socket.create_connection(place, timeout=DEADLINE)
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, f"nobody listens at {place}"
                time.sleep(0.05)

    def records(self) -> list[Record]:
        """What the store holds."""
        with Store(self.folder / "records.db") as store:
            return [entry.record for entry in store.records() if entry.record]

    def delivers(self) -> dict[str, object]:
        """Pass on what waits, as the appliance does; the one document that arrived."""
        argv = [sys.executable, "-m", "portal.provisioning", "deliver", f"--state={self.folder}"]
        subprocess.run(argv, cwd=ROOT, env=environment(), check=True, timeout=DEADLINE)
        (file,) = (self.folder / "delivered").glob("*.json")
        document: dict[str, object] = json.loads(file.read_text())
        return document


@contextmanager
def wired(folder: Path) -> Iterator[Wired]:
    """Both machines, and the appliance's two processes answering."""
    with machines("ap", "client") as (appliance, client), _resolv(client), ExitStack() as programs:
        # Whatever a browser leaves behind would keep its machine alive.
        programs.callback(_end_all, client)
        connect(appliance, "wlan0", client, "wlan0")
        address(appliance, "wlan0", f"{APPLIANCE}/22")
        address(client, "wlan0", f"{CLIENT}/22")
        client.run("ip", "route", "add", "default", "via", APPLIANCE)
        both = Wired(appliance, client, folder, programs)
        write_scan(folder / "networks.json", neighbourhood())
        dnsd = ("--answer", APPLIANCE, "--released", str(folder / "released"))
        both.starts(appliance, "dnsd", [sys.executable, "-m", "dnsd", *dnsd])
        portal = [f"--url={URL}", f"--state={folder}", f"--runtime={folder}"]
        portal.append(f"--config={collecting(folder)}")
        portal += ["--bind", f"{APPLIANCE}:80"]
        both.starts(appliance, "portal", [sys.executable, "-m", "portal", *portal])
        for port in (53, 80):
            both.reaches(client, (APPLIANCE, port)).close()
        yield both


class Connection(http.client.HTTPConnection):
    """HTTP to a program on a machine's own loopback, also when it has to connect anew."""

    def __init__(self, wire: Wired, port: int) -> None:
        super().__init__("127.0.0.1", port, timeout=60)
        self._wire = wire

    def connect(self) -> None:
        self.sock = self._wire.reaches(self._wire.client, (self.host, self.port))


@contextmanager
def _resolv(machine: Machine) -> Iterator[None]:
    """`ip netns exec` binds this over /etc/resolv.conf."""
    folder = Path("/etc/netns") / machine.name
    folder.mkdir(parents=True)
    try:
        (folder / "resolv.conf").write_text(f"nameserver {APPLIANCE}\n")
        yield
    finally:
        shutil.rmtree(folder)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_all(machine: Machine) -> None:
    """Kill every process in the machine's namespace, and see each gone."""
    for pid in map(int, machine.run("ip", "netns", "pids", machine.name).split()):
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            select.select([descriptor], [], [], DEADLINE)
        except ProcessLookupError:
            pass
        finally:
            os.close(descriptor)
