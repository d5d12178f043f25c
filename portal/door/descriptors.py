"""The calls of the socket API on bare descriptors, without a socket object around each.

A captive probe lives for one read and one write. Python's socket object costs it a system call
of its own (getsockname, to learn the family) and some microseconds; at 20,000 probes a second
that is a third of a small processor. The calls here never block (the descriptors are made with
SOCK_NONBLOCK), so they keep the interpreter lock: giving it up and winning it back from a busy
thread would cost more than the call.
"""

from __future__ import annotations

import ctypes
import os
import resource
import socket
from typing import Final

# PyDLL is the flavour of CDLL that keeps the interpreter lock.
_libc: Final = ctypes.PyDLL(None, use_errno=True)

_accept4: Final = _libc.accept4
_accept4.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_send: Final = _libc.send
_send.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int)
_send.restype = ctypes.c_ssize_t
_read: Final = _libc.read
_read.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)
_read.restype = ctypes.c_ssize_t
_shutdown: Final = _libc.shutdown
_shutdown.argtypes = (ctypes.c_int, ctypes.c_int)

_NEW: Final = int(socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
_MORE: Final = int(socket.MSG_NOSIGNAL | socket.MSG_MORE)
_LAST: Final = int(socket.MSG_NOSIGNAL)
_SHUT_WR: Final = int(socket.SHUT_WR)
# struct sockaddr_in (netinet/in.h): family, port and address, the last two in network order.
_SOCKADDR_IN: Final = 16

RECEIVE: Final = 16 * 1024
_BUFFER: Final = (ctypes.c_ubyte * RECEIVE)()
_INBOX: Final = ctypes.c_void_p(ctypes.addressof(_BUFFER))
_CAME: Final = memoryview(_BUFFER).cast("B")


class Door:
    """A listening socket of IPv4, and where the kernel writes who came in."""

    def __init__(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        self.descriptor = listener.fileno()
        self._listener = listener
        self._peer = (ctypes.c_ubyte * _SOCKADDR_IN)()
        self._length = ctypes.c_uint32(_SOCKADDR_IN)
        self._where = (ctypes.addressof(self._peer), ctypes.addressof(self._length))

    def accept(self) -> tuple[int, bytes]:
        """The next newcomer: its descriptor, non-blocking, and its address as the kernel has it.

        Raises OSError. `address` reads the second.
        """
        descriptor = _accept4(self.descriptor, *self._where, _NEW)
        if descriptor < 0:
            raise _failure()
        return descriptor, bytes(self._peer)


def address(peer: bytes) -> tuple[str, int]:
    """Host and port from a struct sockaddr_in."""
    return socket.inet_ntoa(peer[4:8]), int.from_bytes(peer[2:4], "big")


def send(descriptor: int, data: bytes, *, more: bool = False) -> int:
    """Send what fits; `more` holds it back until more comes, or the half-close. Raises OSError."""
    sent: int = _send(descriptor, data, len(data), _MORE if more else _LAST)
    if sent < 0:
        raise _failure()
    return sent


def receive(descriptor: int, most: int) -> bytes:
    """As os.read, up to `RECEIVE` bytes and for one thread only, but it keeps the lock.

    Costs 0.5 µs more than os.read. But while threads make pages, each lock given up is won back
    up to 5 ms later: a probe's p99 was four times as long.
    """
    came: int = _read(descriptor, _INBOX, min(most, RECEIVE))
    if came < 0:
        raise _failure()
    return bytes(_CAME[:came])


def half_close(descriptor: int) -> None:
    """Say that nothing more will be sent. Raises OSError."""
    if _shutdown(descriptor, _SHUT_WR) < 0:
        raise _failure()


def allowed(most: int) -> int:
    """How many this process may hold, after asking for `most`: what the hard limit lets it have.

    The soft limit is 1,024 nearly everywhere, for the sake of programs that use select(2).
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < most:
        soft = min(most, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


def _failure() -> OSError:
    number = ctypes.get_errno()
    # BlockingIOError and its kin are chosen by the number (PEP 3151).
    return OSError(number, os.strerror(number))
