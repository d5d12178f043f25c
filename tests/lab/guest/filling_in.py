"""A person sets the appliance up from a phone: one form, and the page about it read to its end."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass
from typing import Any, Final

from tests.lab.guest.appliance import URL
from tests.lab.guest.control import Control
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab
from tests.lab.guest.phone import Phone, Refused

# Until the appliance is up, with as many other guests at work as there are stories at a time.
READY_SECONDS: Final = 300.0
JOINS: Final = "[provisioning]\njoins = true\n"
# A join, and a phone that looks for its access point again in the middle of it.
SECONDS: Final = 200.0
# The page's script asks about so often; one that does not come is asked for again.
PACE: Final = 1.0
PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the page said: every state, each with when (monotonic) it was first read."""

    url: str
    states: tuple[tuple[float, dict[str, Any]], ...]
    missed: int

    @property
    def last(self) -> dict[str, Any]:
        """What it says in the end."""
        return self.states[-1][1]

    @property
    def moving(self) -> list[str]:
        """How the access point was said to move, in the order it was read."""
        told = [state["join"].get("moving") for _, state in self.states]
        hows = [f"{moving['how']} {moving['channel']}" for moving in told if moving]
        return [how for at, how in enumerate(hows) if at == 0 or hows[at - 1] != how]


def sets_up(lab: Lab, phone: Phone, home: HomeNetwork, **form: object) -> Reading:
    """Send the form, then read what becomes of it until that is final; the phone must be on."""
    fields = {"ssid": home.ssid.decode(), "passphrase": home.passphrase, **form}
    body = json.dumps(fields).encode()
    headers = {"Content-Type": "application/json"}
    began = time.monotonic()
    sent = phone.asks(f"{URL}api/v1/setup", method="POST", body=body, headers=headers)
    assert sent.status == 202, sent.body
    reading = reads(phone, str(sent.json["url"]))
    lab.tells(
        said=reading.last["join"]["outcome"], moving=reading.moving, missed=reading.missed,
        pages=len(reading.states), took=round(time.monotonic() - began, 2),
    )  # fmt: skip
    return reading


def reads(phone: Phone, url: str, seconds: float = SECONDS) -> Reading:
    """The page about one submission, read again and again until nothing more will happen."""
    states: list[tuple[float, dict[str, Any]]] = []
    missed = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            answer = phone.asks(url, seconds=PATIENCE)
        except Refused:
            # The page is out of reach for now; a phone without a route is told so at once.
            missed += 1
            time.sleep(PACE)
            continue
        assert answer.status == 200, answer.body
        state = answer.json
        states.append((time.monotonic(), state))
        if state["join"]["state"] in {"connected", "failed", "interrupted"}:
            return Reading(url, tuple(states), missed)
        time.sleep(PACE)
    raise AssertionError(f"nothing final on {url} in {seconds} s: {states[-1:]}")


def left(control: Control) -> list[str]:
    """What was heard of somebody who left, on either end of the air."""
    with contextlib.suppress(OSError):
        control.drain()
    return [event for _, event in control.history if "DISCONNECTED" in event]
