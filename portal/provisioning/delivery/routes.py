"""A way out of this machine that has just appeared: a new default route.

Law: it is only listened to, and only while something waits. What the kernel says is parsed as
linux/rtnetlink.h has it; a lost message costs time, never a record.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator
from typing import Final

_GROUPS: Final = 0x40 | 0x400  # RTMGRP_IPV4_ROUTE and RTMGRP_IPV6_ROUTE
_NEW_ROUTE: Final = 24
_MAIN_TABLE: Final = 254
_UNICAST: Final = 1
# struct nlmsghdr: length, type, flags, sequence, port.
_HEADER: Final = struct.Struct("=IHHII")
# struct rtmsg: family, lengths, tos, table, protocol, scope, type, flags.
_ROUTE: Final = struct.Struct("=BBBBBBBBI")
_MOST_BYTES: Final = 65_536


def has_way_out(datagram: bytes) -> bool:
    """Whether the kernel tells of a new default route in the main table."""
    return any(map(_is_way_out, _messages(datagram)))


def _messages(datagram: bytes) -> Iterator[bytes]:
    """The route messages that are new ones, each without its header."""
    while len(datagram) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(datagram)
        if not _HEADER.size <= length <= len(datagram):
            return
        if kind == _NEW_ROUTE:
            yield datagram[_HEADER.size : length]
        datagram = datagram[(length + 3) & ~3 :]


def _is_way_out(message: bytes) -> bool:
    if len(message) < _ROUTE.size:
        return False
    _, to_length, _, _, table, _, _, kind, _ = _ROUTE.unpack_from(message)
    return (to_length, table, kind) == (0, _MAIN_TABLE, _UNICAST)


class Routes:
    """The kernel's news of routes. `fileno` can be polled; without netlink it is -1."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        with contextlib.suppress(OSError):  # a sandbox without AF_NETLINK: then nobody tells us
            self._socket = socket.socket(
                socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE
            )
            self._socket.bind((0, _GROUPS))

    def fileno(self) -> int:
        """The descriptor, which poll(2) leaves out where it is -1."""
        return self._socket.fileno() if self._socket else -1

    def came(self) -> bool:
        """Take what the kernel has said so far; whether a way out was among it."""
        found = False
        while self._socket is not None:
            try:
                found = has_way_out(self._socket.recv(_MOST_BYTES)) or found
            except BlockingIOError:
                break
            except OSError:  # ENOBUFS: too much at once, and some of it is lost
                found = True
        return found

    def close(self) -> None:
        """Listen no more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
