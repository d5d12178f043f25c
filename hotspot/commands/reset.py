"""`vestibule reset`: as if it had just been bought."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from hotspot import identity
from hotspot.agent import asking, telling
from hotspot.commands.radio import asks, say
from hotspot.errors import Refused
from hotspot.settings import DEFAULT_STATE

_PATH: Final = click.Path(path_type=Path)
_WORDS: Final = (
    "The home network is forgotten, and the access point gets a new name and a new key: printed "
    "labels no longer fit. Go on?"
)


@click.command()
@asks
@click.option("--state", type=_PATH, default=DEFAULT_STATE, show_default=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(socket: Path, state: Path, *, as_json: bool, yes: bool) -> None:
    """Forget the home network, and the access point's own name and key.

    Answers that visitors gave are not touched. The new name and key are made when the access
    point starts the next time.
    """
    if not yes and not click.confirm(_WORDS, err=True):
        raise Refused("nothing was reset", "answer yes, or add --yes")
    # First what may be refused: half a reset would be neither one thing nor the other.
    ssid = asking.answer(socket, {"verb": "forget"})["ssid"]
    made = _remove(state / identity.FILE)
    home = f"forgotten: {telling.name(ssid)}" if ssid is not None else "no home network was kept"
    own = "the next start makes a new name and key" if made else "no name and key had been made"
    say({"ssid": ssid, "identity": made}, [home, own], as_json=as_json)


def _remove(path: Path) -> bool:
    """Whether there was something to remove."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise Refused(f"{path} cannot be removed ({error.strerror})", "run this as root") from None
    return True
