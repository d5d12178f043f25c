"""A hostapd that moves, without a radio, and the kernel that sees what it does on the air."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspot.air import events
from hotspot.channel import channel_of, frequency_of
from tests.hotspot.daemons import FakeDaemon

if TYPE_CHECKING:
    from pathlib import Path


class FakeHostapd(FakeDaemon):
    """hostapd 2.10 as it was seen to behave; `does` is what the driver makes of it.

    In `does`: "announce" takes announcements, "move" follows them; `allowed` are the channels on
    which it comes up.
    """

    def __init__(self, path: Path, does: set[str], allowed: set[int]) -> None:
        super().__init__(path)
        self.does = does
        self.allowed = allowed
        self.channel = self.configured = 6
        self.state = "ENABLED"

    def reply(self, command: str) -> str:
        """What a command does, and what is said about it."""
        verb, *words = command.split()
        match verb, words:
            case "CHAN_SWITCH", ["5", frequency, "ht"]:
                done = self._switch(channel_of(int(frequency)) or 0)
            case "DISABLE", []:
                done, self.state = self.state == "ENABLED", "DISABLED"
            case "SET", ["channel", number]:
                done, self.configured = True, int(number)
            case "ENABLE", []:
                done = self._enable()
            case "STATUS", []:
                return f"state={self.state}\nchannel={self.channel}\n"
            case _:
                done = verb in {"SET", "TERMINATE"}
                return "OK\n" if done else super().reply(command)
        return "OK\n" if done else "FAIL\n"

    def _switch(self, number: int) -> bool:
        if "announce" not in self.does or number == self.channel:
            return False
        if "move" in self.does:
            self.channel = number
            self.say(f"<3>{events.MOVED} freq={frequency_of(number)} dfs=0".encode())
        return True

    def _enable(self) -> bool:
        if self.state == "ENABLED":
            return False
        if self.configured in self.allowed:
            self.state, self.channel = "ENABLED", self.configured
        else:
            self.say(f"<3>{events.DISABLED} ".encode())
        return True


class FakeKernel:
    """Sees what the fake hostapd does on the air, `elsewhere` when the driver has its own ideas."""

    def __init__(self, hostapd_: FakeHostapd) -> None:
        self.hostapd = hostapd_
        self.up = True
        self.elsewhere: int | None = None

    def frequency(self) -> int:
        if self.elsewhere is not None:
            return self.elsewhere
        beacons = self.up and self.hostapd.state == "ENABLED"
        return frequency_of(self.hostapd.channel) if beacons else 0

    def set_up(self, *, up: bool) -> None:
        self.up = up
