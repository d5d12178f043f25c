"""`prepare`, `wait`, `restore`: the short-lived commands that need root, for supervisor and units.

The only processes that load netlink; each ends when its work is done.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from hotspot import settings
from hotspot.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., None]

# hostapd may have to listen for radar for 60 s before it beacons (802.11h); not on the channels
# we choose by ourselves. Below the patience of `hotspot.supervisor.order`.
_ENABLED_SECONDS: Final = 50.0

# Whether a place can be used is found out by who uses it: a unit may have no business there.
_PATH: Final = click.Path(path_type=Path, readable=False)


def places(command: Command) -> Command:
    """The three options that all of them take."""
    options = {
        "--config": settings.DEFAULT_FILE,
        "--state": settings.DEFAULT_STATE,
        "--runtime": settings.DEFAULT_RUNTIME,
    }
    for name, default in options.items():
        command = click.option(name, type=_PATH, default=default, show_default=True)(command)
    return command


@click.command(hidden=True)
@places
def prepare(config: Path, state: Path, runtime: Path) -> None:
    """Make the interface an access point, ready for hostapd and dnsmasq."""
    from hotspot.commands.config import load  # noqa: PLC0415 - likewise
    from hotspot.machine import prepare as preparing  # noqa: PLC0415 - `wait` needs none of it

    preparing.prepare(load(config), state, runtime.absolute(), _say)


@click.command(hidden=True)
@places
def wait(runtime: Path, **_places: Any) -> None:  # noqa: ANN401 - options that it shrugs at
    """Return when the access point is on the air."""
    from hotspot import control, hostapd  # noqa: PLC0415 - the others need no sockets
    from hotspot.machine import journal  # noqa: PLC0415 - the others need no sockets

    runtime = runtime.absolute()
    found = journal.read(runtime)
    if found is None:
        raise Refused("nothing is prepared", "run `python -m hotspot prepare` first")
    path = runtime / hostapd.CONTROL / found.before.interface
    try:
        control.wait_until_enabled(path, runtime, _ENABLED_SECONDS)
    except control.ControlError as error:
        remedy = "see hostapd's own lines above; another channel or country may help"
        raise Refused(f"the access point did not start ({error})", remedy) from error


@click.command(hidden=True)
@places
def restore(runtime: Path, **_places: Any) -> None:  # noqa: ANN401 - options that it shrugs at
    """Put everything back as it was before prepare."""
    from hotspot.machine import restore as undoing  # noqa: PLC0415 - `wait` needs none of it

    undoing.restore(runtime.absolute(), _say)


def _say(line: str) -> None:
    click.echo(line, err=True)
