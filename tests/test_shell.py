"""Every shell script of the project is looked at by shellcheck."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def scripts() -> list[str]:
    """The tracked files that a shell runs, by their first line or their name."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, timeout=60
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [name for name in names if is_script(ROOT / name)]


def is_script(path: Path) -> bool:
    """Whether it begins as a script of sh or bash, or is named as one."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline(80).split() or [b""]
    return path.suffix == ".sh" or first[0] in {b"#!/bin/sh", b"#!/bin/bash"}


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_shellcheck_finds_nothing() -> None:
    """No finding of any severity; what is meant as it stands says so beside it."""
    found = scripts()

    assert {"deploy/setup", "deploy/deb/control/postinst"} <= set(found)
    said = subprocess.run(
        # SC1091: debconf's own library is not ours. SC2043: what the build puts into a loop.
        ["shellcheck", "--exclude=SC1091,SC2043", *found],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert said.stdout == ""
