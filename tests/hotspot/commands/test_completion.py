"""What a shell is told at Tab."""

from __future__ import annotations

import argparse
import subprocess
import sys

import pytest

from hotspot.commands import completion
from portal.provisioning import __main__ as provisioning
from portal.provisioning.secrecy import keys
from tests.hotspot.demos import ROOT


def at_tab(line: str) -> list[str]:
    """The words that complete the last one of a line, as bash is told them."""
    words = line.split(" ")
    environment = {
        "_VESTIBULE_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
    }
    code = "from hotspot.__main__ import main; main(prog_name='vestibule')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    return [word.partition(",")[2] for word in done.stdout.decode().split()]


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("vestibule do", {"doctor", "down"}),
        ("vestibule doctor --b", {"--bundle"}),
        ("vestibule config ", {"check", "show", "example"}),
        ("vestibule completion ", {"bash", "zsh", "fish"}),
        ("vestibule records e", {"export"}),
        ("vestibule keys ", {"generate"}),
        ("vestibule prep", set()),
    ],
)
def test_at_tab(line: str, some: set[str]) -> None:
    """Commands, options, verbs; the steps that are for other programs are not among them."""
    assert set(at_tab(line)) == some


def test_only_the_first_word() -> None:
    """What comes after it is no verb."""
    assert "export" not in at_tab("vestibule records list ")


def test_the_verbs_are_those_of_the_other_program() -> None:
    """Each that it knows, and no other."""
    found = _choices(_choices(provisioning._parser())["records"])
    assert set(at_tab("vestibule records ")) == {*found, "open"}
    assert "open" in _choices(keys._parser())


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (found,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(found.choices)


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_a_script_for_each(shell: str) -> None:
    """It asks the program itself, by the name a person calls it."""
    text = completion.script(shell)
    assert "_VESTIBULE_COMPLETE" in text
    assert "vestibule" in text


def test_an_unknown_shell() -> None:
    """There is none for it."""
    with pytest.raises(ValueError, match="tcsh"):
        completion.script("tcsh")
