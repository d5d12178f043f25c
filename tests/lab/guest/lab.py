"""What a story is told with: the machines of its scene, its logs, and its report."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.lab.guest.air import Air
from tests.lab.guest.answers import Answers
from tests.lab.guest.appliance import ADDRESS, Appliance, Config
from tests.lab.guest.caretaker import Caretaker
from tests.lab.guest.desktop import Desktop
from tests.lab.guest.home import Home, HomeNetwork
from tests.lab.guest.phone import Phone

SHARE: Final = Path("/run/lab/share")
DEFAULT: Final = Config()


class Lab:
    """One story's scene. Whatever enters it leaves when the story ends, in reverse order."""

    def __init__(self, share: Path = SHARE) -> None:
        self.logs = share
        self.scene = contextlib.ExitStack()
        self._report = (share / "report.jsonl").open("w", buffering=1)
        self._began = time.monotonic()

    def tells(self, **facts: object) -> None:
        """Put facts into the story's report: one JSON object per line, with the time."""
        line = {"seconds": round(time.monotonic() - self._began, 2), **facts}
        self._report.write(json.dumps(line, default=str) + "\n")

    def phone(self, radio: int = 1, name: str = "phone") -> Phone:
        """A phone enters."""
        return self.scene.enter_context(Phone(name, radio, self.logs))

    def desktop(self, radio: int = 1, name: str = "desktop") -> Desktop:
        """A computer with NetworkManager enters."""
        return self.scene.enter_context(Desktop(name, radio, self.logs))

    def caretaker(self, *known: HomeNetwork, interface: str = "wlan0") -> Caretaker:
        """NetworkManager looks after the appliance's own interface, and knows these networks."""
        return self.scene.enter_context(Caretaker(interface, self.logs, *known))

    def home(self, network: HomeNetwork, radio: int = 2, name: str = "home") -> Home:
        """A home network comes on the air."""
        return self.scene.enter_context(Home(name, radio, network, self.logs))

    def air(self, channel: int, radio: int = 2) -> Air:
        """Somebody watches the air on this channel."""
        air = Air(radio, channel, self.logs)
        self.scene.callback(air.close)
        return air

    def appliance(self, config: Config = DEFAULT) -> Appliance:
        """`vestibule run` starts; it is up only when `ready` says so."""
        return self.scene.enter_context(Appliance(config, self.logs))

    def answers(self, *services: str, namespace: str = "") -> Answers:
        """The appliance's services are asked all the time, from here or from a namespace."""
        asked = Answers(ADDRESS, services, self.logs, namespace=namespace)
        return self.scene.enter_context(asked)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.scene.__exit__(kind, value, trace)
        finally:
            self._report.close()
