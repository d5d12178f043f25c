"""Files that are whole or not there, whatever happens."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.bench.artifacts.index import Damaged
from portal.bench.artifacts.shelf import Shelf
from portal.bench.port import Artifact, Refused
from tests.portal.bench.artifacts.killing import killed_before

DATA = bytes(range(256)) * 1000


def put(shelf: Shelf, data: bytes = DATA, version: str = "1", product: str = "x") -> Artifact:
    """Add a file that a lead lets in."""
    return shelf.add(io.BytesIO(data), "fw.bin", product, version, override="Lea")


def content(shelf: Shelf, sha256: str) -> bytes:
    """What it gives out."""
    with os.fdopen(shelf.open(sha256), "rb") as file:
        return file.read()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty one."""
    return Shelf(tmp_path / "bench" / "artifacts", kept=0)


def test_a_file(shelf: Shelf) -> None:
    """Its digests, its first bytes, and all of it, also by another process's eyes."""
    made = put(shelf)

    assert made == shelf.find(made.sha256) == Shelf(shelf.folder).find(made.sha256)
    assert made.sha256 == hashlib.sha256(DATA).hexdigest()
    assert made.sha1 == hashlib.sha1(DATA, usedforsecurity=False).hexdigest()
    assert made.md5 == hashlib.md5(DATA, usedforsecurity=False).hexdigest()
    assert (made.size, made.head, made.override) == (256_000, bytes(range(16)), "Lea")
    assert content(shelf, made.sha256) == DATA
    assert (shelf.folder / made.sha256).stat().st_mode & 0o777 == 0o600


def test_the_newest_of_a_product(shelf: Shelf) -> None:
    """In the order in which they came, whatever the clock or the version says."""
    files = [put(shelf, bytes([n]), version=str(9 - n)) for n in range(3)]
    other = put(shelf, b"other", product="y")

    assert shelf.newest("x") == files[2]
    assert shelf.newest("y") == other
    assert shelf.newest("z") is None
    assert shelf.all() == Shelf(shelf.folder).all() == [*files, other]


def test_what_another_process_does(shelf: Shelf) -> None:
    """Is seen at once."""
    other = Shelf(shelf.folder, kept=0)
    for number in range(5):
        made = put(other, bytes([number]), version=str(number))
        assert shelf.newest("x") == made
    other.remove(made.sha256, lambda _: False)
    assert shelf.find(made.sha256) is None


def test_twice_the_same(shelf: Shelf) -> None:
    """Is one file; as another product or version it is refused."""
    made = put(shelf)

    assert put(shelf) == made
    assert len(shelf.all()) == 1
    with pytest.raises(Refused, match="This very file is here as x 1"):
        put(shelf, version="2")
    assert content(shelf, made.sha256) == DATA


def test_removing(shelf: Shelf) -> None:
    """Only what no job needs."""
    made = put(shelf)
    with pytest.raises(Refused, match="A job needs this file"):
        shelf.remove(made.sha256, lambda sha256: sha256 == made.sha256)
    assert content(shelf, made.sha256) == DATA
    shelf.remove(made.sha256, lambda _: False)
    shelf.remove(made.sha256, lambda _: False)

    assert shelf.all() == []
    assert not [path for path in shelf.folder.iterdir() if len(path.name) >= 64]
    with pytest.raises(FileNotFoundError):
        shelf.open(made.sha256)


def test_a_file_given_out_may_be_removed(shelf: Shelf) -> None:
    """Who is reading it reads on."""
    made = put(shelf)
    with os.fdopen(shelf.open(made.sha256), "rb") as file:
        shelf.remove(made.sha256, lambda _: False)
        assert file.read() == DATA


@pytest.mark.parametrize(
    ("name", "product", "version"),
    [("../x", "x", "1"), ("fw.bin", "", "1"), ("fw.bin", "x", "a b"), ("fw\0", "x", "1")],
)
def test_bad_words(shelf: Shelf, name: str, product: str, version: str) -> None:
    """Are refused, and leave nothing."""
    with pytest.raises(Refused):
        shelf.add([DATA], name, product, version, override="Lea")
    assert shelf.all() == []
    assert not list((shelf.folder / "new").iterdir())


