"""Four devices on the bench and one place to download: one after the other, each is sent off."""

from __future__ import annotations

import contextlib
import random
import time
from pathlib import Path
from typing import Final

from hotspot.agent import asking
from portal.bench.artifacts.shelf import Shelf
from portal.bench.devices.device import Device
from portal.bench.devices.states import State
from portal.bench.ledger.ledger import Ledger
from tests.lab.guest.appliance import DELIVERED, RUNTIME, STATE, URL, Config
from tests.lab.guest.lab import Lab
from tests.lab.guest.phone import Answer, Phone
from tests.lab.guest.program import until
from tests.lab.stories.first_phone import FORM, PROBE, WISPR
from tests.portal.bench.benches import Workshop

RADIOS: Final = 6
LONG: Final = True
CONFIG: Final = Config(tables="[bench]\nenabled = true\nslots = 1\n")
SOCKET: Final = RUNTIME / asking.SOCKET
DEVICES: Final = range(1, 5)
# What the firmware has built in, and is nobody's here but ours.
UPDATE: Final = "http://updates.acme.example/lamp.bin"
IMAGE: Final = bytes.fromhex("e9040220 00003840 ee000000 00000000") + random.Random(1).randbytes(
    100_000
)
SENT, NOTHING = 200, 304
# A busy emulator starts the radio agent in half a minute; ten seconds pass before it is asked.
OFF_SECONDS: Final = 120.0


def tell(lab: Lab) -> None:
    """Each gets its turn, is done on evidence, and leaves; a phone is set up meanwhile."""
    furnish()
    devices = {number: lab.phone(number, f"device{number}") for number in DEVICES}
    phone = lab.phone(5)
    appliance = lab.appliance(CONFIG)
    appliance.ready(OFF_SECONDS * 3)
    for device in devices.values():
        device.joins(CONFIG.ssid.encode(), CONFIG.passphrase)

    served = one_after_the_other(lab, devices, phone)
    lab.tells(served=served, states=states(), pss_mib=appliance.memory())
    assert set(states().values()) == {State.PROVISIONED}

    for number in served:
        sent_off(lab, devices[number], number)
    (station,) = asking.answer(SOCKET, {"verb": "stations"})["stations"]
    assert station["address"] == mac(5)

    # Who is to be done once more is let in again.
    began = time.monotonic()
    asking.answer(SOCKET, {"verb": "dismiss", "address": mac(served[0]), "seconds": 1})
    devices[served[0]].control.hears("CTRL-EVENT-CONNECTED", OFF_SECONDS, since=began)
    lab.tells(back_after=round(time.monotonic() - began, 1))
    # A record for each device, what the person has filled in, and how the audit stands.
    until(lambda: len([*DELIVERED.glob("*.json")]) > len(served), OFF_SECONDS, "all delivered")
    lab.tells(delivered=len([*DELIVERED.glob("*.json")]))
    appliance.stop()


def one_after_the_other(lab: Lab, devices: dict[int, Phone], phone: Phone) -> list[int]:
    """Each is served in its turn, and the phone in the middle of it: the devices in that order."""
    first, *others = devices
    # It has its place from here on, and keeps it until it has every byte.
    assert polls(devices[first], first, method="HEAD").status == SENT
    waiting = [polls(devices[number], number).status for number in others]
    lab.tells(waiting=waiting, states=states())
    assert waiting == [NOTHING] * len(others)
    image = polls(devices[first], first)
    assert (image.status, image.body) == (SENT, IMAGE)

    done(devices[first], first, image)
    sets_up(phone)
    for number in others:
        image = wait_for_turn(devices[number], number)
        assert image.body == IMAGE
        done(devices[number], number, image)
    return [first, *others]


def furnish() -> None:
    """A job of four lamps, known by their MAC, and the image for them."""
    STATE.mkdir(parents=True, exist_ok=True)
    workshop = Workshop(Path("/run/lab/aside"))
    workshop.ledger.close()
    workshop.ledger = Ledger(STATE)
    workshop.begin([{"id": f"lamp-{number}", "mac": mac(number)} for number in DEVICES])
    workshop.ledger.close()
    (STATE / "bench").mkdir(mode=0o700)
    shelf = Shelf(STATE / "bench" / "artifacts", kept=0)
    shelf.add(iter([IMAGE]), "lamp.bin", "lamp", "2.0", override="Ann")


def mac(radio: int) -> str:
    """What mac80211_hwsim gives a radio."""
    return f"02:00:00:00:{radio:02x}:00"


def polls(device: Phone, number: int, digest: str = "0" * 32, method: str = "GET") -> Answer:
    """A device asks for an update as an ESP32 does; `digest` is what it runs."""
    said = {"STA-MAC": mac(number).upper(), "version": "1.0", "sketch-md5": digest,
            "free-space": "1310720", "chip-size": "4194304", "mode": "sketch"}  # fmt: skip
    headers = {f"x-ESP32-{name}": value for name, value in said.items()}
    return device.asks(
        UPDATE, agent="ESP32-http-Update", method=method, headers=headers, seconds=60
    )


def wait_for_turn(device: Phone, number: int) -> Answer:
    """Its image, as soon as there is a place for it."""
    found: list[Answer] = []

    def asked() -> bool:
        found.append(polls(device, number))
        return found[-1].status == SENT

    until(asked, OFF_SECONDS, f"a place for device {number}")
    return found[-1]


def done(device: Phone, number: int, image: Answer) -> None:
    """It has restarted and runs the image: by its digest it is done."""
    digest = image.header("x-MD5")
    until(
        lambda: polls(device, number, digest) and states()[f"lamp-{number}"] is State.PROVISIONED,
        OFF_SECONDS,
        f"device {number} done",
    )


def sent_off(lab: Lab, device: Phone, number: int) -> None:
    """It is off the air, and its supplicant's tries to come back are in vain."""
    until(
        lambda: mac(number) not in {one["address"] for one in stations()},
        OFF_SECONDS,
        f"device {number} gone",
    )
    device.control.drain()
    lab.tells(
        device=number, supplicant=device.control.ask("STATUS").partition("wpa_state=")[2][:12]
    )
    assert "wpa_state=COMPLETED" not in device.control.ask("STATUS")


def stations() -> list[dict[str, str]]:
    """Who is on the access point."""
    return list(asking.answer(SOCKET, {"verb": "stations"})["stations"])


def states() -> dict[str, State]:
    """Where each device is, by the ledger."""
    ledger = Ledger(STATE)
    with contextlib.closing(ledger):
        found: list[Device] = [each for job in ledger.jobs() for each in ledger.devices(job.n)]
    return {each.id: each.state for each in found}


def sets_up(phone: Phone) -> None:
    """A person's phone joins, is shown the page, and its answers are taken."""
    phone.joins(CONFIG.ssid.encode(), CONFIG.passphrase)
    probe = phone.asks(PROBE, agent=WISPR, seconds=60)
    assert (probe.status, probe.header("Location")) == (302, URL)
    sent = phone.asks(
        f"{URL}api/v1/setup",
        method="POST",
        body=b'{"ssid": "%s", "passphrase": "%s"}'
        % (FORM["ssid"].encode(), FORM["passphrase"].encode()),
        headers={"Content-Type": "application/json"},
        seconds=60,
    )
    assert sent.status == 202, sent.body
