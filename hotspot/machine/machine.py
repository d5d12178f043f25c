"""The machine as the plan sees it: what is there, and one step executed."""

from __future__ import annotations

import subprocess
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from hotspot import nftables
from hotspot.air.wireless import Wireless, index_of
from hotspot.errors import Refused
from hotspot.machine import steps
from hotspot.machine.neighbours import Neighbours
from hotspot.machine.steps import Address, State, Step
from hotspot.netlink import Links

if TYPE_CHECKING:
    from collections.abc import Callable

_SYSCTLS: Final = Path("/proc/sys")
_NFT_SECONDS: Final = 20


class Machine:
    """One interface of this machine; a context manager. Failures are `OSError` or `Refused`.

    `table` is the text of our nftables table; `own_directory` is for sockets while we ask.
    """

    def __init__(
        self,
        interface: str,
        own_directory: Path,
        table: str = "",
        wireless: Wireless | None = None,
    ) -> None:
        self._interface = interface
        self._table = table
        self._neighbours = Neighbours(interface, own_directory)
        self._links = Links()
        self._wireless = wireless or Wireless()
        self._doing = self._table_of_steps()

    def __enter__(self) -> Self:
        self._links.__enter__()
        self._wireless.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._wireless.__exit__()
        self._links.__exit__()

    def is_there(self) -> bool:
        """Whether the interface exists: a dongle may have been pulled."""
        try:
            return self._index > 0
        except OSError:
            return False

    def observe(self, told: frozenset[str] = frozenset()) -> State:
        """What is so now; `told` are the neighbours that were told to let go before."""
        index = index_of(self._interface)
        switch = f"net/ipv6/conf/{self._interface}/disable_ipv6"
        file = _SYSCTLS / switch
        return State(
            interface=self._interface,
            type=self._wireless.type(index),
            up=self._links.up(index),
            addresses=self._links.addresses(index),
            routes=self._links.routes(index),
            sysctls={switch: file.read_text().strip()} if file.exists() else {},
            country=self._wireless.country(),
            table=_nft(["list", "table", "inet", nftables.TABLE]) == 0,
            held_by=self._neighbours.holding(told),
        )

    def scan(self, seconds: float) -> list[bytes]:
        """What the radio hears: see `Wireless.scan`."""
        return self._wireless.scan(index_of(self._interface), seconds)

    def execute(self, step: Step) -> None:
        """Make one step true."""
        try:
            self._doing[type(step)](*astuple(step))  # type: ignore[call-overload] # a dataclass
        except OSError as error:
            what = f"{self._interface}: {step} failed ({error.strerror or error})"
            remedy = "see whether the interface is still there: ip link, iw dev"
            raise Refused(what, remedy) from error

    def _table_of_steps(self) -> dict[type[Step], Callable[..., None]]:
        """For each kind of step what does it; a step's fields are the arguments."""
        links, wireless, neighbours = self._links, self._wireless, self._neighbours
        return {
            steps.Unmanage: neighbours.leave,
            steps.Manage: neighbours.give_back,
            steps.SetUp: lambda: links.set_up(self._index, up=True),
            steps.SetDown: lambda: links.set_up(self._index, up=False),
            steps.SetType: lambda kind: wireless.set_type(self._index, kind),
            steps.SetCountry: wireless.set_country,
            steps.SetSysctl: _set_sysctl,
            steps.AddAddress: lambda *of: links.add_address(self._index, Address(*of)),
            steps.RemoveAddress: lambda *of: links.remove_address(self._index, Address(*of)),
            steps.AddRoute: links.add_route,
            steps.RemoveRoute: links.remove_route,
            steps.LoadTable: lambda: _load(self._table),
            steps.UnloadTable: lambda: _load(nftables.REMOVE),
        }

    @property
    def _index(self) -> int:
        # Asked each time: a dongle pulled and put back in has another one.
        return index_of(self._interface)


def _set_sysctl(name: str, value: str) -> None:
    (_SYSCTLS / name).write_text(f"{value}\n")


def _load(text: str) -> None:
    if _nft(["-f", "-"], text) != 0:
        remedy = "see whether this kernel has nftables: nft list tables"
        raise Refused("nft refused our table", remedy)


def _nft(words: list[str], text: str = "") -> int:
    """nft's exit status. What it has to say goes to our log, unless it was only asked."""
    asked = words[0] == "list"
    return subprocess.run(
        ["nft", *words],
        input=text.encode("ascii"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if asked else None,
        check=False,
        timeout=_NFT_SECONDS,
    ).returncode
