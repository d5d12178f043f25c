"""A package built once for all of these tests, from a copy of the checkout that nobody edits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.copies import Copy, can_be_made

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout's files as they are now."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout.decode()
    copy = tmp_path_factory.mktemp("source")
    for name in filter(None, names.split("\0")):
        if (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    (ROOT / ".cache").mkdir(exist_ok=True)
    (copy / ".cache").symlink_to(ROOT / ".cache")
    return copy


def built(source: Path, into: Path, *words: str, **environment: str) -> Path:
    """The package made of `source`."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.deb.build", *words, into],
        cwd=source,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def package(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of this checkout."""
    return built(source, tmp_path_factory.mktemp("package"))


@pytest.fixture
def machine(tmp_path: Path) -> Copy:
    """A copy of this machine, without Vestibule."""
    why_not = can_be_made()
    if why_not:
        pytest.skip(why_not)
    return Copy(tmp_path / "machine")
