"""`vestibule records`: what visitors have answered. Another process knows; this one becomes it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from hotspot.commands.keys import become
from hotspot.commands.words import first
from hotspot.settings import DEFAULT_RUNTIME, DEFAULT_STATE


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.option("--state", type=click.Path(path_type=Path), default=DEFAULT_STATE)
@click.option("--runtime", type=click.Path(path_type=Path), default=DEFAULT_RUNTIME)
@click.argument(
    "words",
    nargs=-1,
    type=click.UNPROCESSED,
    shell_complete=first("list", "show", "export", "retry", "forget", "open"),
)
def records(state: Path, runtime: Path, words: tuple[str, ...]) -> None:
    """List, show, export, retry, forget or open the answers (see `vestibule records --help`)."""
    if words[:1] == ("open",):
        become(words)
    # By argv, not by import: hotspot knows neither portal nor dnsd.
    here = Path(__file__).resolve().parents[2]
    argv = [sys.executable, "-m", "portal.provisioning", "records", *words]
    argv += ["--state", str(state.absolute()), "--runtime", str(runtime.absolute())]
    os.chdir(here)
    os.execv(sys.executable, argv)  # noqa: S606 - the design: no shell anywhere
