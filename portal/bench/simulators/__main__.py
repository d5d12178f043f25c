"""`python -m portal.bench.simulators URL`: a room full of devices, for the demo and for whoever
wants to see what a bench does with two hundred.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from portal.bench.simulators.acts import Fault
from portal.bench.simulators.crowd import Crowd
from portal.bench.simulators.fleet import LIVES, manifest, units

_FAULTS: Final = tuple(fault for fault in Fault if fault is not Fault.NONE)


def main(words: list[str]) -> int:
    """Run until every device is done with, or SIGTERM: the exit status."""
    given = _parser().parse_args(words)
    if given.manifest:
        sys.stdout.write(manifest(given.devices, given.product))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if given.furnish:
        _furnish(given)
    chance = random.Random(given.seed).random  # noqa: S311 - a demo, to be the same each time
    fleet = units(given.devices, given.product, chance, _FAULTS, given.faults, given.rate)
    place = urlsplit(given.url)
    crowd = Crowd(
        (place.hostname or "127.0.0.1", place.port or 80),
        [LIVES[protocol](unit) for protocol, unit in fleet],
        given.pace,
    )
    try:
        crowd.run()
    finally:
        crowd.close()
    if given.stay:
        # Switched off, all of them. Whoever started us would only start us again.
        signal.pause()
    return 0


def _furnish(given: argparse.Namespace) -> None:
    """A bench to stand before, where there is none."""
    # Here, because whoever has a bench needs nothing of it.
    from hotspot.settings import Bench  # noqa: PLC0415 - see above
    from portal.bench.building import Place  # noqa: PLC0415 - see above
    from portal.bench.simulators import furnishing  # noqa: PLC0415 - see above

    place = Place(given.furnish, given.furnish, Bench(), lambda *_: None, _say)
    furnishing.furnish(place, given.devices, given.product, os.urandom)
    page = given.url.rstrip("/")
    _say(f"the bench is at {page}/bench: sign in as {furnishing.WHO}, PIN {furnishing.PIN}")


def _say(line: str) -> None:
    sys.stderr.write(f"room: {line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m portal.bench.simulators", description=__doc__)
    parser.add_argument("url", help="the appliance, such as http://127.0.0.1:8080")
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--product", default="lamp")
    parser.add_argument("--faults", type=float, default=0.1, help="the share of bad ones, 0 to 1")
    parser.add_argument("--pace", type=float, default=1.0, help="seconds for a simulated one")
    parser.add_argument("--rate", type=int, default=100_000, help="bytes a second of one device")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--furnish", type=Path, help="the state folder of a bench to furnish")
    parser.add_argument("--stay", action="store_true", help="do not end with the last device")
    parser.add_argument("--manifest", action="store_true", help="only say the rows of a manifest")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(0)
