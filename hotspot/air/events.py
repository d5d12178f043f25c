"""What hostapd and wpa_supplicant say unasked: `<3>AP-STA-CONNECTED 02:00:00:00:01:00`.

A priority in angle brackets, a name in capitals, words (hostap: wpa_ctrl.h). Events come over
the air in part: a station chooses some of the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

ENABLED: Final = "AP-ENABLED"
DISABLED: Final = "AP-DISABLED"
TERMINATING: Final = "CTRL-EVENT-TERMINATING"
JOINED: Final = "AP-STA-CONNECTED"
LEFT: Final = "AP-STA-DISCONNECTED"
MOVED: Final = "AP-CSA-FINISHED"

_EVENT: Final = re.compile(r"<(\d)>([A-Z][A-Z0-9-]*)(?: (.*))?", re.DOTALL)
_ADDRESS: Final = re.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}")


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its priority (0 lowest), its name, and what follows it."""

    priority: int
    name: str
    words: tuple[str, ...] = ()

    @property
    def station(self) -> str | None:
        """The hardware address of the station it is about, in lower case."""
        first = self.words[0].lower() if self.words else ""
        return first if _ADDRESS.fullmatch(first) else None


def parse(datagram: bytes) -> Event | None:
    """The event in a datagram of an attached control socket; `None` for anything else."""
    found = _EVENT.fullmatch(datagram.decode("utf-8", "backslashreplace").rstrip("\n"))
    if found is None:
        return None
    priority, name, rest = found.groups()
    return Event(int(priority), name, tuple((rest or "").split()))


def pairs(reply: str) -> dict[str, str]:
    """The `key=value` lines of a reply such as STATUS; other lines are left out."""
    lines = (line.partition("=") for line in reply.splitlines())
    return {key: value for key, equals, value in lines if equals}
