"""`vestibule status`: how things stand, on one screen."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from hotspot.commands.radio import say
from hotspot.settings import DEFAULT_RUNTIME
from hotspot.standing import screen, snapshot

_PATH: Final = click.Path(path_type=Path)


@click.command()
@click.option(
    "--runtime", type=_PATH, default=DEFAULT_RUNTIME, show_default=True, help="Of the run."
)
@click.option("--state", type=_PATH, help="What is kept.  [where the run has it]")
@click.option("--json", "as_json", is_flag=True, help="For programs, not for people.")
def status(runtime: Path, state: Path | None, *, as_json: bool) -> None:
    """Show how things stand: the access point, who is on it, the home network, the last join, the
    records that wait, and what was damaged.

    It says so too where nothing runs.
    """
    found = snapshot.take(runtime.absolute(), state and state.absolute())
    say(found, screen.lines(found), as_json=as_json)
