"""Why a device stands still, and the one thing that helps, in words for the wall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.bench.devices.reasons import Reason
from portal.bench.devices.transitions import OVER
from portal.bench.port import Row
from portal.bench.wall.groups import Group, of

# dBm: below it downloads stall, above they do not.
FAINT: Final = -75

# The reason, then what helps.
_WORDS: Final[Mapping[Reason, tuple[str, str]]] = {
    Reason.NOT_IN_MANIFEST: (
        "Not in the manifest",
        "Say which row it is, or import a manifest that has it.",
    ),
    Reason.DUPLICATE_IDENTITY: (
        "Two claim to be the same",
        "Switch one of them off, then say which row this one is.",
    ),
    Reason.NO_SLOT: ("All slots are taken", "Nothing to do: it is served as soon as one is free."),
    Reason.NO_ARTIFACT: ("No file for its product", "Put a file for this product on the shelf."),
    Reason.NO_DOCUMENT: (
        "Its document cannot be made",
        "A value is missing: import its row again, secrets too, then retry.",
    ),
    Reason.WRONG_PRODUCT: (
        "It says it is another product",
        "Check its label against the row, or give the row the right product.",
    ),
    Reason.WRONG_IMAGE: (
        "The file is not for this kind of device",
        "Put the right image on the shelf, then retry.",
    ),
    Reason.NO_SPACE: (
        "Not enough room on the device",
        "Use a smaller image, or the makers' minimal one first, then retry.",
    ),
    Reason.BAD_SIGNATURE: (
        "The file's signature is not good",
        "Get the file again from who signed it.",
    ),
    Reason.BAD_NAME: (
        "It cannot ask for a file of this name",
        "Add the file again under a plain name: letters, digits, dots and dashes.",
    ),
    Reason.DOWNLOAD_STALLED: (
        "The download stood still",
        "Move it closer or check its power, then retry: it goes on where it stopped.",
    ),
    Reason.DEVICE_REFUSED: (
        "The device refused",
        "Its log below says why; put that right, then retry.",
    ),
    Reason.DIGEST_MISMATCH: (
        "What it wrote is not what was sent",
        "Retry once; if it comes again, its flash is worn: set it aside.",
    ),
    Reason.REBOOTED_OLD_VERSION: (
        "It came back with the old version",
        "It rolled back: check that the image fits this hardware, then retry.",
    ),
    Reason.NO_REPORT: (
        "It did not come back",
        "Look at it: switch it off and on, then retry, or say that you checked it.",
    ),
    Reason.AUTH_WRONG: (
        "Its token is wrong",
        "Give the row the device's own token, or let it make a new one.",
    ),
    Reason.LEASE_LOST: (
        "It left the Wi-Fi, and its address with it",
        "Move it closer or check its power, then retry.",
    ),
    Reason.POWER_LOST: (
        "It restarted in the middle of its download",
        "Check its supply and cable: writing flash takes most. Then retry.",
    ),
    Reason.BACKEND_PENDING: (
        "Done, but not passed on yet",
        "Nothing to do; if it lasts, `vestibule records` says what the backend answers.",
    ),
}
_GROUPS: Final[Mapping[Group, tuple[str, str]]] = {
    Group.CONFLICT: ("It may be more than one row", "Say which one it is."),
    Group.UNKNOWN: ("Nobody knows which device this is", "Say which row it is."),
    Group.GONE: ("Not heard of any more", "Check its power and its place, then retry."),
    Group.FAILED: ("It failed", "Its log may say why. Retry, or set it aside."),
}


def told(row: Row) -> tuple[str, str]:
    """What is the matter with a device, and what helps; empty where nothing is."""
    if row.reason is not None:
        return _WORDS[row.reason]
    if row.signal is not None and row.signal < FAINT and row.state not in OVER:
        return f"It is heard faintly: {row.signal} dBm", "Move it closer."
    return _GROUPS.get(of(row.state), ("", ""))


REASONS: Final = tuple(Reason)


def titles() -> list[str]:
    """The reasons' words in the order of `Reason`."""
    return [_WORDS[reason][0] for reason in Reason]
