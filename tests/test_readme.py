"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from hotspot import settings
from hotspot.__main__ import main
from portal.provisioning.__main__ import main as provisioning

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^ *```(\w+)\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    """The README's examples in one language."""
    return [text for name, text in BLOCKS if name == language]


def test_the_settings_shown_are_settings() -> None:
    """The example is a valid file that says what its comments call the defaults."""
    (example,) = blocks("toml")
    shown = settings.parse(example, file="README.md")
    default = settings.from_mapping({"radio": {"country": "DE"}})

    assert shown.network == default.network
    assert (shown.portal, shown.dns) == (default.portal, default.dns)
    assert shown.provisioning == default.provisioning


def test_the_least_file_is_enough() -> None:
    """What the README has written to /etc is all that must be said."""
    (command,) = re.findall(r"printf '([^']+)' \| sudo tee", README)

    assert settings.parse(command.replace("\\n", "\n"), file="README.md").radio.country == "DE"


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake (\w+)", README))))
def test_make_targets_exist(target: str) -> None:
    """Every `make …` of the README is in the Makefile."""
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("words", sorted(set(re.findall(r"vestibule ((?:\w+ ?)+)", README))))
def test_commands_exist(words: str) -> None:
    """Every `vestibule …` of the README is a command."""
    name, *rest = words.split()
    if name == "ready":
        return
    group: click.Group = main
    command = group.get_command(click.Context(group), name)

    assert command is not None
    if isinstance(command, click.Group) and rest:
        assert command.get_command(click.Context(command), rest[0]) is not None


@pytest.mark.parametrize("verb", ["list", "show", "export"])
def test_records_can_be_read(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`vestibule records …` hands its words to the domain, which knows them."""
    with pytest.raises(SystemExit) as ended:
        provisioning(["records", verb, "--help"])

    assert ended.value.code == 0
    assert f"records {verb}" in capsys.readouterr().out


@pytest.mark.parametrize("path", sorted(set(re.findall(r"(?:src=\"|\]\()([\w/.-]+)", README))))
def test_links_lead_somewhere(path: str) -> None:
    """Pictures and pages named in the README are in the checkout."""
    assert (ROOT / path).exists()
