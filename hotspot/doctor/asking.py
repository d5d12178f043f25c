"""What other programs are asked: systemd about our units, our own about the records and clients.

Each is asked by argv with a deadline, and answers nothing where it cannot.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hotspot.doctor.facts import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Where `python -m` finds hotspot, dnsd and portal.
PACKAGES: Final = Path(__file__).resolve().parents[2]
_SECONDS: Final = 20.0
_ASKED: Final = "Id,LoadState,ActiveState,SubState,Result,NRestarts"


def said(words: Sequence[str], folder: Path | None = None) -> str:
    """A program's standard output; "" where it is not there, fails, or takes too long."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            words, capture_output=True, check=False, cwd=folder, env=environment,
            errors="backslashreplace", stdin=subprocess.DEVNULL, text=True, timeout=_SECONDS,
        )  # fmt: skip
        return done.stdout if done.returncode == 0 else ""
    return ""


def units() -> tuple[Unit, ...]:
    """Our units, as systemd has them; none without systemd."""
    return tuple(
        read_units(said(["systemctl", "show", "--all", f"--property={_ASKED}", "vestibule*"]))
    )


def read_units(text: str) -> Iterator[Unit]:
    """Units from what `systemctl show` prints: properties a line, units apart by an empty line."""
    for paragraph in text.split("\n\n"):
        found = _properties(paragraph)
        if found.get("Id"):
            restarts = found.get("NRestarts", "")
            yield Unit(
                name=found["Id"],
                load=found.get("LoadState", ""),
                active=found.get("ActiveState", ""),
                sub=found.get("SubState", ""),
                result=found.get("Result") or "success",
                restarts=int(restarts) if restarts.isdecimal() else 0,
            )


def _properties(paragraph: str) -> Mapping[str, str]:
    pairs = (line.partition("=") for line in paragraph.splitlines())
    return {key: value for key, equals, value in pairs if equals}


def records(state: Path) -> Mapping[str, Any] | None:
    """How many records there are in which state, and what was damaged; `None`: cannot be seen."""
    # By argv, not by import: hotspot knows neither portal nor dnsd.
    words = ["-m", "portal.provisioning.telling.glance", "--state", str(state.absolute())]
    found: Mapping[str, Any] | None = _document([sys.executable, *words])
    return found


def clients(runtime: Path) -> Sequence[Mapping[str, Any]]:
    """Who has an address of ours."""
    words = ["--json", "--runtime", str(runtime.absolute())]
    return _document([sys.executable, "-m", "portal.clients", *words]) or []


def _document(words: Sequence[str]) -> Any:  # noqa: ANN401 - a JSON document
    text = said(words, PACKAGES)
    with contextlib.suppress(ValueError):
        return json.loads(text)
    return None
