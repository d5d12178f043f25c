"""Backends by name: built in, or installed by somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.provisioning.backend import BUILT_IN, Backend, UnknownBackend, load


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_built_in(name: str, tmp_path: Path) -> None:
    """Every name in the table loads and makes a backend."""
    assert isinstance(load(name)({}, str(tmp_path)), Backend)


def test_unknown() -> None:
    """A name nobody has is refused with the names there are."""
    with pytest.raises(UnknownBackend, match="'pigeon'; built in: file"):
        load("pigeon")


def test_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed distribution's entry point in our group is a backend."""
    installed = tmp_path / "pigeon-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[vestibule.backends]\npigeon = pigeon_post:Loft\n")
    (tmp_path / "pigeon_post.py").write_text(
        "class Loft:\n"
        "    def __init__(self, options, state):\n"
        "        self.options = options\n"
        "    def apply(self, record):\n"
        "        raise NotImplementedError\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    backend = load("pigeon")({"grain": 3}, "/nowhere")

    assert isinstance(backend, Backend)
    assert vars(backend) == {"options": {"grain": 3}}
