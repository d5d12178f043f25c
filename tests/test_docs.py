"""What the guide says is so: its links lead somewhere, its commands and tests exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from hotspot import settings
from hotspot.__main__ import main

ROOT = Path(__file__).parent.parent
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
LINK = re.compile(r"(?:src=\"|\]\()(?!https?:|mailto:|#)([^)\"#\s]+)")
TEST = re.compile(r"`(tests/[\w/]+(?:\.py)?/?)`")
BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def each(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Every find of a pattern with the page it stands on."""
    return sorted(
        {
            (str(page.relative_to(ROOT)), found)
            for page in PAGES
            for found in pattern.findall(page.read_text())
        }
    )


def commands() -> list[tuple[str, str]]:
    """Every line of a shell example that starts with our command, whoever it is run as."""
    lines = (
        (str(page.relative_to(ROOT)), line.partition("  #")[0].partition(" | ")[0].strip())
        for page in PAGES
        for language, text in BLOCK.findall(page.read_text())
        if language in {"sh", "shell", "console"}
        for line in text.replace("\\\n", " ").splitlines()
    )
    ours = re.compile(r"(?:sudo )?(?:\.venv/bin/)?(vestibule .*)")
    return sorted({(page, found[1]) for page, line in lines if (found := ours.fullmatch(line))})


@pytest.mark.parametrize(("page", "link"), each(LINK))
def test_links_lead_somewhere(page: str, link: str) -> None:
    """A page or a picture that is named is there."""
    assert ((ROOT / page).parent / link).exists()


@pytest.mark.parametrize(("page", "path"), each(TEST))
def test_tests_exist(page: str, path: str) -> None:
    """A test that is said to show something is there."""
    assert (ROOT / path).exists(), page


@pytest.mark.parametrize(("page", "line"), commands())
def test_commands_exist(page: str, line: str) -> None:
    """A command is one of ours, with options and arguments it takes."""
    _, *words = shlex.split(re.sub(r" [<>].*", "", line), comments=True)
    group: click.Command = main
    context = click.Context(main)
    while isinstance(group, click.Group) and words and not words[0].startswith("-"):
        found = group.get_command(context, words[0])
        assert found is not None, f"{page}: {line}"
        group, words = found, words[1:]
    if words and words[-1] in {"--help", "--version"}:
        return
    group.make_context(group.name, words, resilient_parsing=False)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (page, text)
        for page, text in (
            (str(page.relative_to(ROOT)), text)
            for page in PAGES
            for language, text in BLOCK.findall(page.read_text())
            if language == "toml" and not re.search(r"^\[(project|job)", text, re.MULTILINE)
        )
    ],
)
def test_settings_shown_are_settings(page: str, text: str) -> None:
    """An example for the settings file is one that would be taken, beside the country."""
    if "[radio]" not in text:
        text = f'[radio]\ncountry = "DE"\n{text}' if "\n[" in f"\n{text}" else text
    if "country" not in text:
        text = text.replace("[radio]", '[radio]\ncountry = "DE"', 1)
    settings.parse(text, file=page)
