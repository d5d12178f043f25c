"""The sockets a run opens once and hands to its children, so that no restart loses a client.

Binding fails at the start or never. A port that is taken is a refusal that names who holds
it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket

from hotspot.errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hotspot.checks.holders import Protocol

# Connections the kernel keeps while the portal is being started again; it lowers this to
# net.core.somaxconn by itself.
BACKLOG = 1024
# Askers that wait while the radio agent starts: its callers are the portal and a person's shell.
_DESK_BACKLOG = 64
# The kernel picks the UDP port; the same number must be free for TCP too.
_TRIES = 20


class Place:
    """Where to bind: an IPv4 address, the interface to stay on (""  for any), the remedy to
    name when a port is taken.
    """

    def __init__(self, address: str, interface: str, remedy: str) -> None:
        self.address = address
        self.interface = interface
        self.remedy = remedy

    def listen(self, port: int) -> socket.socket:
        """A listening TCP socket; port 0 lets the kernel choose. Raises `Refused`."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # Connections of the run before, in TIME_WAIT, are no reason to stay away.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._bind(listener, "tcp", port)
        listener.listen(BACKLOG)
        return listener

    def resolver(self, port: int) -> tuple[socket.socket, socket.socket]:
        """A UDP socket and a listening TCP socket on the same port. Raises `Refused`."""
        for _ in range(_TRIES if port == 0 else 0):
            with contextlib.suppress(Refused):
                return self.resolver(self._unused_port())
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._bind(datagrams, "udp", port)
        try:
            return datagrams, self.listen(port)
        except Refused:
            datagrams.close()
            raise

    def _unused_port(self) -> int:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((self.address, 0))
            port: int = probe.getsockname()[1]
            return port

    def _bind(self, bound: socket.socket, protocol: Protocol, port: int) -> None:
        try:
            if self.interface:
                name = self.interface.encode()
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name)
            bound.bind((self.address, port))
        except OSError as error:
            bound.close()
            raise self._refusal(protocol, port, error) from None

    def _refusal(self, protocol: Protocol, port: int, error: OSError) -> Refused:
        what = f"{protocol.upper()} port {port} on {self.address}"
        if error.errno == errno.EACCES:
            return Refused(f"{what} is for root only", self.remedy)
        if error.errno != errno.EADDRINUSE:
            return Refused(f"{what} cannot be used ({error.strerror})", self.remedy)
        # Costs 2.1 MiB of modules, and only a process that is about to end pays them.
        from hotspot.checks import holders  # noqa: PLC0415

        holder = holders.of_port(protocol, port, self.address)
        by = holder or "another process (root can see which)"
        return Refused(f"{what} is taken by {by}", self.remedy)


def doorbell(path: str) -> socket.socket:
    """A datagram socket at `path`, in place of one that an earlier run left behind.

    Raises `Refused`.
    """
    bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    _bind_name(bell, path)
    return bell


def desk(path: str) -> socket.socket:
    """A listening stream socket at `path` for owner and group; who asks may come before anybody
    is there to answer. Raises `Refused`.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    _bind_name(listener, path)
    # Before it listens nobody can connect, whatever the umask has left it.
    os.chmod(path, 0o660)  # noqa: PTH101 - see `_bind_name`
    listener.listen(_DESK_BACKLOG)
    return listener


def _bind_name(bound: socket.socket, path: str) -> None:
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108 - pathlib would add 0.9 MiB to a process that stays
        bound.bind(path)
    except OSError as error:
        bound.close()
        # Without an errno it is Python's own "AF_UNIX path too long": unix(7) allows 107 bytes.
        why = error.strerror or str(error)
        raise Refused(f"{path} cannot be made ({why})", "choose another --runtime") from None


def handover() -> tuple[socket.socket, socket.socket]:
    """Two ends of a pipe by which one child hands another what it has accepted (unix(7))."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def silence(bell: socket.socket) -> None:
    """Take the rings that are waiting: each is answered by the start that follows."""
    # MSG_DONTWAIT, not the socket's own flag: that one is shared with the child it is handed to.
    with contextlib.suppress(BlockingIOError):
        while True:
            bell.recv(1, socket.MSG_DONTWAIT)
