"""`make bench`: every benchmark side by side with its peers, written to docs/benchmarks.md.

    python -m tests.bench [NAME …]

With names only those are run and printed, and no file is written.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parent.parent.parent
_PAGE: Final = _ROOT / "docs/benchmarks.md"

_BENCHMARKS: Final = {
    "dns": "The resolver",
    "http": "Captive checks and the page",
    "idle": "Beside rude clients",
    "distance": "At a round trip of 20 ms",
    "store": "What durability costs",
    "deliver": "How fast records leave",
    "files": "Files for devices",
    "wall": "The technician's bench",
    "abuse": "Under attack",
    "radio": "On the air, beside what one would set up instead",
}

_INTRODUCTION: Final = """\
# Benchmarks

Written by `make bench`. Each server has one core and the load the other, rounds are interleaved,
figures are medians. Absolute figures are this machine's and drift with what else it does; the
ratios are what to look at. How exposed each unit is, how soon it is back and what it takes in
memory: [units.md](units.md).
"""


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all and write the page."""
    unknown = set(names) - _BENCHMARKS.keys()
    if unknown:
        raise SystemExit(f"no benchmark {', '.join(unknown)}: there are {', '.join(_BENCHMARKS)}")
    sections = [section(name) for name in names or _BENCHMARKS]
    if not names:
        _PAGE.write_text("\n".join([_INTRODUCTION, *machine(), *sections]))
        sys.stdout.write(f"written to {_PAGE.relative_to(_ROOT)}\n")


def section(name: str) -> str:
    """One benchmark's part of the page, also printed as it comes."""
    sys.stdout.write(f"## {_BENCHMARKS[name]}\n\n")
    sys.stdout.flush()
    argv = [sys.executable, "-m", f"tests.bench.{name}"]
    table = subprocess.run(argv, cwd=_ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    sys.stdout.write(f"{table}\n")
    return f"## {_BENCHMARKS[name]}\n\n`python -m tests.bench.{name}`\n\n{table}"


def machine() -> Iterator[str]:
    """What it was measured on."""
    cpuinfo = Path("/proc/cpuinfo").read_text()
    model = next((line for line in cpuinfo.splitlines() if line.startswith("model name")), ": ?")
    yield f"- {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores of {model.partition(': ')[2]}"
    yield f"- {platform.platform()}, Python {platform.python_version()} ({sys.base_prefix})\n"


if __name__ == "__main__":
    main(sys.argv[1:])
