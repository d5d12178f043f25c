"""The demo's bench: furnished once, signed in to, and filled with devices by one command."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from hotspot.settings import Bench
from portal.bench import building
from portal.bench.building import Place
from portal.bench.devices.states import State
from portal.bench.ledger.ledger import Ledger
from portal.bench.protocols import images
from portal.bench.protocols.images import Image, Kind
from portal.bench.simulators import fleet, furnishing
from portal.bench.simulators.furnishing import PIN, WHO, furnish
from tests.hotspot import demos
from tests.portal.bench.shop import wait_until


def test_furnished_once(tmp_path: Path) -> None:
    """A job with all devices expected, an ESP32's image, a lead; where there is a job, nothing."""
    place = Place(tmp_path, tmp_path, Bench(), lambda *_: None, print)

    assert furnish(place, 20, "lamp", os.urandom)
    assert not furnish(place, 30, "lamp", os.urandom)

    bench = building.built(place)
    with contextlib.closing(bench.parts.ledger):
        rows = bench.rows()[1]
        [image] = bench.parts.shelf.all()
    assert [row.id for row in rows] == [fleet.serial(number) for number in range(20)]
    assert {row.state for row in rows} == {State.EXPECTED}
    assert images.read(image.head) == Image(Kind.ESP, "ESP32", 4 << 20)
    assert image.override == WHO
    [person] = building.people(place).all()
    assert person.name == WHO
    assert furnishing.PIN == PIN


def test_the_rows_of_a_manifest_are_those_of_the_fleet() -> None:
    """What is told to be expected is what comes."""
    told = subprocess.run(
        [sys.executable, "-m", "portal.bench.simulators", "http://x", "--manifest",
         "--devices", "3"], check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip

    units = [unit for _, unit in fleet.units(3, "lamp", lambda: 0.5)]
    assert told.splitlines() == [
        "serial,mac,product,name",
        *(f"{unit.serial},{unit.mac},lamp,lamp-{n:04}" for n, unit in enumerate(units)),
    ]


def test_one_command_fills_the_wall(tmp_path: Path) -> None:
    """`vestibule run --demo --bench`: devices come and are done, and it says how to sign in."""
    with demos.running(tmp_path, "--bench") as demo:

        def states() -> set[State]:
            ledger = Ledger(demo.state)
            with contextlib.closing(ledger):
                return {each.state for job in ledger.jobs() for each in ledger.devices(job.n)}

        wait_until(lambda: f"sign in as {WHO}, PIN {PIN}" in demo.stderr.read_text())
        wait_until(lambda: {State.QUEUED, State.FLASHING} <= states())
