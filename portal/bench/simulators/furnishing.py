"""The demo's bench: a job, its firmware, and somebody who may sign in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from portal.bench import building
from portal.bench.building import Place
from portal.bench.simulators import fleet
from portal.bench.wall.people import Role

WHO: Final = "Demo"
PIN: Final = "271828"
# An ESP32's image, laid out for 4 MB: what no simulated device looks further into.
_HEAD: Final = bytes.fromhex("e9 04 02 20 00 00 38 40 ee 00 00 00 00 00 00 00")
_SIZE: Final = 900_000
_VERSION: Final = "2.0"
_JOB: Final = """
[job]
id = "demo"
title = "Demo: lamps for the town hall"
product = "{product}"
"""


def furnish(place: Place, devices: int, product: str, random: Callable[[int], bytes]) -> bool:
    """Make all of it, where there is no job yet: whether that was so."""
    bench = building.built(place)
    try:
        if bench.jobs():
            return False
        shelf = bench.parts.shelf
        image = [_HEAD, random(_SIZE)]
        shelf.add(image, f"{product}-{_VERSION}.bin", product, _VERSION, override=WHO)
        bench.take_manifest("job.toml", _JOB.format(product=product).encode(), WHO, partial=False)
        rows = fleet.manifest(devices, product).encode()
        bench.take_manifest("devices.csv", rows, WHO, partial=False)
        building.people(place).add(WHO, Role.LEAD, PIN)
        return True
    finally:
        bench.parts.ledger.close()
