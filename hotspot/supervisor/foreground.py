"""`vestibule run` once its command line is understood: the small process that stays.

Started only by `hotspot.commands.run`, which has checked everything and then becomes this, so
that click and the settings' modules leave memory (measured: 16.4 MiB PSS before, 9.1 after, of
which the bare interpreter is 6.7).
"""

from __future__ import annotations

import os
import sys

from hotspot.air.stations import Stations
from hotspot.errors import Refused
from hotspot.home import household
from hotspot.home.house import House
from hotspot.home.household import Household
from hotspot.supervisor import order, programs, sockets
from hotspot.supervisor.programs import FOREVER
from hotspot.supervisor.supervise import Supervisor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_HTTPS = 443
# Sockets that come and go with the access point, whose address they are bound to.
_PASSING = frozenset({"http", "https", "handover-in", "handover-out", "dns-udp", "dns-tcp"})


def main(words: list[str]) -> int:
    """Run with words in pairs, as `words_for` makes them: the exit status."""
    pairs = given(words)
    # The lock came through exec; no child may hold it when we are gone.
    os.set_inheritable(int(pairs["--lock"]), False)
    return Foreground(run_from(pairs)).live()


class Foreground:
    """One run in the foreground: its supervisor, and what that does itself on the way up."""

    def __init__(self, run: programs.Run) -> None:
        self._run = run
        self._house = None if run.demo else house_of(run)
        self.supervisor = Supervisor(
            order.up(
                demo=run.demo,
                tls=bool(run.name),
                mdns=bool(run.hostname),
                room=run.demo and bool(run.bench),
            ),
            lambda name: programs.argv(name, run),
            {
                order.DESKS: self._open_desks,
                "sockets": self._open,
                "watch": self._watch,
                order.LEAVE: self._leave,
            },
            restore=None if run.demo else order.RESTORE,
            house=self._house,
        )
        self._stations = Stations(self.supervisor.loop, self._counted)

    def _open_desks(self) -> None:
        """What outlives the access point: there also while the machine is at home."""
        run, held = self._run, self.supervisor.sockets
        held["doorbell"] = sockets.doorbell(f"{run.runtime}/deliver.sock")
        held["radio"] = sockets.desk(f"{run.runtime}/radio.sock")
        if self._house:
            held["house"] = sockets.doorbell(f"{run.runtime}/{household.SOCKET}")

    def _open(self) -> None:
        run, held = self._run, self.supervisor.sockets
        if not run.demo:
            run.interface, address = access_point(f"{run.runtime}/dnsmasq.conf")
            run.http, run.dns = (address, run.http[1]), (address, run.dns[1])
        if run.hostname:
            run.ssid = name_on_air(f"{run.runtime}/hostapd.conf")
        dns = sockets.Place(run.dns[0], run.interface, self._remedy("--dns", run.dns))
        http = sockets.Place(run.http[0], run.interface, self._remedy("--http", run.http))
        held["http"] = http.listen(run.http[1])
        if run.name:
            held["https"] = http.listen(_HTTPS)
            held["handover-in"], held["handover-out"] = sockets.handover()
        held["dns-udp"], held["dns-tcp"] = dns.resolver(run.dns[1])
        run.http, run.dns = held["http"].getsockname(), held["dns-udp"].getsockname()

    def _remedy(self, option: str, place: tuple[str, int]) -> str:
        if self._run.demo:
            return f"stop it, or choose another port with {option} {place[0]}:PORT"
        return "stop it, then start again"

    def _watch(self) -> None:
        self._stations.watch(self._run.runtime, self._run.interface)
        if self._house:
            self._house.interface = self._run.interface

    def _counted(self, stations: int, silent: bool) -> None:  # noqa: FBT001 - what a callback is told
        if self._house:
            self._house.counted(stations, silent=silent)

    def _leave(self) -> None:
        """The ports are somebody else's to use while there is no access point."""
        self._stations.close()
        held = self.supervisor.sockets
        for name in [name for name in held if name in _PASSING]:
            held.pop(name).close()

    def live(self) -> int:
        """Up, on, and down again: the exit status."""
        try:
            return self.supervisor.run()
        finally:
            self._stations.close()


