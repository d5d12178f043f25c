"""Secrets of a backend, read from files that nobody else can read.

Law: what is read here goes to the backend and nowhere else; a refusal names the file, never
what is in it. `credential:NAME` is systemd's (systemd.exec(5), CREDENTIALS), or, without
systemd, a file in `/etc/vestibule/credentials`.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from hotspot.settings import Secret
from portal.provisioning.backend import Misconfigured

NAMED: Final = "credential:"
DIRECTORY: Final = "/etc/vestibule/credentials"
_MOST_BYTES: Final = 65_536


def path(where: str) -> Path:
    """The file of a credential: `where` is `credential:NAME` or an absolute path."""
    if where.startswith(NAMED):
        directory = os.environ.get("CREDENTIALS_DIRECTORY") or DIRECTORY
        return Path(directory) / where.removeprefix(NAMED)
    return Path(where)


def checked(where: str) -> Path:
    """The file, which only its owner can read. Raises `Misconfigured`."""
    _read(path(where), 0)
    return path(where)


def octets(where: str) -> bytes:
    """What the file holds, without the newline an editor leaves. Raises `Misconfigured`."""
    file = path(where)
    found = _read(file, _MOST_BYTES + 1).removesuffix(b"\n").removesuffix(b"\r")
    if not 1 <= len(found) <= _MOST_BYTES:
        raise Misconfigured(f"{file}: it is empty, or has more than {_MOST_BYTES} bytes")
    return found


def text(where: str) -> Secret:
    """A credential of one line of visible ASCII, such as a token. Raises `Misconfigured`."""
    found = octets(where)
    if not all(0x21 <= octet <= 0x7E for octet in found):  # noqa: PLR2004 - "!" to "~"
        raise Misconfigured(f"{path(where)}: it is not one line of ASCII without blanks")
    return Secret(found.decode("ascii"))


def _read(file: Path, size: int) -> bytes:
    try:
        with file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Misconfigured(f"{file}: it is no file")
            if _is_shared(file, status):
                raise Misconfigured(
                    f"{file}: others can read or change it; make it chmod 600 and your own"
                )
            return opened.read(size)
    except OSError as error:
        raise Misconfigured(f"{file}: {error.strerror}") from None


def _is_shared(file: Path, status: os.stat_result) -> bool:
    if file.parent == Path(os.environ.get("CREDENTIALS_DIRECTORY") or "/"):
        return False  # systemd guards the directory, and may let its service read by group
    return bool(status.st_mode & 0o077) or status.st_uid not in {0, os.geteuid()}
