"""A package built once for all of these tests, from a copy of the checkout that nobody edits."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.copies import MEMORY, Copy, can_be_made

ROOT = Path(__file__).resolve().parents[2]
GERMANY = "vestibule vestibule/country string DE\n"


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


@pytest.fixture(scope="session")
def newer(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as the next version: unpacked, renumbered, packed."""
    folder = tmp_path_factory.mktemp("newer")
    subprocess.run(["dpkg-deb", "-R", package, folder / "stage"], check=True, timeout=60)
    control = folder / "stage/DEBIAN/control"
    control.write_text(control.read_text().replace("Version: 0.1.0\n", "Version: 0.1.1\n"))
    file = folder / "vestibule_0.1.1_all.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", folder / "stage", file],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return file


@pytest.fixture
def machine() -> Iterator[Copy]:
    """A copy of this machine, without Vestibule."""
    with _folder() as folder:
        yield Copy(folder / "machine")


@pytest.fixture(scope="session")
def _installed(package: Path) -> Iterator[Copy]:
    with _folder() as folder:
        machine = Copy(folder / "machine")
        machine.with_systemd()
        (machine.folder / "run/answers").write_text(GERMANY)
        machine.run("debconf-set-selections", "/run/answers")
        machine.run("dpkg", "--install", package)
        yield machine


@pytest.fixture
def installed(_installed: Copy) -> Iterator[Copy]:
    """A copy of this machine with Vestibule, which runs, as far as systemd is asked."""
    with _folder() as folder:
        machine = _installed.copy(folder / "machine")
        machine.asked()
        yield machine


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    why_not = can_be_made()
    if why_not:
        pytest.skip(why_not)
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)
