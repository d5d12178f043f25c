"""The form as a person is to see it: which networks, what was entered before, what is wrong.

Two forms in one template: over the list of networks, or for another network, by its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from hotspot.settings import Secret
from portal.form.networks import Network
from portal.provisioning.access import Access
from portal.provisioning.record import Record

# The form calls a network so that is not in the list.
OTHER: Final = "other"

# What fits on a phone's screen above the password; the rest is one tap away.
FIRST: Final = 5
# Each row is 150 bytes or so of a page of at most 10 KB.
MOST: Final = 20
# Beside an outcome there is less room, and the network is mostly the right one.
FEW: Final = 10

# The boxes in the order in which a person meets them, and those that never come back out.
BOXES: Final = (
    "network", "ssid", "security", "identity", "method", "ca", "passphrase", "address", "gateway",
    "dns",
)  # fmt: skip
_SECRET: Final = frozenset({"passphrase"})


@dataclass(frozen=True)
class Sheet:
    """What the form's template shows.

    `entered` are the boxes as they were posted, `problems` words by the name of a box, `failure`
    words for all of it; `fields` the names of the operator's own questions, `hushed` those of
    them that are secrets. `attention` names the box to look at first where none is wrong; `most`
    networks are shown; `more` where a person has asked for what few need.
    """

    networks: Sequence[Network]
    entered: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""
    fields: Sequence[str] = ()
    hushed: Sequence[str] = ()
    attention: str = ""
    most: int = MOST
    more: bool = False

    @cached_property
    def chosen(self) -> str:
        """The id of the network that is chosen, "" for none."""
        return self.entered.get("network", "")

    @cached_property
    def other(self) -> bool:
        """Whether this is the form for another network."""
        by_name = "ssid" in self.entered and "network" not in self.entered
        return not self.networks or self.chosen == OTHER or by_name

    @cached_property
    def shown(self) -> Sequence[Network]:
        """The strongest ones, and the chosen one however weak."""
        if self.other:
            return ()
        kept = tuple(self.networks[: self.most])
        return kept + tuple(each for each in self.networks[self.most :] if each.id == self.chosen)

    @property
    def first(self) -> Sequence[Network]:
        """The rows that are seen at once."""
        return self.shown[:FIRST]

    @property
    def rest(self) -> Sequence[Network]:
        """The rows that are one tap away."""
        return self.shown[FIRST:]

    @property
    def asks_user(self) -> bool:
        """Whether a user name may be needed."""
        asked = "identity" in {self.focused, *self.problems} or bool(self.entered.get("identity"))
        return asked or self.other or any(network.kind == "u" for network in self.shown)

    @property
    def certified(self) -> bool:
        """Whether a certificate can be given here; over the list it is one tap away."""
        wrong = {"method", "ca"} & self.problems.keys()
        return self.other or self.more or bool(wrong) or bool(self.entered.get("ca"))

    @cached_property
    def boxes(self) -> tuple[str, ...]:
        """The names of all that can be entered, from top to bottom."""
        return (*BOXES, *self.fields)

    @property
    def entries(self) -> dict[str, str]:
        """What was entered, without the secrets."""
        secret = _SECRET.union(self.hushed)
        return {name: self.entered.get(name, "") for name in self.boxes if name not in secret}

    @property
    def elsewhere(self) -> dict[str, str]:
        """The problems of boxes that are not on the page; they are told at its top."""
        missing = {"network"} if self.other else {"ssid", "security"}
        here = set(self.boxes) - missing
        return {name: words for name, words in self.problems.items() if name not in here}

    @property
    def focused(self) -> str:
        """The box that a person should look at first."""
        return next((name for name in self.boxes if name in self.problems), self.attention)


def entered(kept: Record, networks: Sequence[Network], *, whole: bool) -> dict[str, str]:
    """The boxes as they were before a record was made of them: its network, and where `whole` is
    asked for everything but secrets.
    """
    listed = any(network.ssid == kept.ssid for network in networks)
    boxes = {"network": kept.ssid.hex()} if listed else {"ssid": _text(kept.ssid)}
    if whole:
        boxes |= _access(kept.access)
        fields = kept.fields.items()
        boxes |= {f"fields.{name}": text for name, text in fields if not isinstance(text, Secret)}
    return boxes


def _text(ssid: bytes) -> str:
    """A name as it can be typed, "" where it cannot."""
    try:
        return ssid.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _access(access: Access) -> dict[str, str]:
    """How a network was entered, without its passwords."""
    boxes = {"security": access.security}
    if access.user:
        boxes |= {"identity": access.user.identity, "method": access.user.method}
        boxes["ca"] = access.user.ca
    if access.own:
        own = access.own.document()
        boxes |= {name: str(own[name]) for name in ("address", "gateway")}
        boxes["dns"] = " ".join(own["dns"])
    return boxes
