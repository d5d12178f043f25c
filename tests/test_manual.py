"""The manual is made of what the program says, and is clean."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.__main__ import _COMMANDS, main
from hotspot.config import reference

ROOT = Path(__file__).parent.parent
PAGES = ("vestibule.1", "vestibule.toml.5")

sys.path.insert(0, str(ROOT / "deploy"))
import roff  # type: ignore[import-not-found]  # noqa: E402 - found by the line above


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files as the package's build makes them."""
    folder = tmp_path_factory.mktemp("manual") / "deep"
    words = [sys.executable, str(ROOT / "deploy/manual.py"), str(folder), "--version", "1.2.3"]
    subprocess.run(words, check=True, timeout=60)
    return folder


def read(page: Path) -> str:
    """A page as a person reads it, in one line."""
    words = ["man", "--local-file", "--encoding=UTF-8", str(page)]
    environment = {"PATH": "/usr/bin:/bin", "MANWIDTH": "200", "MAN_KEEP_FORMATTING": ""}
    done = subprocess.run(words, capture_output=True, check=True, env=environment, timeout=60)
    return " ".join(re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout.decode()).split())


@pytest.mark.parametrize("name", PAGES)
def test_no_complaints(manual: Path, name: str) -> None:
    """groff has nothing to warn of, and mandoc's lint, where there is one, neither."""
    if not shutil.which("man"):
        pytest.skip("man-db is not installed")
    words = ["man", "--warnings=w", "--encoding=UTF-8", "-l", "-Tutf8", "-Z", str(manual / name)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    if shutil.which("mandoc"):
        lint = ["mandoc", "-T", "lint", "-W", "warning", str(manual / name)]
        done = subprocess.run(lint, capture_output=True, text=True, check=False, timeout=60)
        assert done.stdout == ""


def test_every_command_and_option_is_in_it(manual: Path) -> None:
    """Of ours, and of those that another program of ours has."""
    if not shutil.which("man"):
        pytest.skip("man-db is not installed")
    text = read(manual / "vestibule.1")
    context = click.Context(main)
    for name in _COMMANDS:
        command = main.get_command(context, name)
        assert command
        assert f"vestibule {name} " in text
        for option in (each for each in command.params if isinstance(each, click.Option)):
            if not option.hidden and option.help:
                assert option.opts[0] in text
    for words in ("records export", "records list", "keys generate", "config example"):
        assert f"vestibule {words} " in text
    assert "1.2.3" in text


def test_every_setting_is_in_it(manual: Path) -> None:
    """With its words, what is allowed, and its default."""
    if not shutil.which("man"):
        pytest.skip("man-db is not installed")
    text = read(manual / "vestibule.toml.5")
    for name, purpose, keys in reference.tables():
        assert f"[{name}] {purpose}" in text
        for key in keys:
            assert " ".join(key.words.split()) in text
            assert " ".join(key.allowed.split()) in text


def test_the_page_of_settings_is_of_today() -> None:
    """docs/settings.md says what the program says."""
    words = [sys.executable, str(ROOT / "deploy/manual.py"), "--settings"]
    done = subprocess.run(words, capture_output=True, check=True, timeout=60)
    assert (ROOT / "docs/settings.md").read_bytes() == done.stdout, "make it anew (see its text)"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions(manual: Path, shell: str) -> None:
    """One for each shell, which takes it where it is installed."""
    name = {"bash": "vestibule.bash", "zsh": "_vestibule", "fish": "vestibule.fish"}[shell]
    assert "_VESTIBULE_COMPLETE" in (manual / name).read_text()
    if shutil.which(shell):
        subprocess.run([shell, "-n", str(manual / name)], check=True, timeout=60)


@given(st.text())
def test_nothing_is_a_request(text: str) -> None:
    """Whatever is written, a line of it begins no request and leaves no backslash open."""
    for line in roff.paragraph(text).splitlines()[1:]:
        assert not line.startswith((".", "'"))
        assert line.isascii()
        assert not re.search(r"\\(?![&e\-(\[])", line)
