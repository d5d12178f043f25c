"""`vestibule up` and `vestibule down`: a person's word on whether the access point is there."""

from __future__ import annotations

from pathlib import Path

import click

from hotspot import settings
from hotspot.errors import Refused
from hotspot.home import homecoming, household

_PATH = click.Path(path_type=Path)
_runtime = click.option(
    "--runtime", type=_PATH, default=settings.DEFAULT_RUNTIME, show_default=True
)


@click.command()
@_runtime
def up(runtime: Path) -> None:
    """Bring the access point back, if nobody used it, or it waits to be called."""
    _tell(runtime, homecoming.CALLED)
    click.echo("called: vestibule status says when it is on the air")


@click.command()
@_runtime
def down(runtime: Path) -> None:
    """Take the access point off the air, until `vestibule up` or the button."""
    _tell(runtime, homecoming.DISMISSED)
    click.echo("dismissed: it goes, unless it joins a network just now or stays beside one")


def _tell(runtime: Path, word: str) -> None:
    """Raises `Refused`."""
    try:
        household.tell(str(runtime.absolute()), word)
    except PermissionError:
        raise Refused("the access point is root's to call", "the same with sudo") from None
    except OSError:
        remedy = "sudo systemctl start vestibule.target, or sudo vestibule run"
        raise Refused(f"nobody listens in {runtime}: it is not running", remedy) from None
