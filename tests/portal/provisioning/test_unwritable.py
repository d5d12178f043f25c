"""Disks that refuse, by real means: nothing is acknowledged, and it mends without a restart."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.provisioning.backend import Delivered, Retry
from portal.provisioning.backends.file import FileBackend
from portal.provisioning.keeping.store import Store, Unwritable
from tests.portal.provisioning.fakes import a_record

SUBMIT = """
import os, resource, signal, sys
from pathlib import Path
from portal.provisioning.keeping.store import Store, Unwritable
from tests.portal.provisioning import fakes
from tests.portal.provisioning.fakes import a_record

# Ids of its own, whatever earlier processes made.
fakes.RANDOM = os.urandom

def attempt():
    try:
        store.accept(a_record(fields={"note": "x" * 4000}), ["keep"])
    except Unwritable as error:
        return str(error)
    return "kept"

with Store(Path(sys.argv[1])) as store:
    print(attempt())
    MORE
"""

FILE_SIZE_LIMIT = """
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
    print(*[attempt() for _ in range(20)], sep="\\n")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    print(attempt())
"""
ONE_MORE = "print(attempt())\n    print(attempt())"


def said(path: Path, more: str, *before: str) -> list[str]:
    """What the submitting process said about each record, one line each."""
    argv = [*before, sys.executable, "-c", SUBMIT.replace("MORE", more.strip()), str(path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


def count(path: Path) -> int:
    """How many records there are."""
    with Store(path) as store:
        return len(list(store.records()))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "vestibule-test", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def remount(disk: Path, mode: str) -> None:
    """Make the disk "ro" or "rw"."""
    subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Leave no byte free."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


def accept_many(store: Store, count: int) -> None:
    """Accept records of 4 kB."""
    for _ in range(count):
        store.accept(a_record(fields={"note": "x" * 4000}), ["keep"])


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """Past RLIMIT_FSIZE nothing is acknowledged; without the limit it goes on."""
    path = tmp_path / "records.db"

    answers = said(path, FILE_SIZE_LIMIT)

    assert answers[0] == answers[-1] == "kept"
    assert "the disk reports an error" in answers[-2]
    assert answers.count("kept") == count(path)


def test_full_disk(small_disk: Path) -> None:
    """With no space left nothing is acknowledged; with space again it goes on."""
    path = small_disk / "records.db"
    with Store(path) as store:
        store.accept(a_record(), ["keep"])
        ballast = fill(small_disk)
        with pytest.raises(Unwritable, match="no space left"):
            accept_many(store, 100)
        before = len(list(store.records()))
        ballast.unlink()
        store.accept(a_record(), ["keep"])

        assert len(list(store.records())) == before + 1


def test_a_store_on_a_disk_full_from_the_start(small_disk: Path) -> None:
    """A portal can start there, says no, and says yes once there is space."""
    ballast = fill(small_disk)
    with Store(small_disk / "records.db") as store:
        with pytest.raises(Unwritable):
            store.accept(a_record(), ["keep"])
        ballast.unlink()
        store.accept(a_record(), ["keep"])


def test_read_only_disk(small_disk: Path) -> None:
    """A disk that turned read-only takes nothing; once writable it does."""
    with Store(small_disk / "records.db") as store:
        store.accept(a_record(), ["keep"])
        store.close()
        remount(small_disk, "ro")
        with pytest.raises(Unwritable, match=r"(?i)read-only"):
            store.accept(a_record(), ["keep"])
        store.close()
        remount(small_disk, "rw")
        store.accept(a_record(), ["keep"])

        assert len(list(store.records())) == 2


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    ("call", "when"), [("fsync", 1), *(("fdatasync", when) for when in range(1, 9))]
)
def test_a_failing_sync(tmp_path: Path, call: str, when: int) -> None:
    """Whichever sync of a record fails, it is not acknowledged, and the next one is kept."""
    path = tmp_path / "records.db"
    assert said(path, "pass") == ["kept"]
    # Ours is fsync, of the directory; SQLite's are fdatasync.
    inject = f"inject={call}:error=EIO:when={when}"
    strace = [
        "strace",
        "-f",
        "-o",
        str(tmp_path / "trace"),
        "-e",
        f"trace={call}",
        "-e",
        inject,
    ]

    answers = said(path, ONE_MORE, *strace)

    assert answers.count("kept") >= 2
    assert answers.count("kept") + 1 <= count(path)
    assert all(each == "kept" or "rror" in each for each in answers)


def test_the_file_backend_asks_again(small_disk: Path) -> None:
    """A full or read-only disk is a reason to retry; then the document is there, whole."""
    backend, record = FileBackend({"directory": str(small_disk / "out")}, "unused"), a_record()
    assert backend.apply(a_record()) == Delivered()
    ballast = fill(small_disk)
    full = backend.apply(record)
    ballast.unlink()
    remount(small_disk, "ro")
    read_only = backend.apply(record)
    remount(small_disk, "rw")

    assert isinstance(full, Retry)
    assert "No space left" in full.why
    assert isinstance(read_only, Retry)
    assert "Read-only" in read_only.why
    assert backend.apply(record) == Delivered()
    assert len(list((small_disk / "out").iterdir())) == 2
