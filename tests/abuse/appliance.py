"""The whole appliance but for the radio: real dnsmasq, dnsd, portal and nftables on a wire."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hotspot import dnsmasq, nftables
from hotspot.settings import Network
from hotspot.supervisor.sockets import Place
from tests.dnsd.running import ROOT, environment
from tests.hotspot.real import program
from tests.hotspot.wire import Machine, address, connect, machines
from tests.portal.fakes import neighbourhood
from tests.portal.serving import collecting, write_scan

NETWORK: Final = Network()
OWN: Final = str(NETWORK.address.ip)
HOME: Final = NETWORK.address.network
STATION: Final = str(HOME[9])
# On the appliance's other side: its own address there, and a machine behind it.
UPLINK, BEYOND = "198.51.100.1", "198.51.100.2"
DEADLINE: Final = 20.0  # seconds

# sd_listen_fds(3) wants the descriptors from 3 on, and the process's own number.
_HAND_ON: Final = """
import os, sys
end = sys.argv.index("--")
for number, given in enumerate(sys.argv[1:end], 3):
    os.dup2(int(given), number)
os.environ.update(LISTEN_FDS=str(end - 1), LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[end + 1], sys.argv[end + 1:])
"""


@dataclass(frozen=True)
class Appliance:
    """The machines, and the processes by name. `folder` is its state and its runtime."""

    station: Machine
    itself: Machine
    beyond: Machine
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]]

    def is_well(self) -> bool:
        """Whether everything that was started still runs, and nobody has complained."""
        said = (self.folder / "stderr").read_text()
        running = all(each.poll() is None for each in self.processes.values())
        return running and "Traceback" not in said and "failed" not in said


@contextmanager
def appliance(folder: Path) -> Iterator[Appliance]:
    """Start it, with a station on the one side and a machine beyond on the other."""
    with contextlib.ExitStack() as stack:
        station, itself, beyond = stack.enter_context(machines("station", "itself", "beyond"))
        _wire(station, itself, beyond)
        itself.run("nft", "-f", "-", text=nftables.render("ap0", NETWORK.address))
        write_scan(folder / "networks.json", neighbourhood())
        text = dnsmasq.render(NETWORK, interface="ap0", runtime=str(folder))
        # It gives up root for this user, in the test's own folder too.
        (folder / dnsmasq.FILE).write_text(f"{text}user=root\n")
        with itself.inside():
            place = Place(OWN, "ap0", "")
            http, (udp, tcp) = place.listen(80), place.resolver(53)
        log = stack.enter_context((folder / "stderr").open("wb"))
        python = sys.executable
        runs = [f"--state={folder}", f"--runtime={folder}", f"--url=http://{OWN}/"]
        runs.append(f"--config={collecting(folder)}")
        processes = {
            "dnsmasq": _start(
                [*itself.inside_argv(), program("dnsmasq"), f"--conf-file={folder}/{dnsmasq.FILE}"],
                log.fileno(),
            ),
            "dnsd": _start([python, "-m", "dnsd", "--answer", OWN], log.fileno(), [udp, tcp]),
            "portal": _start([python, "-m", "portal", *runs], log.fileno(), [http]),
        }
        try:
            for bound in (http, udp, tcp):
                bound.close()
            yield Appliance(station, itself, beyond, folder, processes)
        finally:
            for process in processes.values():
                process.terminate()
            for process in processes.values():
                process.wait(DEADLINE)


def _wire(station: Machine, itself: Machine, beyond: Machine) -> None:
    connect(itself, "ap0", station, "sta0")
    connect(itself, "up0", beyond, "eth0")
    address(itself, "ap0", f"{OWN}/{HOME.prefixlen}")
    address(itself, "up0", f"{UPLINK}/24")
    address(beyond, "eth0", f"{BEYOND}/24")
    # Every address of the network but the appliance's is the station's own, without a list of
    # them: one machine plays all the phones.
    station.run("ip", "address", "add", f"{STATION}/32", "dev", "sta0")
    station.run("ip", "route", "add", f"{OWN}/32", "dev", "sta0", "table", "local")
    station.run("ip", "route", "add", "local", str(HOME), "dev", "sta0", "table", "local")
    beyond.run("ip", "route", "add", str(HOME), "via", UPLINK)
    # As a careless machine would.
    itself.sysctl("ipv4/ip_forward", "1")


def _start(
    argv: Sequence[str], log: int, sockets: Sequence[socket.socket] = ()
) -> subprocess.Popen[bytes]:
    """A process that inherits these sockets, and is told so."""
    # Out of the way of the numbers they are to have.
    high = [fcntl.fcntl(each.fileno(), fcntl.F_DUPFD_CLOEXEC, 100) for each in sockets]
    handed = [sys.executable, "-c", _HAND_ON, *map(str, high), "--"] if high else []
    try:
        return subprocess.Popen(
            [*handed, *argv], pass_fds=high, stderr=log, cwd=ROOT, env=environment()
        )
    finally:
        for descriptor in high:
            os.close(descriptor)
