"""What docs/api.md shows is what happens, line by line, in the demo."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hotspot import demos
from tests.hotspot.demos import DEADLINE, Demo
from tests.hotspot.real import program

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
PLACE = "127.0.0.1:8080"
# A command and, below it, what it answers; a stream's answer is not shown.
SHOWN = re.findall(r"```sh\n(curl [^\n]+)\n```(?:\n\n```json\n(.+?)\n```)?", PAGE, re.DOTALL)
# What is another one each time.
OWN = ("id", "url")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo that joins."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "config.toml").write_text(
        '[radio]\ncountry = "DE"\n[provisioning]\njoins = true\n[brand]\nname = "Vestibule"\n'
    )
    with demos.running(folder, "--config", str(folder / "config.toml")) as running:
        yield running


def run(command: str, demo: Demo, identity: str) -> Any:
    """What a command of the page answers; its place and its $ID are ours."""
    host, port = demo.place
    words = shlex.split(command.replace(PLACE, f"{host}:{port}").replace("$ID", identity))
    argv = [program(words[0]), "--silent", "--show-error", "--max-time", "20", *words[1:]]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    events = re.findall("^data: (.+)$", done.stdout, re.MULTILINE)
    return json.loads(events[-1] if events else done.stdout)


def alike(shown: Any, found: Any, name: str = "") -> bool:
    """Whether what was found is what is shown; of a list, the beginning may do."""
    if isinstance(shown, dict):
        same = isinstance(found, dict) and shown.keys() == found.keys()
        return same and all(alike(shown[key], found[key], key) for key in shown)
    if isinstance(shown, list):
        pairs = zip(shown, found, strict=False)
        return len(found) >= len(shown) > 0 and all(alike(*pair) for pair in pairs)
    return type(shown) is type(found) and (name in OWN or bool(shown == found))


def test_every_command_has_an_answer() -> None:
    """No command of the page is left untried, and only the stream is left unshown."""
    assert len(SHOWN) == PAGE.count("```sh\n")
    assert ["events" in command for command, text in SHOWN if not text] == [True]


def test_it_answers_as_shown(demo: Demo) -> None:
    """In the page's order: each answer has the members that are shown, and their values."""
    identity = ""
    for command, text in SHOWN:
        if not text:
            assert run(command, demo, identity)["join"]["outcome"] == "connected"
            continue
        shown = json.loads(text.replace(PLACE, ":".join(map(str, demo.place))))
        found = run(command, demo, identity)
        until = time.monotonic() + DEADLINE
        while "$ID" in command and not alike(shown, found) and time.monotonic() < until:
            # The page says to go on asking; the demo's join takes six seconds.
            time.sleep(0.2)
            found = run(command, demo, identity)
        assert alike(shown, found), f"{command}\n{json.dumps(found)}"
        if shown.keys() == {"id", "url"}:
            identity = found["id"]
            assert found["url"].endswith(f"/api/v1/setup/{identity}")
