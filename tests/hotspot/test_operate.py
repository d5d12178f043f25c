"""docs/operate.md: its pictures are what the program says, its words are so."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import click
import pytest

from hotspot import settings
from hotspot.__main__ import main
from portal.metrics import families
from portal.metrics.families import Process, Seen
from tests.hotspot.demos import ROOT
from tests.hotspot.screenshots import pictures

PAGE = (ROOT / "docs/operate.md").read_text()


@pytest.mark.parametrize("name", ["doctor.svg", "status.svg"])
def test_the_pictures_are_of_today(name: str) -> None:
    """Taken anew they are the same, and they are XML that a browser reads."""
    kept = (ROOT / "docs/operate" / name).read_text(encoding="utf-8")
    assert kept == pictures()[name], "python -m tests.hotspot.screenshots"
    root = ET.fromstring(kept)  # noqa: S314 - see above
    assert f"operate/{name}" in PAGE
    assert len(root.findall(".//{http://www.w3.org/2000/svg}text")) > 5


@pytest.mark.parametrize("words", sorted(set(re.findall(r"`(?:sudo )?vestibule ([^`|]+)", PAGE))))
def test_its_commands_are_there(words: str) -> None:
    """Every command with its options."""
    name, *rest = words.split()
    command = main.get_command(click.Context(main), name)
    assert command
    if rest and isinstance(command, click.Group):
        command = command.get_command(click.Context(command), rest.pop(0))
        assert command
    options = {text for each in command.params for text in each.opts}
    assert {word for word in rest if word.startswith("--")} <= options


def test_its_settings_can_be_used() -> None:
    """As they stand there."""
    (text,) = re.findall("```toml\n(.*?)```", PAGE, re.DOTALL)
    found = settings.parse(text, file="operate.md")
    assert found.metrics.listen == "unix:/run/vestibule/metrics.sock"


def test_every_metric_is_in_its_table() -> None:
    """With its labels."""
    seen = Seen(version="1", process=Process(1, 1, 1, 1), stations=0)
    names = {family.name for family in families.families(seen)}
    told = set(re.findall(r"`(vestibule_\w+)", PAGE))
    assert {name for name in names if name.startswith("vestibule_")} == told
