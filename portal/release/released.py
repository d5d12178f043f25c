"""Who has been released: the clients whose captive checks are answered with "online".

By address, and for as long as the lease lasts under which it was released. One small file a
client in RUNTIME/released/ says so, for three readers that share no process: this one after a
restart, the resolver (it looks whether the file is there), and `vestibule clients`. A fresh
`vestibule run` forgets everybody.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from portal.release import leases

FOLDER: Final = "released"
LEASES: Final = "dnsmasq.leases"
# Clients without a lease of ours, as in the demo: as long as the default lease.
UNLEASED_SECONDS: Final = 600.0


class Releases(Protocol):
    """What the web side asks: addresses as text, as the server was told them."""

    def release(self, address: str) -> None:
        """Let the client at `address` go online. Raises OSError where that cannot be noted."""
        ...

    def is_released(self, address: str) -> bool:
        """Whether the client at `address` has been released."""
        ...

    def holder(self, address: str) -> str:
        """The MAC under whose lease `address` is held, "" without a lease."""
        ...


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


class LeaseFile:
    """Call it for the leases by address, at the cost of one stat(2) while nothing changes.

    dnsmasq writes the file before it sends its answer, so whoever asks us has its lease in it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[tuple[int, ...], Mapping[str, leases.Lease]] = ((), {})

    def __call__(self) -> Mapping[str, leases.Lease]:
        """The leases as they stand; none where there is no file."""
        try:
            status = os.stat(self._path)  # noqa: PTH116 - a third of what Path.stat takes
            state = (status.st_ino, status.st_size, status.st_mtime_ns)
            if state != self._seen[0]:
                # One assignment: other threads see the old pair or the new one.
                self._seen = (state, leases.read(self._path.read_text(errors="replace")))
        except OSError:
            return {}
        return self._seen[1]


class Released:
    """The set of released clients; `in` asks for a packed IPv4 address (four bytes).

    For any number of threads; only `in` is asked by the event loop, and it waits for nobody.
    `now` is wall time, because dnsmasq's expiry is.
    """

    def __init__(self, runtime: Path, now: Callable[[], float]) -> None:
        self._folder = runtime / FOLDER
        self._leases = LeaseFile(runtime / LEASES)
        self._now = now
        self._lock = threading.Lock()
        self._stays: dict[bytes, _Stay] = {}
        for packed, mac in _on_file(self._folder):
            # Due at once, so that the lease file decides; without a lease it is a new stay.
            until = 0.0 if mac else now() + UNLEASED_SECONDS
            self._stays[packed] = _Stay(mac, until)

    def __len__(self) -> int:
        return len(self._stays)

    def __contains__(self, packed: object) -> bool:
        """Whether the client at this address has been released and its lease still runs."""
        if not isinstance(packed, bytes):
            return False
        stay = self._stays.get(packed)
        return stay is not None and self._lasts(socket.inet_ntoa(packed), stay)

    def is_released(self, address: str) -> bool:
        """The same for an address as text; one that is no IPv4 address never is."""
        try:
            return socket.inet_pton(socket.AF_INET, address) in self
        except OSError:
            return False

    def holder(self, address: str) -> str:
        """The MAC under whose lease `address` is held, "" without a lease."""
        lease = self._leases().get(address)
        return lease.mac if lease else ""

    def release(self, address: str) -> None:
        """Let the client at `address` go online, as far as its captive checks can tell.

        Raises OSError where RUNTIME cannot be written, and for what is no IPv4 address.
        """
        packed = socket.inet_pton(socket.AF_INET, address)
        with self._lock:
            lease = self._leases().get(address)
            mac = lease.mac if lease else ""
            self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            (self._folder / address).write_text(f"{mac}\n")
            until = lease.expires if lease else self._now() + UNLEASED_SECONDS
            self._stays[packed] = _Stay(mac, until)

    def sweep(self) -> None:
        """Forget those whose lease has ended, also where the resolver looks.

        A file that cannot be removed is tried again at the next sweep.
        """
        with self._lock:
            for packed in [packed for packed in self._stays if packed not in self]:
                with contextlib.suppress(OSError):
                    (self._folder / socket.inet_ntoa(packed)).unlink(missing_ok=True)
                    del self._stays[packed]

    def _lasts(self, address: str, stay: _Stay) -> bool:
        """Whether the stay goes on: its lease may have been renewed, or be another's by now."""
        lease = self._leases().get(address)
        if lease is not None:
            if lease.mac != stay.mac:
                return False
            stay.until = lease.expires
        # A lease that is missing counts for nothing before its time: dnsmasq empties the file
        # before it writes it anew.
        return stay.until > self._now()


def clients(runtime: Path) -> Iterator[Client]:
    """Everybody with a lease, or released without one, in the order of their addresses."""
    held = LeaseFile(runtime / LEASES)()
    released = {socket.inet_ntoa(packed): mac for packed, mac in _on_file(runtime / FOLDER)}
    for address in sorted(held.keys() | released, key=socket.inet_aton):
        lease = held.get(address)
        mac, name = (lease.mac, lease.name) if lease else (released[address], "")
        yield Client(address, mac, name, released.get(address) == mac)


def _on_file(folder: Path) -> Iterator[tuple[bytes, str]]:
    """Packed address and MAC of each release on file; other files are passed over."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            with contextlib.suppress(OSError):
                yield socket.inet_pton(socket.AF_INET, path.name), path.read_text().strip()
