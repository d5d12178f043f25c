"""What the kernel knows of a connection that we have written to, and how much it may hold back.

Bytes written are not bytes delivered: with a client that had stopped reading, a socket took
2.8 MB of a file of which 6 KB were acknowledged (Linux 6.18, its buffer at the default).
"""

from __future__ import annotations

import ctypes
import fcntl
import socket
import termios
from typing import Final

_libc: Final = ctypes.PyDLL(None, use_errno=True)
_getsockopt: Final = _libc.getsockopt
_getsockopt.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_setsockopt: Final = _libc.setsockopt
_setsockopt.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32)

_TCP: Final = int(socket.IPPROTO_TCP)
_TCP_INFO: Final = int(socket.TCP_INFO)
# struct tcp_info (linux/tcp.h): the octets acknowledged on this connection, since Linux 4.1. The
# fields before it have the same sizes everywhere.
_BYTES_ACKED: Final = 120
_INFO: Final = (ctypes.c_uint64 * 17)()
_LENGTH: Final = ctypes.c_uint32()
_WHERE: Final = (ctypes.addressof(_INFO), ctypes.addressof(_LENGTH))
_SIZE: Final = ctypes.sizeof(_INFO)


def acknowledged(descriptor: int, written: int) -> int:
    """How many of the bytes `written` on this connection its other end has acknowledged.

    Of a stream that is no TCP (a pair with the process that ends TLS) those that have been taken
    out at the other end, rather fewer than more. For the loop's thread only.
    """
    _LENGTH.value = _SIZE
    if _getsockopt(descriptor, _TCP, _TCP_INFO, *_WHERE) == 0 and _LENGTH.value == _SIZE:
        return min(written, int(_INFO[_BYTES_ACKED // 8]))
    # unix(7) counts the memory that waits, which is more than the bytes in it; nothing is nothing.
    waiting = int.from_bytes(fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)), "little")
    return max(0, written - waiting)


def prepare(descriptor: int, most: int) -> None:
    """Let the kernel keep about `most` bytes that are not acknowledged, and send all it can.

    The second is TCP_NODELAY: a buffer that is full ends in the middle of a segment, and without
    it each tenth file waited 40 ms for a delayed acknowledgement.
    """
    for level, name, number in (
        (socket.SOL_SOCKET, socket.SO_SNDBUF, most),
        (_TCP, socket.TCP_NODELAY, 1),
    ):
        value = ctypes.c_int(number)
        _setsockopt(descriptor, level, name, ctypes.byref(value), ctypes.sizeof(value))
