"""`vestibule up` and `vestibule down`, at a socket that listens and at none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from hotspot.__main__ import main
from hotspot.home import household
from hotspot.supervisor import sockets

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("command", "word"), [("up", b"called"), ("down", b"dismissed")])
def test_the_word(tmp_path: Path, command: str, word: bytes) -> None:
    """The house hears one word, and the person reads what comes of it."""
    with sockets.doorbell(f"{tmp_path}/{household.SOCKET}") as bell:
        done = CliRunner().invoke(main, [command, "--runtime", str(tmp_path)])
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout.startswith(word.decode())
        assert bell.recv(64) == word


def test_nobody_there(tmp_path: Path) -> None:
    """It says that nothing runs, and how to start it."""
    done = CliRunner().invoke(main, ["up", "--runtime", str(tmp_path)])

    assert done.exit_code == 1
    assert f"nobody listens in {tmp_path}" in done.stderr
    assert "sudo vestibule run" in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="another user is needed, so root")
def test_not_for_everybody(tmp_path: Path) -> None:
    """Whoever may not write to the socket is told to ask as root."""
    tmp_path.chmod(0o755)
    with sockets.doorbell(f"{tmp_path}/{household.SOCKET}"):
        (tmp_path / household.SOCKET).chmod(0o600)
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            done = CliRunner().invoke(main, ["up", "--runtime", str(tmp_path)])
            os._exit(0 if "with sudo" in done.stderr else 1)
        assert os.waitpid(child, 0)[1] == 0
