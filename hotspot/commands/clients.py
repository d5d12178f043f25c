"""`vestibule clients`: who is here. Another program knows; this process becomes it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from hotspot.settings import DEFAULT_RUNTIME


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.option("--runtime", type=click.Path(path_type=Path), default=DEFAULT_RUNTIME)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def clients(runtime: Path, words: tuple[str, ...]) -> None:
    """List who is here, captive or released (see `vestibule clients --help`)."""
    # By argv, not by import: hotspot knows neither portal nor dnsd.
    here = Path(__file__).resolve().parents[2]
    argv = [sys.executable, "-m", "portal.clients", *words]
    argv += ["--runtime", str(runtime.absolute())]
    os.chdir(here)
    os.execv(sys.executable, argv)  # noqa: S606 - the design: no shell anywhere
