"""`vestibule config`: what a settings file says, before anything acts on it."""

from __future__ import annotations

from pathlib import Path

import click

from hotspot import settings
from hotspot.config import showing
from hotspot.errors import Refused
from hotspot.settings import Settings


def load(file: Path) -> Settings:
    """The settings in a file. Raises `reading.Invalid`, or `Refused` when it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        remedy = 'write one with at least [radio] and country = "DE", or name another with --config'
        raise Refused(f"{file} does not exist", remedy, status=2) from None
    except OSError as error:
        remedy = "name a file that can be read"
        raise Refused(f"{file} cannot be read ({error.strerror})", remedy, status=2) from None
    except UnicodeDecodeError as error:
        where = f"byte {error.start}"
        raise Refused(f"{file} is not UTF-8 ({where})", "save it as UTF-8", status=2) from None
    return settings.parse(text, file=str(file))


@click.group()
def config() -> None:
    """Check a settings file, or show what is in force."""


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Say whether FILE can be used; if not, all that is wrong with it."""
    load(file)
    click.echo(f"{file}: all good")


@config.command()
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    default=settings.DEFAULT_FILE,
    show_default=True,
    help="The settings file.",
)
def show(file: Path) -> None:
    """Show every setting with its value, the defaults too, secrets masked."""
    click.echo(showing.render(load(file)), nl=False)
