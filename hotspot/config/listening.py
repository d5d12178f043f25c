"""Where the metrics are asked for: a Unix socket or a loopback address, and nothing else."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from hotspot.config.values import NotAllowed


@dataclass(frozen=True, slots=True)
class Metrics:
    """Where Prometheus may ask: "unix:/PATH", or a loopback address and port; `None`: nowhere."""

    listen: str | None = None


UNIX: Final = "unix:"
LISTEN: Final = (
    '"unix:/PATH" of a socket, or an address of this machine alone and a port, '
    'such as "127.0.0.1:9099" or "[::1]:9099"'
)
# sockaddr_un has 107 bytes before its NUL (unix(7)).
_SOCKET_BYTES: Final = 107
_PLACE: Final = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})")


def listener(value: object) -> str:
    """A place to listen at that nobody else's machine can reach."""
    if isinstance(value, str):
        if value.startswith(UNIX) and re.fullmatch(r"(?:/[A-Za-z0-9._-]+)+", value[len(UNIX) :]):
            if len(value) - len(UNIX) <= _SOCKET_BYTES:
                return value
        elif place(value):
            return value
    raise NotAllowed(LISTEN)


def place(value: str) -> tuple[str, int] | None:
    """The loopback address and port of "ADDRESS:PORT"; `None` where it is not such."""
    found = _PLACE.fullmatch(value)
    if found is None:
        return None
    try:
        address = ipaddress.ip_address(found[1] or found[2])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address) == bool(found[1]):
        return None
    fits = address.is_loopback and 0 < int(found[3]) < 1 << 16
    return (str(address), int(found[3])) if fits else None
