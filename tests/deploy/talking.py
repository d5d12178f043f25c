"""Somebody at a terminal, who is asked and answers."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from collections.abc import Mapping
from typing import Final

from tests.deploy.copies import CLEAN, INSIDE, Copy

_SECONDS: Final = 120.0


def talk(machine: Copy, argv: tuple[str, ...], answers: Mapping[str, str]) -> str:
    """What is said at a terminal in the copy; each question in `answers` gets its answer, once."""
    ours, theirs = pty.openpty()
    inside = ["unshare", "--mount", str(INSIDE), str(machine.folder), *argv]
    with subprocess.Popen(
        ["setsid", "--ctty", "--wait", *inside],
        env={**CLEAN, "DEBIAN_FRONTEND": "teletype", "TERM": "dumb", "LOWER": str(machine.lower)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        said = _heard(ours, {k.encode(): v.encode() for k, v in answers.items()})
        status = process.wait(_SECONDS)
    os.close(ours)
    assert status == 0, said
    return said


def _heard(terminal: int, answers: dict[bytes, bytes]) -> str:
    said, until = b"", time.monotonic() + _SECONDS
    while select.select([terminal], [], [], max(0.0, until - time.monotonic()))[0]:
        try:
            said += os.read(terminal, 4096)
        except OSError:  # the last of them has closed it
            break
        for question in [each for each in answers if each in said]:
            os.write(terminal, answers.pop(question) + b"\n")
    return said.decode("utf-8", "replace")
