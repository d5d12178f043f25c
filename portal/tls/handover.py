"""How the process that ends TLS gives the portal a connection: its address and a descriptor.

One message on a Unix socket that keeps messages apart (SCM_RIGHTS, unix(7)): the client's struct
sockaddr_in as the data, and beside it one end of a stream on which the portal finds what the
client has said, decrypted. The supervisor makes a pair of such sockets; under systemd, where
nobody could make one, the portal has a place that datagrams are sent to.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from typing import Final

# struct sockaddr_in (netinet/in.h): family, then port and address in network order, padding.
_LENGTH: Final = 16
_INT: Final = struct.Struct("=i")
_BESIDE: Final = socket.CMSG_LEN(_INT.size)


def sockaddr(address: tuple[str, int]) -> bytes:
    """Host and port as a struct sockaddr_in."""
    family, port = struct.pack("=H", socket.AF_INET), struct.pack("!H", address[1])
    return (family + port + socket.inet_aton(address[0])).ljust(_LENGTH, b"\0")


def give(channel: socket.socket, client: tuple[str, int], stream: socket.socket) -> None:
    """Hand over one connection; ours to close all the same. Raises OSError, also when full."""
    rights = _INT.pack(stream.fileno())
    beside = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)]
    # Not `socket.send_fds` and its kin: they take flags and forget them (Python 3.11).
    channel.sendmsg([sockaddr(client)], beside, socket.MSG_DONTWAIT)


def take(channel: socket.socket) -> tuple[int, bytes] | None:
    """The next connection handed over: a non-blocking descriptor, and who it is; None if none.

    Raises EOFError when nobody is left who could hand anything over.
    """
    try:
        peer, beside, _, _ = channel.recvmsg(
            _LENGTH, _BESIDE, socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
        )
    except BlockingIOError:
        return None
    except OSError as error:
        raise EOFError from error
    descriptors = [number for _, _, data in beside for (number,) in _INT.iter_unpack(data)]
    # Where datagrams come in an empty one is only an odd one.
    if not peer and not descriptors and channel.type != socket.SOCK_DGRAM:
        raise EOFError
    if len(descriptors) != 1 or len(peer) != _LENGTH:
        for descriptor in descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        return None
    os.set_blocking(descriptors[0], False)
    return descriptors[0], peer
