"""A room full of devices before the real appliance: each ends as it is to end, and says why."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from portal.bench.devices.device import Device
from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.simulators import fleet
from portal.bench.simulators.acts import Fault, Unit
from portal.bench.simulators.crowd import Crowd
from tests.portal.bench.protocols.house import ESP32_C3
from tests.portal.bench.shop import Shop, shop

IMAGE = ESP32_C3[:16] + random.Random(7).randbytes(200_000)
FINE = (State.PROVISIONED, None)
SILENT = (State.FAILED, Reason.NO_REPORT)
UNSEEN = (State.FAILED, Reason.DOWNLOAD_STALLED)

# Where a fault ends, by protocol where they differ: what a device says of itself differs too.
ENDS: dict[Fault, dict[str, tuple[State, Reason | None]]] = {
    Fault.NONE: {"": FINE},
    Fault.POWER_CUT: {"": FINE},
    Fault.TWICE: {"": FINE},
    Fault.WRONG_PRODUCT: {
        "": (State.FAILED, Reason.WRONG_PRODUCT),
        "ddi": (State.FAILED, Reason.DEVICE_REFUSED),
    },
    Fault.NO_SPACE: {
        "": (State.FAILED, Reason.NO_SPACE),
        "ddi": (State.FAILED, Reason.DEVICE_REFUSED),
        "esphome": UNSEEN,
    },
    Fault.OLD_VERSION: {
        "": (State.FAILED, Reason.REBOOTED_OLD_VERSION),
        "ddi": (State.FAILED, Reason.DEVICE_REFUSED),
    },
    Fault.NEVER_BACK: {"": SILENT},
    # By its serial number it is the same one; who has only its MAC is a stranger.
    Fault.NEW_MAC: {"": SILENT, "bench": FINE, "ddi": FINE},
}


def crowd_of(here: Shop, units: list[tuple[str, Unit]], pace: float) -> Crowd:
    """These devices, about to be switched on."""
    here.stock(IMAGE, "lamp.bin")
    here.furnish(
        [
            {"id": unit.serial, "serial": unit.serial, "mac": unit.mac, "product": "lamp"}
            for _, unit in units
        ]
    )
    return Crowd(here.place, [fleet.LIVES[protocol](unit) for protocol, unit in units], pace)


Wrong = list[tuple[str, Fault, State, Reason | None, str]]


def judged(here: Shop, units: list[tuple[str, Unit]]) -> Wrong:
    """Those that are not where they are to end: protocol, fault, state, reason and words."""
    wrong: Wrong = []
    devices = here.devices()
    for protocol, unit in units:
        device, ends = devices[unit.serial], ENDS[unit.fault]
        end = ends.get(protocol, ends[""])
        # A bench that was killed when the last byte came cannot know that it has come.
        fair = {end, UNSEEN} if here.starts > 1 and end == SILENT else {end}
        if (device.state, device.reason) not in fair:
            wrong.append((protocol, unit.fault, device.state, device.reason, device.detail))
    return wrong


def run(here: Shop, crowd: Crowd, units: list[tuple[str, Unit]], seconds: float) -> None:
    """Until each is where it is to end. Those that have failed go on asking: somebody may retry."""
    wrong = judged(here, units)
    for _ in range(round(seconds)):
        crowd.run(1.0)
        wrong = judged(here, units)
        if not wrong:
            return
    raise AssertionError(wrong)


def handed_out_once(device: Device) -> bool:
    """Whether there was one attempt only."""
    return device.attempt == 1


def every_fault(units: list[tuple[str, Unit]]) -> None:
    """Give each protocol each fault in turn."""
    for number, (_, unit) in enumerate(units):
        unit.fault = list(Fault)[number // len(fleet.LIVES) % len(Fault)]


def test_every_fault_in_every_protocol(tmp_path: Path) -> None:
    """Thirty-two devices, each other: all end in the right state with the right reason."""
    units = list(fleet.units(32, "lamp", random.Random(3).random))
    every_fault(units)
    with shop(tmp_path, slots=16, stalled_after=10, verify_after=10) as here:
        crowd = crowd_of(here, units, 0.15)
        here.start()
        run(here, crowd, units, 60)
        crowd.close()

        fine = [each.id for each in here.devices().values() if each.state is State.PROVISIONED]
        assert set(here.parcels()) <= set(fine)
        assert "failed" not in here.log()


@pytest.mark.long
def test_two_hundred_and_a_kill_in_the_middle(tmp_path: Path) -> None:
    """All faults, and the appliance killed and started again: nothing lost, nothing twice."""
    units = list(fleet.units(200, "lamp", random.Random(5).random, list(Fault)[1:], 0.3))
    with shop(tmp_path, slots=24, stalled_after=15, verify_after=15) as here:
        crowd = crowd_of(here, units, 0.3)
        here.start()
        done = 0
        while done < 40:
            crowd.run(1.0)
            done = sum(each.state is State.PROVISIONED for each in here.devices().values())
        before = here.devices()
        here.kill()
        crowd.run(2.0)
        here.start()
        run(here, crowd, units, 240)
        crowd.close()

        after = here.devices()
        assert all(
            after[id_].state is State.PROVISIONED
            for id_, each in before.items()
            if each.state is State.PROVISIONED
        )
        assert all(map(handed_out_once, after.values()))
        here.stop()
        fine = sorted(each.id for each in after.values() if each.state is State.PROVISIONED)
        here.start()
        crowd.run(0.1)
        assert sorted(set(here.parcels())) == here.parcels()
        assert set(here.parcels()) <= set(fine)
