"""The latest scan, read from the run directory when it has changed."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final

from portal.form.networks import Network, parse

# 64 networks take 8 KiB; more than this is not a scan of ours.
_LARGEST: Final = 256 * 1024


class LatestScan:
    """Call it for the networks in the file at `path`; a missing or odd file has none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] = ()
        self._networks: tuple[Network, ...] = ()

    def __call__(self) -> tuple[Network, ...]:
        """The networks, strongest first, at the cost of one fstat(2) while nothing changes."""
        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                seen = (status.st_ino, status.st_size, status.st_mtime_ns)
                with self._lock:
                    if seen != self._seen:
                        self._networks, self._seen = parse(file.read(_LARGEST)), seen
                    return self._networks
        except OSError:
            return ()
