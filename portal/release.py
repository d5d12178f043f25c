"""Who has been released: the clients whose captive checks are answered with "online".

By address, and for as long as the lease lasts under which it was released. One small file a
client in RUNTIME/released/ says so, for three readers that share no process: this one after a
restart, the resolver (it looks whether the file is there), and `vestibule clients`. RUNTIME is
on tmpfs, so a restart of the appliance forgets everybody.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal import leases

FOLDER: Final = "released"
LEASES: Final = "dnsmasq.leases"
# Clients without a lease of ours, as in the demo: as long as the default lease.
UNLEASED_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Client:
    """One client of the access point."""

    address: str
    mac: str
    name: str
    released: bool


@dataclass(slots=True)
class _Stay:
    """Until when a release holds, and for whose lease (`mac` is "" without one)."""

    mac: str
    until: float


class Released:
    """The set of released clients; `in` asks for a packed IPv4 address (four bytes).

    `now` is wall time, because dnsmasq's expiry is. Raises OSError where RUNTIME cannot be
    written.
    """

    def __init__(self, runtime: Path, now: Callable[[], float]) -> None:
        self._folder = runtime / FOLDER
        self._leases = runtime / LEASES
        self._now = now
        self._stays: dict[bytes, _Stay] = {}
        self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        for path in self._folder.iterdir():
            self._recall(path)

    def __contains__(self, packed: object) -> bool:
        """Whether the client at this address has been released and its lease still runs."""
        if not isinstance(packed, bytes) or packed not in self._stays:
            return False
        stay = self._stays[packed]
        return stay.until > self._now() or self._extended(packed, stay)

    def release(self, address: str) -> None:
        """Let the client at `address` go online, as far as its captive checks can tell."""
        lease = self._lease(address)
        packed = socket.inet_aton(address)
        (self._folder / address).write_text(f"{lease.mac if lease else ''}\n")
        until = lease.expires if lease else self._now() + UNLEASED_SECONDS
        self._stays[packed] = _Stay(lease.mac if lease else "", until)

    def sweep(self) -> None:
        """Forget those whose lease has ended, also where the resolver looks."""
        for packed in list(self._stays):
            if packed not in self:
                self._forget(packed)

    def _extended(self, packed: bytes, stay: _Stay) -> bool:
        """Whether the lease has been renewed meanwhile, by the same station."""
        lease = self._lease(socket.inet_ntoa(packed))
        if lease is None or not stay.mac or lease.mac != stay.mac or lease.expires <= self._now():
            return False
        stay.until = lease.expires
        return True

    def _forget(self, packed: bytes) -> None:
        del self._stays[packed]
        (self._folder / socket.inet_ntoa(packed)).unlink(missing_ok=True)

    def _recall(self, path: Path) -> None:
        """What was on file before this process started."""
        try:
            packed = ipaddress.IPv4Address(path.name).packed
            mac = path.read_text().strip()
        except (ValueError, OSError):
            return
        # Due at once, so that the lease file decides; without a lease it is a new stay.
        self._stays[packed] = _Stay(mac, 0.0 if mac else self._now() + UNLEASED_SECONDS)

    def _lease(self, address: str) -> leases.Lease | None:
        return _read_leases(self._leases).get(address)


def clients(runtime: Path) -> Iterator[Client]:
    """Everybody with a lease, or released without one, for people to read."""
    held = _read_leases(runtime / LEASES)
    released = {path.name for path in (runtime / FOLDER).glob("*")}
    for address in sorted(held.keys() | released, key=socket.inet_aton):
        lease = held.get(address)
        yield Client(
            address, lease.mac if lease else "", lease.name if lease else "", address in released
        )


def _read_leases(path: Path) -> dict[str, leases.Lease]:
    try:
        return leases.read(path.read_text(errors="replace"))
    except OSError:
        return {}
