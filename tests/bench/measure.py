"""Pieces of every benchmark: programs compiled, pinned to a core, and what they cost."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parent
# The server has one core to itself, the load another.
SERVER_CORE, LOAD_CORE = "0", "1"


@contextlib.contextmanager
def compiled(*names: str) -> Iterator[list[str]]:
    """The C programs of this folder by `names`, compiled for as long as they are needed."""
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as folder:
        programs = []
        for name in names:
            program = f"{folder}/{name}"
            source = HERE / f"{name}.c"
            subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-o", program, source], check=True)
            programs.append(program)
        yield programs


def pinned(core: str, argv: Sequence[str]) -> list[str]:
    """The argv that runs `argv` on one core only."""
    return ["taskset", "-c", core, *argv]


def cpu(pid: int) -> float:
    """Seconds that a process's threads have run so far, the kernel's work for it included."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def pss(pid: int) -> float:
    """MiB of memory that are a process's own, shared pages counted by share."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"no Pss for process {pid}")
