"""`house`: understand the settings, look what is kept, become the steward of the units."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from hotspot.commands.network import places
from hotspot.commands.run import prepared
from hotspot.supervisor import foreground, lock

if TYPE_CHECKING:
    from pathlib import Path


@click.command(hidden=True)
@places
def house(config: Path, state: Path, runtime: Path) -> None:
    """Have the units of the access point come and go."""
    del state
    # What is kept is nothing this one reads, and its unit may not write there.
    life = prepared(runtime, runtime, config, is_demo=False)
    # Not beside a `vestibule run`, which would have the same adapter.
    held = lock.take(runtime.absolute())
    os.set_inheritable(held, True)
    _, _, _, *words = foreground.words_for(life, held)
    argv = [life.python, "-I", "-m", "hotspot.units", *words]
    os.execv(argv[0], argv)  # noqa: S606 - the design: no shell anywhere
