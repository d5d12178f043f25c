"""What a record is about that is not a set-up: a device of the bench, or the bench's audit.

Such a record has no network, so nothing is joined for it and nothing waits: `ssid` and
`passphrase` are empty in it, and its values stand in `fields`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from portal.provisioning.shapes import is_string

KINDS: Final = ("device", "audit")


@dataclass(frozen=True, slots=True)
class About:
    """A `device` of a `job` after an `attempt`; or the `audit`, whose other words are empty."""

    kind: str
    job: str = ""
    device: str = ""
    attempt: int = 0

    def document(self) -> dict[str, object]:
        """As plain values in the order of the JSON."""
        return asdict(self)


def fits(value: object) -> bool:
    """Whether a JSON value is one of these. A kind of a later version is none."""
    return (
        isinstance(value, dict)
        and value.keys() == {"kind", "job", "device", "attempt"}
        and value["kind"] in KINDS
        and is_string(value["job"])
        and is_string(value["device"])
        and type(value["attempt"]) is int
        and value["attempt"] >= 0
    )
