"""The initrd's archive is one that cpio itself reads."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.lab import cpio


@pytest.mark.skipif(shutil.which("cpio") is None, reason="cpio is not installed")
def test_cpio_unpacks_what_was_packed(tmp_path: Path) -> None:
    """Names, bytes and permissions come out as they went in, whatever their lengths."""
    contents = {f"bin/{'x' * size}": bytes(range(size)) for size in range(1, 10)}
    members = [cpio.folder("bin"), cpio.Member("empty")]
    members += [cpio.program(name, data) for name, data in contents.items()]
    packed = cpio.archive(members)
    subprocess.run(
        ["cpio", "--extract", "--quiet"], input=packed, cwd=tmp_path, check=True, timeout=10
    )
    assert {name: (tmp_path / name).read_bytes() for name in contents} == contents
    assert (tmp_path / "bin/x").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "empty").read_bytes() == b""


def test_same_members_give_same_bytes() -> None:
    """No time and no owner gets in, so that the image's digest tells its content."""
    member = cpio.Member("a", b"b")
    assert cpio.archive([member]) == cpio.archive([member])
    assert cpio.archive([member]) != cpio.archive([cpio.Member("a", b"c")])
