"""What happens while a home network is joined, as values and as the JSON that others read.

    Moved     the access point makes way for the home network's channel
    Went      a step has begun, is done, or was skipped
    Ended     the outcome; nothing comes after it

The steps come in the order of `Step`. What an event says of the air or of the home network has
been cleaned before: nothing here holds a stranger's bytes as text.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

How = Literal["announce", "restart", "return"]
Stage = Literal["begun", "done", "skipped"]


class Step(enum.StrEnum):
    """What must be so, one after the other, before a network has proven itself."""

    FOUND = "found"
    AUTHENTICATED = "authenticated"
    ASSOCIATED = "associated"
    LEASE = "lease"
    GATEWAY = "gateway"
    INTERNET = "internet"
    STABLE = "stable"
    KEPT = "kept"


class Outcome(enum.StrEnum):
    """How it ended. `FAILED` is our own fault, everything else the network's or a person's."""

    CONNECTED = "connected"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - an outcome, no password
    NOT_FOUND = "not_found"
    NO_ADDRESS = "no_address"
    NO_GATEWAY = "no_gateway"
    NO_INTERNET = "no_internet"
    UPSTREAM_PORTAL = "upstream_portal"
    NEEDS_USERNAME = "needs_username"
    NOT_SUPPORTED = "not_supported"
    LOST = "lost"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Moved:
    """The access point takes another channel, by its number, and how."""

    how: How
    channel: int


@dataclass(frozen=True, slots=True)
class Went:
    """One step of the way."""

    step: Step
    state: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The outcome of the join called `key`, and the step it ended at.

    When connected: our `address` with its prefix and the `gateway` ("" where there is none),
    whether there is `internet` (None: not looked for), whether the network's addresses
    `overlaps` those of the access point, and this machine's `hostname`. `url` is where the home
    network's own portal sends people; `what` says in words what failed on our side.
    """

    outcome: Outcome
    step: Step
    key: str
    address: str = ""
    gateway: str = ""
    internet: bool | None = None
    overlaps: bool = False
    hostname: str = ""
    url: str = ""
    what: str = ""


Event = Moved | Went | Ended

# What an outcome tells besides its step and key.
_TOLD: Final[Mapping[Outcome, tuple[str, ...]]] = {
    Outcome.CONNECTED: ("address", "gateway", "internet", "overlaps", "hostname"),
    Outcome.UPSTREAM_PORTAL: ("url",),
    Outcome.FAILED: ("what",),
}
_KINDS: Final[Mapping[str, type]] = {"overlaps": bool}


def written(event: Event) -> dict[str, object]:
    """The event as the members of a JSON object."""
    if isinstance(event, Moved):
        return {"event": "moving", "how": event.how, "channel": event.channel}
    if isinstance(event, Went):
        return {"event": "step", "step": str(event.step), "state": event.state}
    told = {name: getattr(event, name) for name in _TOLD.get(event.outcome, ())}
    ended = {"outcome": str(event.outcome), "step": str(event.step), "key": event.key}
    return {"event": "outcome", **ended, **told}


def read(document: Mapping[str, Any]) -> Event:
    """The event that `written` wrote. Raises `ValueError` for anything else."""
    try:
        event = _READERS[document["event"]](document)
    except (KeyError, TypeError) as error:
        raise ValueError("not an event of a join") from error
    if written(event) != document:
        raise ValueError("not an event of a join")
    return event


def _moved(document: Mapping[str, Any]) -> Event:
    how, channel = document["how"], document["channel"]
    if how not in get_args(How) or type(channel) is not int:
        raise ValueError("not a move")
    return Moved(how, channel)


def _went(document: Mapping[str, Any]) -> Event:
    if document["state"] not in get_args(Stage):
        raise ValueError("not a step")
    return Went(Step(document["step"]), document["state"])


def _ended(document: Mapping[str, Any]) -> Event:
    outcome, step, key = Outcome(document["outcome"]), Step(document["step"]), document["key"]
    told = {name: document[name] for name in _TOLD.get(outcome, ())}
    fits = all(
        value in {True, False, None} if name == "internet" else type(value) is _KINDS.get(name, str)
        for name, value in told.items()
    )
    if not fits or not isinstance(key, str):
        raise ValueError("not an outcome")
    return Ended(outcome=outcome, step=step, key=key, **told)


_READERS: Final = {"moving": _moved, "step": _went, "outcome": _ended}
