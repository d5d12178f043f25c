"""`vestibule config`: what a settings file says, before anything acts on it."""

from __future__ import annotations

from pathlib import Path

import click

from hotspot import settings
from hotspot.config import example as examples
from hotspot.config import showing, values
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
    """Check a settings file, show what is in force, or print one that explains every key."""


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


@config.command()
@click.option("--country", default="DE", show_default=True, help="Where it is used.")
def example(country: str) -> None:
    """Print a settings file with every key in it, explained; it can be used as it stands."""
    try:
        text = examples.render(values.country(country))
    except values.NotAllowed as allowed:
        raise click.BadParameter(str(allowed), param_hint="--country") from None
    click.echo(text, nl=False)
