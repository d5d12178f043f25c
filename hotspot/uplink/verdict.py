"""What wpa_supplicant's events mean for a join: from what it says to how a try went, pure.

With WPA2 a wrong password looks like an access point that stops answering in the middle of the
four-way handshake, and so does one that a person carries out of reach. So nobody is told that a
password is wrong before a second try has ended the same way.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from hotspot.uplink.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotspot.air.events import Event

# Tries that wait for a second opinion; the one that says so twice counts.
MOST_TRIES: Final = 3
_OPINIONS: Final = 2

_SAE: Final = "auth_type=3"
# SAE goes on after these: anti-clogging, another group, hash-to-element, a key identifier
# (IEEE 802.11-2020 table 9-50: 76, 77, 126, 127).
_GOES_ON: Final = frozenset({"status_code=76", "status_code=77", "status_code=126"})


class Word(enum.Enum):
    """What one event says about the try under way."""

    PROVEN = "the network took our proof"
    CONNECTED = "associated, with keys"
    WRONG = "the proof was refused"
    UNTRUSTED = "the network is not the one its certificate names"
    UNREACHED = "no answer, or no room there"
    GONE = "disconnected"


def word(event: Event) -> Word | None:
    """What the event says; `None` for what does not count."""
    if event.name == "CTRL-EVENT-SSID-TEMP-DISABLED":
        # The last word is wpa_supplicant's own; those before it hold the name of the network.
        return _DISABLED.get(event.words[-1] if event.words else "")
    if event.name == "CTRL-EVENT-AUTH-REJECT":
        if _GOES_ON & set(event.words):
            return None
        return Word.WRONG if _SAE in event.words else Word.UNREACHED
    return _WORDS.get(event.name)


_DISABLED: Final = {
    "reason=WRONG_KEY": Word.WRONG,
    "reason=AUTH_FAILED": Word.WRONG,
    "reason=CONN_FAILED": Word.UNREACHED,
}
_WORDS: Final = {
    "CTRL-EVENT-CONNECTED": Word.CONNECTED,
    "CTRL-EVENT-EAP-SUCCESS": Word.PROVEN,
    "CTRL-EVENT-EAP-FAILURE": Word.WRONG,
    "CTRL-EVENT-EAP-TLS-CERT-ERROR": Word.UNTRUSTED,
    "CTRL-EVENT-ASSOC-REJECT": Word.UNREACHED,
    "CTRL-EVENT-NETWORK-NOT-FOUND": Word.UNREACHED,
    "CTRL-EVENT-DISCONNECTED": Word.GONE,
    "CTRL-EVENT-TERMINATING": Word.GONE,
}


def outcome(tries: Sequence[Word]) -> Outcome | None:
    """How it ends after these tries, none of which connected; `None`: try once more."""
    if Word.UNTRUSTED in tries:
        return Outcome.NOT_SUPPORTED
    if tries.count(Word.WRONG) >= _OPINIONS:
        return Outcome.WRONG_PASSWORD
    # Out of reach two times running is out of reach.
    if tries.count(Word.WRONG) == 0 and len(tries) >= _OPINIONS:
        return Outcome.LOST
    return Outcome.LOST if len(tries) >= MOST_TRIES else None
