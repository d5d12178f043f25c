"""`vestibule bench`: the technician's bench by command. Another process knows; this becomes it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from hotspot.settings import DEFAULT_FILE, DEFAULT_STATE


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.option("--config", type=click.Path(path_type=Path))
@click.option("--state", type=click.Path(path_type=Path), default=DEFAULT_STATE)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def bench(config: Path | None, state: Path, words: tuple[str, ...]) -> None:
    """Jobs, devices, files, manifests, people (see `vestibule bench --help`)."""
    argv = [sys.executable, "-P", "-m", "portal.bench", *words]
    if words[:1] and not words[0].startswith("-"):
        file = config or Path(DEFAULT_FILE)
        if config or file.exists():
            argv += ["--config", str(file.absolute())]
        argv += ["--state", str(state.absolute())]
    # By argv, not by import: hotspot knows neither portal nor dnsd. Not by chdir, as others do:
    # the words name files where the caller is.
    os.execve(  # noqa: S606 - the design: no shell anywhere
        sys.executable, argv, {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    )
