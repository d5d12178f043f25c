"""A process that is killed before its nth operation on the disk."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, Final

_OPERATIONS: Final = (
    "open", "link", "rename", "replace", "unlink", "remove", "mkdir", "fsync", "fdatasync",
    "pwrite", "chmod", "ftruncate",
)  # fmt: skip


def killed_before(number: int, act: Callable[[Callable[[int], None]], None]) -> tuple[bool, int]:
    """Do `act` in a child that is killed before operation `number`.

    Whether it was killed, and the last number that `act` has told before.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _arm(number)
        try:
            act(lambda told: _tell(writing, told))
        finally:
            os._exit(0)
    os.close(writing)
    told = b"".join(iter(lambda: os.read(reading, 4096), b""))
    os.close(reading)
    status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status), int.from_bytes(told[-8:], "big")


def _tell(pipe: int, told: int) -> None:
    os.write(pipe, told.to_bytes(8, "big"))


def _arm(number: int) -> None:
    count = 0

    def counting(original: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            nonlocal count
            count += 1
            if count > number:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, **named)

        return counted

    for name in _OPERATIONS:
        setattr(os, name, counting(getattr(os, name)))
