"""What the pages ask of the bench beyond `port.Wall`: jobs, files, imports, lights, the audit.

For whoever writes the bench: `portal.bench.wall` is given one value that is both this and
`port.Wall`. `rows(since)` of the Wall also has every device whose bytes have moved since; a
number smaller than the one asked with (another run, another job) is taken for "all anew".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from portal.bench.port import Artifact, Claims, Row, Wall


class Level(StrEnum):
    """How a light is lit."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Light:
    """One thing looked at before the first device: what of, how it stands, what helps."""

    name: str
    level: Level
    words: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One job, as the list shows it; `begun` is UTC, ISO 8601. One of them is `current`."""

    id: str
    name: str
    devices: int
    done: int
    failed: int
    begun: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Flaw:
    """A problem of a manifest: the line (from 1, the header is 1), column, value, what helps."""

    line: int
    column: str
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a manifest would change. `notes` are what was found out about it: separator, columns
    that are not read. `flaws` are the first problems.
    """

    new: int
    changed: int
    unchanged: int
    invalid: int
    flaws: Sequence[Flaw] = ()
    notes: Sequence[str] = ()

    @property
    def fit(self) -> int:
        """How many rows can be imported."""
        return self.new + self.changed


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit: each holds the `digest` of the one before it."""

    number: int
    at: str
    who: str
    what: str
    about: str
    digest: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A file to be taken in. `override` where a lead lets it in unsigned."""

    name: str
    product: str
    version: str
    signature: str = ""
    override: bool = False


class Desk(Wall, Protocol):
    """The whole of what the pages ask. `who` is the person's name; each act is in the audit.

    What cannot be done raises `port.Refused`, what cannot be written `store.Unwritable`.
    """

    def find(self, claims: Claims) -> str:
        """The id of the device that these claims name, or ""."""
        ...

    def candidates(self, device: str) -> Sequence[Row]:
        """The rows that a device that is unclaimed or in conflict may be."""
        ...

    def lights(self) -> Sequence[Light]:
        """Slots, disk, signatures, clock, manifest."""
        ...

    def jobs(self) -> Sequence[Job]:
        """All jobs, the latest first."""
        ...

    def open_job(self, name: str, who: str) -> None:
        """Begin a job."""
        ...

    def choose_job(self, job: str, who: str) -> None:
        """Go on with this one."""
        ...

    def preview(self, name: str, body: bytes) -> Preview:
        """What this manifest would change. Raises `port.Refused` where it cannot be read."""
        ...

    def take_manifest(self, name: str, body: bytes, who: str, *, partial: bool) -> Preview:
        """Import it: all of it, or with `partial` what is sound."""
        ...

    def export(self) -> bytes:
        """The job's manifest as CSV, with states, without secrets."""
        ...

    def files(self) -> Sequence[Artifact]:
        """The files on the shelf, the latest first."""
        ...

    def send_piece(self, upload: str, offset: int, piece: bytes) -> int:
        """How many bytes of this upload (32 hexadecimal digits of the page's) are here now.

        The piece is added where it begins there, and not looked at otherwise: the page goes on
        from the number it is told. Raises `port.Refused` where there is no room.
        """
        ...

    def take_file(self, upload: str, offer: Offer, who: str) -> Artifact:
        """Put what was sent on the shelf."""
        ...

    def drop_file(self, sha256: str, who: str) -> None:
        """Remove one that no job uses."""
        ...

    def site(self) -> str:
        """Where the bench stands, by the settings; ""."""
        ...

    def audit(self, most: int = 200) -> Sequence[Entry]:
        """The latest entries, the latest first."""
        ...

    def note(self, who: str, what: str, about: str = "") -> None:
        """An entry in the audit: signed in, printed a label, added somebody."""
        ...
