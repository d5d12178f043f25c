"""Asking the appliance's radio agent to join a home network, as the portal does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hotspot.agent import asking
from tests.lab.guest.answers import Answers
from tests.lab.guest.appliance import RUNTIME
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import Lab
from tests.lab.guest.phone import Phone
from tests.lab.guest.program import until

# All channels twice, three tries, a lease that never comes: each in an emulator with others.
JOIN_SECONDS: Final = 150.0
READY_SECONDS: Final = 240.0
PAGE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Told:
    """One join as it was told: `when` (monotonic) each of the events came."""

    began: float
    events: tuple[Mapping[str, Any], ...]
    when: tuple[float, ...]

    @property
    def outcome(self) -> Mapping[str, Any]:
        """The last event."""
        return self.events[-1]

    @property
    def steps(self) -> dict[str, float]:
        """Seconds that each step took, from its begin to its end or the outcome."""
        took: dict[str, float] = {}
        begun: dict[str, float] = {}
        for event, when in zip(self.events, self.when, strict=True):
            step = str(event.get("step", ""))
            if event["event"] == "outcome" or event.get("state") == "done":
                if step in begun:
                    took[step] = round(when - begun.pop(step), 2)
            elif event.get("state") == "begun":
                begun[step] = when
        return took


def join(key: str, **network: object) -> Told:
    """Ask for a join, and hear it to its end; None stands for what nobody gave."""
    given = {name: value for name, value in network.items() if value is not None}
    began = time.monotonic()
    events, when = [], []
    for event in asking.ask(
        RUNTIME / "radio.sock",
        {"verb": "join", "key": key, "network": given},
        patience=JOIN_SECONDS,
    ):
        events.append(event)
        when.append(time.monotonic())
    return Told(began, tuple(events), tuple(when))


class Watched:
    """Joins while a phone is on the access point and loads the page, and what became of both."""

    def __init__(self, lab: Lab, phone: Phone) -> None:
        self._lab = lab
        self._phone = phone
        self._pages: Answers = lab.answers("http", namespace=phone.name)
        self._pages.waits("http", PAGE_SECONDS, after=0)
        self._number = 0

    def join(self, outcome: str, home: HomeNetwork, **network: object) -> Told:
        """Join `home` with what is given more or other; it must end with `outcome`.

        The phone must have stayed on, and have had its page before, while and after.
        """
        self._number += 1
        given = {"ssid": home.ssid.hex(), "passphrase": home.passphrase or None, **network}
        told = join(str(self._number), **given)
        ended = time.monotonic()
        self._pages.waits("http", PAGE_SECONDS, after=ended)
        pages = len(self._pages.right("http", after=told.began))
        facts = {name: told.outcome[name] for name in told.outcome.keys() - {"event", "key"}}
        took = round(told.when[-1] - told.began, 2)
        late = len(self._pages.wrong("http", after=told.began, before=ended))
        self._lab.tells(home=str(home.ssid), **facts, took=took, steps=told.steps, pages=pages,
                        late_pages=late)  # fmt: skip
        assert told.outcome["outcome"] == outcome, told.events
        assert not left(self._phone), left(self._phone)
        assert pages
        return told


def left(phone: Phone) -> list[str]:
    """What the phone heard of having been sent away."""
    phone.control.drain()
    return [event for _, event in phone.control.history if "CTRL-EVENT-DISCONNECTED" in event]


def gone() -> None:
    """Nothing of an attempt is left: no interface, no file."""
    until(lambda: not (RUNTIME / "uplink").exists(), PAGE_SECONDS, "end of the attempt's files")
