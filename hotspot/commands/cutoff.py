"""`cutoff`: for the package, which starts nothing by itself that would throw somebody off."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hotspot import settings
from hotspot.checks import cutoff as company
from hotspot.commands.config import load
from hotspot.errors import Refused


@click.command(hidden=True)
@click.option("--config", type=click.Path(path_type=Path), default=settings.DEFAULT_FILE)
@click.option("--restart", is_flag=True, help="The access point is on, and would be for a moment.")
def cutoff(*, config: Path, restart: bool) -> None:
    """Who would be cut off if the access point were started now: status 1 and why, else 0."""
    found = load(config)
    try:
        why = company.by_restart(found) if restart else company.why(found)
    except (Refused, OSError) as error:
        # Nothing that it could take: the start itself says so, and waits.
        click.echo(str(error), err=True)
        return
    if why:
        click.echo(why)
        sys.exit(1)
