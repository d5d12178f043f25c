"""The label printer: raw text to TCP port 9100, to private addresses only, in bounded time."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from pathlib import Path
from typing import Final

from portal.bench.port import Refused
from portal.provisioning.keeping.files import make_directory, write_whole

PORT: Final = 9100
_CONNECT_SECONDS: Final = 3.0
_SEND_SECONDS: Final = 10.0
_LONGEST: Final = 64
_LAST_PORT: Final = 65_535


class Printer:
    """The printer whose address is in the file at `path`, or `fixed` by the settings."""

    def __init__(self, path: Path, fixed: str = "") -> None:
        self._path = path
        self._fixed = fixed

    @property
    def address(self) -> str:
        """As it was given, or ""."""
        if self._fixed:
            return self._fixed
        try:
            return self._path.read_text("utf-8")[:_LONGEST].strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def change(self, text: str) -> None:
        """Print there from now on, or nowhere with "". Raises `Refused`, OSError."""
        text = text.strip()
        if text:
            parsed(text)
        make_directory(self._path.parent)
        write_whole(self._path, [text.encode()])

    def send(self, text: str) -> None:
        """Print this. Raises `Refused` in words for a person."""
        host, port = parsed(self.address)
        try:
            with socket.create_connection((host, port), timeout=_CONNECT_SECONDS) as connection:
                connection.settimeout(_SEND_SECONDS)
                connection.sendall(text.encode())
                connection.shutdown(socket.SHUT_WR)
                # A printer says nothing; it closes when it has read all.
                with contextlib.suppress(TimeoutError):
                    connection.recv(1)
        except OSError as error:
            raise Refused(
                f"The printer at {self.address} does not answer: is it on, and in this network?"
            ) from error


def parsed(text: str) -> tuple[str, int]:
    """Address and port. Raises `Refused` for what is no private address: labels go nowhere else."""
    host, colon, number = text.strip().rpartition(":") if text.count(":") == 1 else (text, "", "")
    port = int(number) if number.isascii() and number.isdigit() else 0 if colon else PORT
    try:
        address = ipaddress.IPv4Address(host.strip())
    except ValueError:
        address = None
    if address is None or not 0 < port <= _LAST_PORT or not _is_near(address):
        raise Refused("A printer's address is a private one: 192.168.1.40, or 192.168.1.40:9100.")
    return str(address), port


def _is_near(address: ipaddress.IPv4Address) -> bool:
    """Private (RFC 1918), link-local, shared (RFC 6598: the access point's own) or this machine."""
    return any(address in network for network in _NEAR)


_NEAR: Final = tuple(
    map(
        ipaddress.IPv4Network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
         "127.0.0.0/8"),
    )
)  # fmt: skip
