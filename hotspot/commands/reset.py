"""`vestibule reset`: as if it had just been bought."""

from __future__ import annotations

import os
import subprocess
import sys
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

# What a bench has in the state directory: there is one, where any of these is.
_BENCH: Final = ("bench.db", "bench.key", "bench")
_BENCH_WORDS: Final = (
    "This was a technician's bench. Remove its jobs, devices and their secrets, its people and "
    "its files too?"
)
_BENCH_GONE: Final = "the bench's jobs, devices, people and files are removed; start it anew"
_BENCH_LEFT: Final = "the bench was left as it is: --bench removes its jobs, people and files"


@click.command()
@asks
@click.option("--state", type=_PATH, default=DEFAULT_STATE, show_default=True)
@click.option("--bench", is_flag=True, help="The technician's bench too: jobs, people, files.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(socket: Path, state: Path, *, as_json: bool, bench: bool, yes: bool) -> None:
    """Forget the home network, and the access point's own name and key.

    Answers that visitors gave are not touched. What a technician's bench has kept is removed if
    you say so when asked, or with --bench. The new name and key are made when the access point
    starts the next time.
    """
    is_bench = any((state / name).exists() for name in _BENCH)
    if not yes and not click.confirm(_WORDS, err=True):
        raise Refused("nothing was reset", "answer yes, or add --yes")
    if is_bench and not yes and not bench:
        bench = click.confirm(_BENCH_WORDS, err=True)
    # First what may be refused: half a reset would be neither one thing nor the other.
    ssid = asking.answer(socket, {"verb": "forget"})["ssid"]
    made = _remove(state / identity.FILE)
    home = f"forgotten: {telling.name(ssid)}" if ssid is not None else "no home network was kept"
    own = "the next start makes a new name and key" if made else "no name and key had been made"
    told = {"ssid": ssid, "identity": made, "bench": is_bench and not bench}
    words = [home, own]
    if is_bench:
        words.append(_BENCH_GONE if bench and _wipe(state) else _BENCH_LEFT)
    say(told, words, as_json=as_json)


def _wipe(state: Path) -> bool:
    """Have the bench remove what it has kept: another process knows what that is."""
    argv = [sys.executable, "-P", "-m", "portal.bench", "erase", "--yes"]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    # By argv, not by import: hotspot knows neither portal nor dnsd.
    done = subprocess.run(
        [*argv, "--state", str(state.absolute())],
        env=here, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Refused(f"the bench is still there ({done.stderr.strip()})", "run this as root")
    return True


def _remove(path: Path) -> bool:
    """Whether there was something to remove."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise Refused(f"{path} cannot be removed ({error.strerror})", "run this as root") from None
    return True
