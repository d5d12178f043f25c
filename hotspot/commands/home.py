"""`look`, `settle` and `beside`: errands for the supervisor, once there is a home network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click

from hotspot.commands.config import load
from hotspot.commands.network import places
from hotspot.home import homeward
from hotspot.home.homeward import in_use
from hotspot.owner.opening import opened

_INTERFACE: Final = click.option("--interface", help="The access point's.  [the one in use]")


@click.command(hidden=True)
@places
@_INTERFACE
def look(config: Path, runtime: Path, interface: str | None, **_places: Any) -> None:  # noqa: ANN401 - options that it shrugs at
    """Whether the home network is on the air and nobody on the access point: status 0, else 1."""
    settings, runtime = load(config), runtime.absolute()
    interface = interface or in_use(settings, runtime)
    owner = opened(settings, interface, runtime)
    sys.exit(not homeward.look(owner.kept(), interface, runtime))


@click.command(hidden=True)
@places
@_INTERFACE
def settle(config: Path, runtime: Path, interface: str | None, **_places: Any) -> None:  # noqa: ANN401 - options that it shrugs at
    """Have the machine on its home network: status 0 if it is, else 1."""
    settings, runtime = load(config), runtime.absolute()
    interface = interface or in_use(settings, runtime)
    owner = opened(settings, interface, runtime)
    sys.exit(not homeward.settle(owner, interface, runtime))


@click.command(hidden=True)
@places
@_INTERFACE
def beside(config: Path, runtime: Path, interface: str | None, **_places: Any) -> None:  # noqa: ANN401 - options that it shrugs at
    """Have the machine on its home network beside the access point: status 0 if it is, else 1."""
    settings, runtime = load(config), runtime.absolute()
    interface = interface or in_use(settings, runtime)
    owner = opened(settings, interface, runtime)
    sys.exit(not homeward.beside(owner, settings.radio.follow, interface, runtime))