def house_of(run: programs.Run) -> Household:
    """The household of a run, as its settings have it."""
    linger = None if run.linger == FOREVER else float(run.linger)
    house = House(
        linger=linger,
        return_after=float(run.return_after),
        kept=run.kept == "yes",
        start=run.start,
        idle_off=None if run.idle_off == FOREVER else float(run.idle_off),
    )
    return Household(house, run.runtime, run.interface, run.button)


def access_point(path: str) -> tuple[str, str]:
    """The interface and the address that `prepare` has settled on, from the DHCP server's file.

    Raises `Refused`.
    """
    lines = _lines(path)
    interface = _after("interface=", lines)
    address = _after("dhcp-option=option:router,", lines)
    if not interface or not address:
        raise Refused(f"{path} names no interface and address", "report this as a bug")
    return interface, address


def name_on_air(path: str) -> str:
    """The SSID in hex, from hostapd's file. Raises `Refused`."""
    found = _after("ssid2=", _lines(path))
    if not found:
        raise Refused(f"{path} names no SSID", "report this as a bug")
    return found


def _lines(path: str) -> list[str]:
    with open(path, encoding="ascii") as file:  # noqa: PTH123 - pathlib would add 0.9 MiB
        return file.read().splitlines()


def _after(start: str, lines: list[str]) -> str:
    return next((line.removeprefix(start) for line in lines if line.startswith(start)), "")


def words_for(run: programs.Run, lock: int) -> list[str]:
    """The argument vector of this process for a run."""
    pairs = {
        "--mode": "demo" if run.demo else "radio",
        "--state": run.state,
        "--runtime": run.runtime,
        "--http": programs.at(run.http),
        "--dns": programs.at(run.dns),
        "--ttl": run.ttl,
        "--lock": str(lock),
        "--config": run.config,
        "--setpriv": run.setpriv,
        "--keep": run.keep,
        "--name": run.name,
        "--certificate": run.certificate,
        "--key": run.key,
        "--hostname": run.hostname,
        "--linger": run.linger,
        "--return-after": run.return_after,
        "--kept": run.kept,
        "--bench": run.bench,
        "--counts": run.counts,
        "--start": run.start,
        "--idle-off": run.idle_off,
        "--button": run.button,
        "--interface": run.interface,
    }
    flat = (word for pair in pairs.items() if pair[1] for word in pair)
    return [run.python, "-m", "hotspot.supervisor.foreground", *flat]


def given(words: list[str]) -> dict[str, str]:
    """The pairs of `words_for`, as a mapping."""
    return dict(zip(words[::2], words[1::2], strict=True))


def run_from(pairs: Mapping[str, str]) -> programs.Run:
    """The run that `words_for` wrote down."""
    run = programs.Run(
        python=sys.executable,
        demo=pairs["--mode"] == "demo",
        state=pairs["--state"],
        runtime=pairs["--runtime"],
    )
    run.http, run.dns = _place(pairs["--http"]), _place(pairs["--dns"])
    run.ttl = pairs["--ttl"]
    run.config = pairs.get("--config", "")
    run.setpriv = pairs.get("--setpriv", "")
    run.keep = pairs.get("--keep", "")
    run.name = pairs.get("--name", "")
    run.certificate, run.key = pairs.get("--certificate", ""), pairs.get("--key", "")
    run.hostname = pairs.get("--hostname", "")
    run.linger, run.return_after = pairs["--linger"], pairs["--return-after"]
    run.bench, run.counts = pairs.get("--bench", ""), pairs.get("--counts", "")
    run.kept, run.interface = pairs.get("--kept", ""), pairs.get("--interface", "")
    run.start, run.idle_off = pairs["--start"], pairs["--idle-off"]
    run.button = pairs.get("--button", "")
    return run


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
