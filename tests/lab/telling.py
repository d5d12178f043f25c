"""Tell stories: each in a guest of its own, its logs kept, its outcome told in words."""

from __future__ import annotations

import compileall
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.lab import guestrun, image, package, qemu
from tests.lab.image import CHECKOUT, Image

STORIES: Final = Path(__file__).with_name("stories")
PACKAGES: Final = ("hotspot", "dnsd", "portal", "tests/lab")
LOGS: Final = CHECKOUT / ".cache" / "lab" / "logs"
# What a story may take: three to ten times what it takes, since whatever else this machine does
# slows an emulated guest.
STORY_SECONDS: Final = 480
TAIL: Final = 15


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a story ended: `words` is empty if all it claims held; `report` what it told."""

    name: str
    seconds: float
    words: str
    report: list[dict[str, Any]] = field(default_factory=list)


def names() -> list[str]:
    """All stories, the lab's own first: when that fails, the others mean nothing."""
    found = sorted(path.stem for path in STORIES.glob("[a-z]*.py"))
    return sorted(found, key=lambda name: name != "the_lab_itself")


@dataclass(frozen=True, slots=True)
class Theatre:
    """What every story's guest is made of."""

    image: Image
    accelerator: tuple[str, ...]


def ready() -> Theatre:
    """Make all that is needed. Raises `Missing` if there can be no guest here."""
    made = image.ready()
    # Or each process in each guest would compile anew, and emulated: seconds, every time.
    for folder in PACKAGES:
        compileall.compile_dir(CHECKOUT / folder, quiet=2)
    return Theatre(made, qemu.accelerator(made, image.cache()))


def tell(
    name: str, theatre: Theatre, started: Callable[[subprocess.Popen[bytes]], object]
) -> Outcome:
    """Run a story in a fresh guest; `started` is given the guest's process."""
    logs = LOGS / name
    shutil.rmtree(logs, ignore_errors=True)
    seconds = number(name, "MOST_SECONDS", STORY_SECONDS)
    argv = (sys.executable, "-m", "tests.lab.guest", name, str(seconds))
    systemd = flag(name, "SYSTEMD")
    if systemd:
        # Its guest installs it.
        package.built()
    job = guestrun.Job(argv, logs, number(name, "RADIOS"), seconds, systemd=systemd)
    began = time.monotonic()
    logs.mkdir(parents=True)
    with (logs / "story.log").open("wb") as output:
        try:
            status = guestrun.run(
                theatre.image, theatre.accelerator, job, stdout=output, started=started
            )
            words = "" if status == 0 else failure(logs)
        except guestrun.Lost as lost:
            words = f"the guest was lost: {lost}\n{failure(logs)}"
    return Outcome(name, time.monotonic() - began, words, report(logs))


def number(name: str, what: str, default: int | None = None) -> int:
    """What a story says of itself: the RADIOS its scene needs, the MOST_SECONDS it may take."""
    text = (STORIES / f"{name}.py").read_text()
    found = [line for line in text.splitlines() if line.startswith(f"{what}: Final = ")]
    if not found and default is not None:
        return default
    (line,) = found
    return int(line.rpartition("= ")[2])


def long(name: str) -> bool:
    """Whether a story takes too long for every day, as it says itself; `make lab` tells it."""
    return flag(name, "LONG")


def flag(name: str, what: str) -> bool:
    """Whether a story says this of itself: LONG, or SYSTEMD where it is told under that."""
    return f"\n{what}: Final = True\n" in (STORIES / f"{name}.py").read_text()


def report(logs: Path) -> list[dict[str, Any]]:
    """The facts the story told."""
    file = logs / "report.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def failure(logs: Path) -> str:
    """What a person needs first: the story's own words, then the end of each log."""
    pieces = [(logs / "story.log").read_text(errors="replace")]
    for log in sorted(logs.glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()
        # The questions asked all the time are hundreds of lines, and the story tells of them.
        if log.name != "story.log" and not log.name.startswith("asking") and lines:
            pieces.append("\n".join([f"--- {log.name}", *lines[-TAIL:]]))
    return "\n".join([*pieces, f"all logs: {logs}"])
