"""What a person may do to a device: from an act's name to the move it is, or why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from portal.bench.devices.deciding import Move
from portal.bench.devices.device import Device
from portal.bench.devices.matching import folded
from portal.bench.devices.states import State
from portal.bench.devices.transitions import TABLE, Cause, Evidence, Kind
from portal.bench.port import Refused

_CAUSES: Final[Mapping[str, Cause]] = {
    "set_aside": Cause.SET_ASIDE,
    "take_back": Cause.TAKEN_BACK,
    "labelled": Cause.LABELLED,
    "release": Cause.RELEASED,
    "claim": Cause.CLAIMED,
    "is": Cause.SETTLED,
}
_WORDS: Final[Mapping[str, str]] = {
    "retry": "Only a device that has failed, has gone or is done can be tried again.",
    "set_aside": "It has been set aside already.",
    "take_back": "Only a device that was set aside can be taken back.",
    "labelled": "Only a device that is done gets its label.",
    "release": "Only a device that is done can be sent away.",
    "claim": "It has been claimed already.",
    "checked": "There is nothing to be checked of it now.",
}


def move(device: Device, act: str, who: str, words: Mapping[str, str]) -> Move:
    """The move that a person's act is. Raises `Refused` where it cannot be done now."""
    if act == "retry":
        found = Move(Cause.RETRIED if device.state is State.FAILED else Cause.AGAIN)
    elif act == "checked":
        found = Move(Cause.DONE, Evidence(Kind.CHECKED, who))
    elif act in _CAUSES:
        found = Move(_CAUSES[act])
    else:
        raise Refused("This bench knows no such act.")
    if act == "claim":
        _is_code(device, words.get("code", ""))
    if (device.state, found.cause) not in TABLE:
        raise Refused(_WORDS.get(act, "This cannot be done now."))
    return found


def _is_code(device: Device, code: str) -> None:
    """The code in a person's hand is this device's. An empty one: a tap on the device itself."""
    known = {folded(each) for each in (device.tap, device.cells.get("claim", "")) if each}
    if code and folded(code) not in known:
        raise Refused("This is not the code of this device.")


# Letters and digits that nobody mistakes for one another (no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V).
_LETTERS: Final = "ACDEFGHJKMNPQRTWXY34679"


def tap(random: Callable[[int], bytes]) -> str:
    """Four characters that a device shows and a person types: they claim, they prove nothing."""
    return "".join(_LETTERS[octet % len(_LETTERS)] for octet in random(4))
