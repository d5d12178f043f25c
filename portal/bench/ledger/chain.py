"""The audit as a chain: each line's digest is that of the line before it and of its own body.

Who changes or takes out a line must change all that follow, and the last digest is known
elsewhere: it is on the shift report and goes to the office with the outbox.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

# What the first line follows.
START: Final = bytes(32)


def canonical(values: Mapping[str, Any]) -> str:
    """JSON with one form only: keys sorted, no blanks, ASCII."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def digest(before: bytes, body: str) -> bytes:
    """SHA-256 of the digest before, and the body's ASCII."""
    return hashlib.sha256(before + body.encode("ascii", "backslashreplace")).digest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the chain holds: `lines` in all, the `head`'s digest in hexadecimal, and the number
    of the first line that does not fit, with what is wrong; 0 and "" where all do.
    """

    lines: int
    head: str
    broken: int = 0
    words: str = ""


def verify(lines: Iterable[tuple[int, str, bytes]]) -> Verdict:
    """Walk over number, body and digest of each line, in order."""
    before, count = START, 0
    for number, body, kept in lines:
        count += 1
        if number != count:
            return Verdict(count, before.hex(), count, f"line {count} is missing")
        if digest(before, body) != kept:
            return Verdict(count, before.hex(), number, f"line {number} was changed")
        before = kept
    return Verdict(count, before.hex())
