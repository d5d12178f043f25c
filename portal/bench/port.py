"""What the protocols and the pages ask of the bench, and what it asks of the shelf.

Values and protocols only: `portal.bench.bench` is the real one, tests have another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State


@dataclass(frozen=True, slots=True)
class Claims:
    """Who a device says it is, and what is known of it without its word.

    `address` is its connection's, `mac` what the lease of that address says ("" unknown); all the
    rest are the device's own claims. MACs are lower case with colons.
    """

    address: str
    mac: str = ""
    mac_claimed: str = ""
    serial: str = ""
    claim: str = ""
    token: str = field(default="", repr=False)
    id: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A device that asks what there is to do, in any protocol.

    `version` and `digest` are what it runs now ("" unknown; `digest` hexadecimal, md5 or sha256),
    `free` the bytes it has room for, `flash` the size of its flash in bytes, `uptime` the seconds
    since it was switched on or restarted.
    """

    claims: Claims
    protocol: str
    product: str = ""
    version: str = ""
    digest: str = ""
    free: int | None = None
    flash: int | None = None
    uptime: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file on the shelf. `sha256` is its name there; digests are lower-case hexadecimal.

    `head` is its first 16 bytes, by which a protocol sees what kind of image it is. `signer` is
    the name of the one in the roster who signed it, or "" with `override` naming the lead who
    let it in all the same.
    """

    sha256: str
    sha1: str
    md5: str
    size: int
    name: str
    product: str
    version: str
    head: bytes = b""
    signer: str = ""
    override: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One download that is allowed: `code` stands in the URL, cannot be guessed, and names device
    and attempt; it holds for one attempt, however often that is resumed.
    """

    code: str
    device: str
    attempt: int
    artifact: Artifact

    @property
    def path(self) -> str:
        """Where its bytes are, immutable, so that a resumed download is never spliced of two."""
        return f"/bench/files/{self.artifact.sha256}/{self.code}/{self.artifact.name}"


class Verb(StrEnum):
    """What a device is to do next."""

    WAIT = "wait"  # nothing yet: no slot, not claimed, a person is needed
    FLASH = "flash"  # fetch `ticket`
    CONFIGURE = "configure"  # fetch its document
    REST = "rest"  # nothing any more: done, set aside


@dataclass(frozen=True, slots=True)
class Turn:
    """The bench's answer to a sighting.

    With FLASH there is a `ticket`, and until the device has proven itself there may still be one.
    `device` is its id on the bench; `code` is what a person types or taps to claim a device that
    is not claimed yet. `sleep` is in seconds, until it is to ask again. `action` is a positive
    32-bit number for job and attempt, the same as long as the attempt is.
    """

    verb: Verb
    device: str = ""
    sleep: int = 5
    ticket: Ticket | None = None
    reason: Reason | None = None
    code: str = ""
    action: int = 0
    state: State = State.SEEN
    detail: str = ""


class Step(StrEnum):
    """What a device reports of itself."""

    DOWNLOADING = "downloading"
    INSTALLING = "installing"
    INSTALLED = "installed"  # all is written; it runs only after a restart
    REBOOTING = "rebooting"
    CONFIGURED = "configured"  # it has its document, which says nothing of its firmware
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Report:
    """A device's word about its own attempt. `text` is its log, cut to 4 KiB, never trusted."""

    step: Step
    attempt: int | None = None
    code: str = ""
    version: str = ""
    text: str = ""
    done: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """What one device is to be told: rendered, checked, for it alone. Never logged."""

    name: str
    kind: str  # media type
    body: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """A device as the wall shows it; `number` is the change it was last touched by.

    `acknowledged` of `size` bytes are with the device. `since` is seconds in this state. `claim`
    is the code on its label, "" where it has none.
    """

    id: str
    name: str
    number: int
    state: State
    since: float
    mac: str = ""
    serial: str = ""
    product: str = ""
    version: str = ""
    attempt: int = 0
    acknowledged: int = 0
    size: int = 0
    reason: Reason | None = None
    detail: str = ""
    signal: int | None = None
    note: str = ""
    protocol: str = ""
    evidence: str = ""
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a device's history: what became of it, by whom, when (UTC, ISO 8601), why."""

    at: str
    who: str
    what: str
    state: State
    attempt: int = 0
    reason: Reason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The wall's first line. `rate` is acknowledged bytes a second, `oldest` seconds of waiting."""

    job: str
    counts: Mapping[State, int]
    rate: float
    slots: int
    busy: int
    oldest: float


class Refused(Exception):  # noqa: N818 - named for what the answer is
    """What a person asked for cannot be done; the words say why and what helps."""


class Devices(Protocol):
    """What the protocols ask: `portal.bench.protocols` knows nothing else of the bench."""

    def see(self, sighting: Sighting) -> Turn:
        """A device asks what to do. Takes a slot where the answer is FLASH."""
        ...

    def report(self, device: str, report: Report) -> bool:
        """A device says how it is getting on. Whether its attempt was still open."""
        ...

    def find(self, claims: Claims) -> str:
        """The id of the device that these claims prove, or ""."""
        ...

    def document(self, device: str, name: str = "") -> Document | None:
        """What this device is to be told; None where there is nothing, or not for it now."""
        ...

    def attributes(self, device: str, values: Mapping[str, str]) -> None:
        """What a device says of itself: versions, serial, whatever it has."""
        ...

    def ticket(self, code: str) -> Ticket | None:
        """The download that `code` allows, while its attempt is open."""
        ...


class Wall(Protocol):
    """What the pages and the commands ask. `who` is the name of the person who asks."""

    def head(self) -> Head:
        """The wall's first line."""
        ...

    def rows(self, since: int = 0) -> tuple[int, Sequence[Row]]:
        """The latest change's number, and the devices changed after `since`."""
        ...

    def row(self, device: str) -> Row | None:
        """One device."""
        ...

    def history(self, device: str) -> Sequence[Event]:
        """All that happened to it, oldest first."""
        ...

    def act(self, device: str, act: str, who: str, **words: str) -> None:
        """retry · set_aside · take_back · note(text) · claim(code) · is(row) · checked · labelled ·
        identify · release. Raises `Refused`.
        """
        ...