def test_nothing_at_all(shelf: Shelf) -> None:
    """An empty file, and one without a signature, are refused."""
    with pytest.raises(Refused, match="empty"):
        put(shelf, b"")
    with pytest.raises(Refused, match="no signature"):
        shelf.add([DATA], "fw.bin", "x", "1")
    assert not list((shelf.folder / "new").iterdir())


def test_no_more_than_the_quota(tmp_path: Path) -> None:
    """The refusal says the numbers, before the file is all there."""
    shelf = Shelf(tmp_path / "shelf", limit=300_000, kept=0)
    put(shelf)
    taken: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(1)
            yield bytes(10_000)

    with pytest.raises(Refused, match=r"has 50\.0 kB, and there is room for 44\.0 kB"):
        shelf.add(endless(), "big", "x", "2", override="Lea")
    assert len(taken) == 5
    assert shelf.room() == 44_000


def test_a_file_that_changed(shelf: Shelf) -> None:
    """Is not given out any more, but set aside; at the start only if its bytes are others."""
    one, two = put(shelf, b"one"), put(shelf, b"two", version="2")
    (shelf.folder / one.sha256).write_bytes(b"0ne")
    os.utime(shelf.folder / two.sha256, ns=(1, 1))
    with pytest.raises(Damaged):
        shelf.open(one.sha256)
    again = Shelf(shelf.folder)

    assert again.all() == [two]
    assert content(again, two.sha256) == b"two"
    assert (shelf.folder / "damaged" / one.sha256).read_bytes() == b"0ne"


@pytest.mark.parametrize("harm", ["gone", "short", "other", "index", "index gone"])
def test_what_is_found_damaged(shelf: Shelf, harm: str) -> None:
    """Is neither served nor in the way of a new one."""
    made = put(shelf)
    data = shelf.folder / made.sha256
    text = shelf.folder / f"{made.sha256}.json"
    if harm == "gone":
        data.unlink()
    elif harm == "short":
        os.truncate(data, 100)
    elif harm == "other":
        data.write_bytes(bytes(len(DATA)))
    elif harm == "index":
        text.write_text('{"sha256":')
    else:
        text.unlink()
    again = Shelf(shelf.folder, kept=0)

    assert again.all() == []
    assert put(again) == made
    assert content(again, made.sha256) == DATA


def test_killed_at_every_step(tmp_path: Path) -> None:
    """What was there stays; the new file is there whole, or not, and can be added again."""
    steps = 0
    while True:
        folder = tmp_path / str(steps)
        shelf = Shelf(folder, kept=0)
        before = put(shelf, b"before", version="0")

        def act(_: Callable[[int], None], one: Shelf = shelf) -> None:
            put(one)

        was_killed, _ = killed_before(steps, act)
        again = Shelf(folder, kept=0)
        there = again.find(hashlib.sha256(DATA).hexdigest())
        assert content(again, before.sha256) == b"before"
        if there:
            assert content(again, there.sha256) == DATA
        assert not list((folder / "new").iterdir())
        assert not list((folder / "damaged").iterdir())
        assert len(again.all()) == len([p for p in folder.iterdir() if len(p.name) == 64])
        assert content(again, put(again).sha256) == DATA
        if not was_killed:
            assert there
            break
        steps += 1
    assert steps > 10


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk, which needs root")
def test_a_full_disk(tmp_path: Path) -> None:
    """Is told of as such, and leaves what was there."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], check=False
    ).returncode:
        pytest.skip("no mounting here")
    try:
        # A quota that promises more than the disk has.
        shelf = Shelf(disk / "shelf", limit=10**9, kept=-(10**9))
        made = put(shelf)
        with pytest.raises(OSError, match="No space left"):
            put(shelf, os.urandom(2_000_000), version="2")
        assert content(Shelf(disk / "shelf"), made.sha256) == DATA
        assert not list((disk / "shelf" / "new").iterdir())
        with pytest.raises(Refused, match="there is room for"):
            put(Shelf(disk / "shelf", kept=0), os.urandom(2_000_000), version="2")
    finally:
        subprocess.run(["umount", disk], check=True)
        shutil.rmtree(disk, ignore_errors=True)
