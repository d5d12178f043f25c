"""The networks around us, from the scan's document to what a person may safely see.

Every byte of that document came from the air: an SSID is up to 32 bytes of anyone's choice
(IEEE 802.11-2020 9.4.2.2). So an entry that is not exactly as agreed is left out, a label
never carries a character that hides or reorders others, and the bytes themselves travel as hex.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from portal.language.words import Words

# A street of flats shows 40 to 60; a hostile radio can beacon thousands of names.
MOST: Final = 64

OPEN: Final = frozenset({"open", "owe"})
KNOWN: Final = OPEN | {"wpa2", "wpa3", "wpa2-wpa3", "wep", "enterprise"}
# What cannot be joined, with the words for it.
UNFIT: Final[Mapping[str, Words]] = {
    "wep": Words("too old to be safe"),
}


@dataclass(frozen=True, slots=True)
class Network:
    """One network. `signal` in dBm, `frequency` in MHz; `label` is safe to show.

    `lookalike` is set when another listed label could be taken for this one; it is then
    the hex of the bytes, to tell the two apart.
    """

    ssid: bytes
    signal: int
    frequency: int
    channel: int
    security: str
    lookalike: str = ""

    @property
    def id(self) -> str:
        """How forms name the network: its bytes in hex."""
        return self.ssid.hex()

    @property
    def label(self) -> str:
        """The name as a person may see it."""
        return label(self.ssid)

    @property
    def bars(self) -> int:
        """1 to 4. A phone's own steps differ by maker; these are the common ones."""
        return 1 + sum(self.signal >= step for step in (-77, -66, -55))

    @property
    def band(self) -> str:
        """The band in words, or "" for a frequency outside the three."""
        for low, high, band in _BANDS:
            if low <= self.frequency < high:
                return band
        return ""

    @property
    def locked(self) -> bool:
        """Whether it asks for a password."""
        return self.security not in OPEN

    @property
    def kind(self) -> str:
        """What it asks for, in one letter: u a user name too, k a key, o (open) nothing."""
        if self.security == "enterprise":
            return "u"
        return "k" if self.locked else "o"

    @property
    def unfit(self) -> str:
        """Why it cannot be chosen, in words, or ""."""
        return UNFIT.get(self.security, "")


_BANDS: Final = (
    (2400, 2500, Words("2.4 GHz")),
    (4900, 5900, Words("5 GHz")),
    (5925, 7126, Words("6 GHz")),
)


def parse(document: bytes) -> tuple[Network, ...]:
    """The networks of a scan's JSON document, strongest first, one per SSID, at most `MOST`.

    What is not as agreed is left out; a document that is no JSON has no networks.
    """
    strongest: dict[bytes, Network] = {}
    for network in sorted(_entries(document), key=lambda network: -network.signal):
        strongest.setdefault(network.ssid, network)
    return _told_apart(list(strongest.values())[:MOST])


def _entries(document: bytes) -> Iterator[Network]:
    try:
        outer = json.loads(document)
    except (ValueError, RecursionError):
        # ValueError covers bad JSON, bad UTF-8 and integers of thousands of digits.
        return
    entries = outer.get("networks") if isinstance(outer, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        network = _network(entry) if isinstance(entry, dict) else None
        if network is not None:
            yield network


def _network(entry: Mapping[str, Any]) -> Network | None:
    ssid, security = entry.get("ssid"), entry.get("security")
    signal, frequency, channel = (
        _within(entry.get(key), *limits) for key, limits in _LIMITS.items()
    )
    if not isinstance(ssid, str) or not re.fullmatch(r"(?:[0-9a-f]{2}){1,32}", ssid):
        return None
    if signal is None or frequency is None or channel is None:
        return None
    if not isinstance(security, str) or security not in KNOWN:
        return None
    return Network(bytes.fromhex(ssid), signal, frequency, channel, security)


_LIMITS: Final = {"signal": (-127, 0), "frequency": (1, 7125), "channel": (1, 233)}


def _within(value: object, low: int, high: int) -> int | None:
    return value if type(value) is int and low <= value <= high else None


def _told_apart(networks: list[Network]) -> tuple[Network, ...]:
    seen = Counter(_skeleton(network.ssid) for network in networks)
    return tuple(
        replace(network, lookalike=network.id) if seen[_skeleton(network.ssid)] > 1 else network
        for network in networks
    )


def _skeleton(ssid: bytes) -> str:
    """What remains of a label for an eye that does not look closely."""
    text = unicodedata.normalize("NFKC", label(ssid)).translate(_TWINS)
    return "".join(character for character in text if unicodedata.category(character) != "Mn")


# Letters of other alphabets, and digits, that look like a Latin letter on a small screen.
_TWINS: Final = str.maketrans(
    "АВЕКМНОРСТУХасеорхуіѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧονI1|0␣",  # noqa: RUF001 - ambiguous is the point
    "ABEKMHOPCTYXaceopxyisjABEZHlKMNOPTYXovlllO ",
)


def label(ssid: bytes) -> str:
    """An SSID as visible text: what would hide, reorder or vanish stands in ⟨ ⟩.

    Bytes that are no UTF-8 and control characters show as ⟨hex⟩, invisible and
    direction-changing characters as ⟨U+hex⟩, blanks at the ends or in a row as ␣; three or
    more of the same kind once with their count, so that 32 NULs take one line.
    """
    text = ssid.decode("utf-8", "surrogateescape")
    blanks = re.sub(r"^ +| +$| {2,}", lambda run: "␣" * len(run.group()), text)
    return re.sub(r"⟨([^⟩]+)⟩(?:⟨\1⟩){2,}", _counted, "".join(map(_visible, blanks)))


def _counted(run: re.Match[str]) -> str:
    return f"⟨{run[1]}×{run[0].count('⟨')}⟩"  # noqa: RUF001 - a multiplication sign is meant


def _visible(character: str) -> str:
    point = ord(character)
    if "\udc80" <= character <= "\udcff":  # a byte that surrogateescape carried through
        return f"⟨{point - 0xDC00:02X}⟩"
    if character.isprintable() and character not in _BLANK:
        return character
    return f"⟨{point:02X}⟩" if character.isascii() else f"⟨U+{point:04X}⟩"


# Printable by Unicode's category, and yet nothing to see: fillers and the Braille blank.
# Variation selectors stay: emoji carry them, and `_skeleton` looks through them.
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5\u034f")
