"""Whole files: the old one or the new one, nobody else's to read, nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.provisioning.keeping.files import make_directory, sweep, write_whole


def test_written_whole(tmp_path: Path) -> None:
    """The chunks are there in order, 0600, with nothing beside them."""
    write_whole(tmp_path / "out", [b"one ", b"two"])

    assert (tmp_path / "out").read_bytes() == b"one two"
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.iterdir())) == 1


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    """Chunks that break off leave what was there, and nothing beside it."""

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ValueError

    (tmp_path / "out").write_bytes(b"old")
    with pytest.raises(ValueError):  # noqa: PT011 - the one raised above
        write_whole(tmp_path / "out", broken())

    assert [f.read_bytes() for f in tmp_path.iterdir()] == [b"old"]


def test_no_link_is_followed(tmp_path: Path) -> None:
    """A link where the file should be is replaced; what it points to stays."""
    (tmp_path / "victim").write_bytes(b"precious")
    (tmp_path / "out").symlink_to(tmp_path / "victim")
    write_whole(tmp_path / "out", [b"new"])

    assert (tmp_path / "victim").read_bytes() == b"precious"
    assert not (tmp_path / "out").is_symlink()


def test_directories_are_private(tmp_path: Path) -> None:
    """Missing folders are made 0700; one that is there is left as it is."""
    tmp_path.chmod(0o755)
    make_directory(tmp_path / "a" / "b")
    make_directory(tmp_path / "a" / "b")

    assert [p.stat().st_mode & 0o777 for p in (tmp_path / "a" / "b", tmp_path / "a", tmp_path)] == [
        0o700,
        0o700,
        0o755,
    ]


def test_sweep(tmp_path: Path) -> None:
    """What a crash left aside goes; everything else stays."""
    for name in (".a.json.17.tmp", "a.json", ".hidden", "b.tmp"):
        (tmp_path / name).touch()
    sweep(tmp_path)

    assert sorted(p.name for p in tmp_path.iterdir()) == [".hidden", "a.json", "b.tmp"]
