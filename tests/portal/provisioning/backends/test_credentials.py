"""Credentials: from systemd or from a file that is nobody else's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portal.provisioning.backend import Misconfigured
from portal.provisioning.backends import credentials


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file only we can read."""
    path = tmp_path / "token"
    path.touch(0o600)
    path.write_bytes(b"canary-5b21\n")
    return path


def test_a_path(file: Path) -> None:
    """A file by its path, without the newline an editor leaves."""
    assert credentials.text(str(file)) == "canary-5b21"
    assert "canary" not in repr(credentials.text(str(file)))
    assert credentials.checked(str(file)) == file


def test_systemds(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name it is in the directory that systemd names, whose modes are systemd's own."""
    file.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(file.parent))

    assert credentials.octets("credential:token") == b"canary-5b21"


def test_without_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, without systemd, it is in our own directory."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)

    assert credentials.path("credential:token") == Path("/etc/vestibule/credentials/token")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_others_can_read_it(file: Path, mode: int) -> None:
    """A secret that is none is not used."""
    file.chmod(mode)
    with pytest.raises(Misconfigured, match="chmod 600"):
        credentials.octets(str(file))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_somebody_elses(file: Path) -> None:
    """Who can change it could read what is signed with it."""
    os.chown(file, 65_534, 65_534)
    with pytest.raises(Misconfigured, match="your own"):
        credentials.octets(str(file))


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"two words", b"two\nlines", b"\xff", b"a\r\nb: c"]
)
def test_no_token(file: Path, content: bytes) -> None:
    """What cannot be one header's value is refused, unseen."""
    file.write_bytes(content)
    with pytest.raises(Misconfigured) as refused:
        credentials.text(str(file))

    assert str(refused.value).startswith(str(file))


def test_any_octets(file: Path) -> None:
    """A key may hold whatever it likes, but not without bound."""
    file.write_bytes(bytes(range(256)))
    assert credentials.octets(str(file)) == bytes(range(256))
    file.write_bytes(bytes(70_000))
    with pytest.raises(Misconfigured, match="more than"):
        credentials.octets(str(file))


def test_no_file(file: Path) -> None:
    """What is no file is told apart from one that is missing."""
    with pytest.raises(Misconfigured, match="Is a directory"):
        credentials.octets(str(file.parent))
    with pytest.raises(Misconfigured, match="No such file"):
        credentials.octets(str(file) + "x")
