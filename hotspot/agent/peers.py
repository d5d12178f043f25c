"""Who is on the other end of a connection, as the kernel says it (SO_PEERCRED, unix(7))."""

from __future__ import annotations

import os
import pwd
import socket
import struct
from typing import Final

from hotspot.errors import Refused

_CREDENTIALS: Final = struct.Struct("=iII")  # struct ucred: pid, uid, gid


def user_of(connection: socket.socket) -> int:
    """The user id under which the other end called connect(2).

    With its own end handed on to a third the answer stays: what counts is who connected.
    """
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(found)
    return int(user)


def may_ask(names: tuple[str, ...]) -> frozenset[int]:
    """The user ids that are answered: root, our own, and those of `names`. Raises `Refused`."""
    return frozenset({0, os.geteuid(), *map(_id_of, names)})


def _id_of(name: str) -> int:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise Refused(f"there is no user {name}", "name the portal's own user") from None
