"""Waiting for a file to appear, by inotify: no program tells us when it has made its socket.

By ctypes, as the standard library has no inotify; and ctypes only when something is waited for.
`hotspot wait` is a process of some seconds, so what it loads costs nothing afterwards. A timer
that looks again and again would find the socket late or wake the processor for nothing.
"""

from __future__ import annotations

import contextlib
import os
import select
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# linux/inotify.h
_IN_MOVED_TO: Final = 0x80
_IN_CREATE: Final = 0x100
_IN_ONLYDIR: Final = 0x01000000


@contextlib.contextmanager
def new_names(directory: Path) -> Iterator[int]:
    """A descriptor that becomes readable when a name appears in `directory`. Raises `OSError`."""
    import ctypes  # noqa: PLC0415 - see the module's docstring

    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "inotify_init1")
    try:
        mask = _IN_CREATE | _IN_MOVED_TO | _IN_ONLYDIR
        if libc.inotify_add_watch(descriptor, os.fsencode(directory), mask) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(directory))
        yield descriptor
    finally:
        os.close(descriptor)


def wait(descriptor: int, seconds: float) -> None:
    """Until the descriptor is readable, at most `seconds`; what it says is read and forgotten."""
    if select.select([descriptor], [], [], max(0.0, seconds))[0]:
        with contextlib.suppress(BlockingIOError):
            os.read(descriptor, 4096)
