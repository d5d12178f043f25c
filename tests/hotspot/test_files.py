"""Files that are whole or not there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from hotspot import files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("durable", [False, True])
def test_the_file_is_replaced(tmp_path: Path, durable: bool) -> None:  # noqa: FBT001 - both ways
    """New bytes, the mode asked for whatever the umask, and nothing beside it."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o666)
    umask = os.umask(0o077)
    try:
        files.replace(path, b"new", mode=0o644, durable=durable)
    finally:
        os.umask(umask)

    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [*tmp_path.iterdir()] == [path]


def test_a_secret_is_never_readable_in_between(tmp_path: Path) -> None:
    """A file written aside by a run that was killed, wide open, is not written into."""
    path = tmp_path / "file"
    aside = tmp_path / ".file.new"
    aside.write_bytes(b"")
    aside.chmod(0o666)
    with aside.open("rb") as reader:
        files.replace(path, b"secret", mode=0o600)

        assert reader.read() == b""
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    """Where the new file cannot take its place, nothing is lost and nothing lies about."""
    path = tmp_path / "file"
    path.mkdir()

    with pytest.raises(OSError, match="directory"):
        files.replace(path, b"new", mode=0o600)

    assert [*tmp_path.iterdir()] == [path]


def test_a_second_name(tmp_path: Path) -> None:
    """The same file by two names; never in the place of another one."""
    path, other = tmp_path / "file", tmp_path / "other"
    path.write_bytes(b"theirs")
    files.link(path, other)

    assert other.samefile(path)
    with pytest.raises(FileExistsError):
        files.link(path, other)


def test_moved_and_removed(tmp_path: Path) -> None:
    """One takes the place of the other; one that is not there need not be removed."""
    path, other = tmp_path / "file", tmp_path / "other"
    path.write_bytes(b"theirs")
    other.write_bytes(b"ours")
    files.rename(path, other)
    assert [*tmp_path.iterdir()] == [other]
    assert other.read_bytes() == b"theirs"

    files.remove(other)
    files.remove(other)
    assert not [*tmp_path.iterdir()]
