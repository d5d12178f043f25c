"""Which file a wpa_supplicant reads: seen in /proc, or by somebody who could look there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspot.owner import supplicants

OWN = "etc/wpa_supplicant/mine.conf"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine on which a wpa_supplicant looks after wlan0."""
    process = tmp_path / "proc/77"
    process.mkdir(parents=True)
    words = ("/sbin/wpa_supplicant", "-B", "-iwlan0", "-c", f"/{OWN}")
    (process / "cmdline").write_bytes(b"".join(word.encode() + b"\0" for word in words))
    (tmp_path / "runtime").mkdir()
    return tmp_path


def hide(root: Path) -> None:
    """What a unit sees whose /proc shows it nobody else."""
    (root / "proc/77/cmdline").unlink()


def test_what_runs_is_seen(root: Path) -> None:
    """By its command line; another interface has the file that Debian's unit would read."""
    runtime = root / "runtime"
    assert supplicants.file_of("wlan0", runtime, root) == root / OWN
    other = root / "etc/wpa_supplicant/wpa_supplicant-wlan1.conf"
    assert supplicants.file_of("wlan1", runtime, root) == other
    assert supplicants.files_read(runtime, root) == {root / OWN}


def test_what_was_left_for_who_cannot_see(root: Path) -> None:
    """What was written down before is as good, and nobody else can read it."""
    runtime = root / "runtime"
    supplicants.leave(runtime, root)
    hide(root)
    assert supplicants.file_of("wlan0", runtime, root) == root / OWN
    assert supplicants.files_read(runtime, root) == {root / OWN}
    assert (runtime / supplicants.SEEN).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", [None, "", "[", "{"])
def test_nothing_was_left(root: Path, text: str | None) -> None:
    """Without it, or with half of it, there is nobody; Debian's name is taken."""
    runtime = root / "runtime"
    hide(root)
    if text is not None:
        (runtime / supplicants.SEEN).write_text(text)
    assert supplicants.files_read(runtime, root) == frozenset()
    assert supplicants.file_of("wlan0", runtime, root).name == "wpa_supplicant-wlan0.conf"
