"""One `vestibule run` at a time in a runtime directory.

The lock belongs to the open file, so it ends with the process, however that ends: nothing to
clean up after a power cut, and no stale number is ever believed.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from hotspot.errors import Refused


def take(runtime: Path) -> int:
    """Lock the runtime directory for this process and write its number into the file.

    Returns the descriptor that holds the lock. Raises `Refused`.
    """
    held = os.open(runtime / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(held, 20).decode("ascii", "replace").strip()
        os.close(held)
        raise Refused(
            f"another vestibule is running (pid {pid})", f"stop it first: kill {pid}"
        ) from None
    os.ftruncate(held, 0)
    os.write(held, f"{os.getpid()}\n".encode())
    return held
