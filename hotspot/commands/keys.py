"""`vestibule keys`: for whoever receives sealed records. Another process does it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from hotspot.commands.words import first


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, shell_complete=first("generate"))
def keys(words: tuple[str, ...]) -> None:
    """Make a pair of keys to seal records with (`vestibule keys generate FILE`)."""
    become(words)


def become(words: tuple[str, ...]) -> None:
    """Go on as the process that knows keys; paths stay those of the caller."""
    # By argv, not by import: hotspot knows neither portal nor dnsd.
    here = str(Path(__file__).resolve().parents[2])
    argv = [sys.executable, "-P", "-m", "portal.provisioning.secrecy.keys", *words]
    # Not by chdir, as others do: the words name files where the caller is.
    os.execve(sys.executable, argv, {**os.environ, "PYTHONPATH": here})  # noqa: S606 - no shell
