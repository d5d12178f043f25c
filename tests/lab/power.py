"""Power cuts: what a guest's disk is left with at an instant.

QEMU is stopped with all its threads, the image copied, and QEMU let go on: the copy holds what
the image would hold had QEMU been killed then, so that one run gives as many cuts as wanted.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

STOP_SECONDS: Final = 10.0
MEBIBYTES: Final = 24
# T stopped by a signal, t by a tracer (proc(5)).
STOPPED: Final = frozenset("Tt")
OVER: Final = frozenset("ZX")


def disk(path: Path, tree: Path) -> Path:
    """An image with an ext4 file system that holds `tree`; as Debian makes it, journal and all."""
    argv = ["mke2fs", "-q", "-F", "-t", "ext4", "-d", str(tree), str(path), f"{MEBIBYTES}M"]
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return path


def said(file: Path) -> list[dict[str, Any]]:
    """What the guest has told until now: whole lines of JSON."""
    try:
        text = file.read_text()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.split("\n")[:-1]]


@dataclass(frozen=True)
class Cut:
    """A disk after a cut, and what the guest had told by then."""

    image: Path
    told: list[dict[str, Any]] = field(repr=False)


class Cuts:
    """Cuts of the guest that `started` is given, taken while it lives; `told` is its file."""

    def __init__(self, image: Path, told: Path) -> None:
        self.made: list[Cut] = []
        self._image = image
        self._told = told
        self._thread: threading.Thread | None = None

    def whenever(
        self, due: Callable[[list[dict[str, Any]]], bool], most: int
    ) -> Callable[[subprocess.Popen[bytes]], None]:
        """What begins to cut once the guest has started, whenever it is `due` by what was told."""

        def started(process: subprocess.Popen[bytes]) -> None:
            self._thread = threading.Thread(target=self._watch, args=(process, due, most))
            self._thread.start()

        return started

    def over(self) -> list[Cut]:
        """All cuts, once the guest has ended."""
        assert self._thread is not None
        self._thread.join()
        return self.made

    def _watch(
        self,
        process: subprocess.Popen[bytes],
        due: Callable[[list[dict[str, Any]]], bool],
        most: int,
    ) -> None:
        while process.poll() is None and len(self.made) < most:
            if due(said(self._told)):
                self._cut(process)
            # The guest tells by a file of the host, which announces nothing.
            time.sleep(0.005)

    def _cut(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGSTOP)
        try:
            if _stopped(process.pid):
                copy = self._image.with_name(f"cut-{len(self.made)}.img")
                shutil.copyfile(self._image, copy)
                self.made.append(Cut(copy, said(self._told)))
        finally:
            process.send_signal(signal.SIGCONT)


def _stopped(pid: int) -> bool:
    """Whether every thread has stopped: one that is in the middle of a write ends that first."""
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        try:
            states = [
                (task / "stat").read_text().rpartition(")")[2].split()[0]
                for task in Path(f"/proc/{pid}/task").iterdir()
            ]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if set(states) <= OVER:
            return False
        if set(states) <= STOPPED:
            return True
        os.sched_yield()
    return False
