"""Keeps secrets out of a text that goes to strangers: by knowing them, in every form they take.

Pure. A line that holds one goes as a whole: what stands around a secret may tell of it. Hardware
addresses keep their first half, which names the maker, and lose the half that names the person.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LEFT_OUT: Final = "(a line is left out: it held a secret)"
# Below this a secret stands in any text by chance; it is then looked for as a word of its own.
_SHORT: Final = 4
# As many characters of base64 are a sign, whatever stands before and behind.
_SIGN: Final = 6
_UNRESERVED: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
# What others leave as it is besides: a browser in a query (WHATWG URL), curl, nobody anything.
_ALL: Final = "everything"
_KEPT: Final = ("!$&'()*+,;=:@/?", "!'()*", _ALL)
_MAC: Final = re.compile(r"\b((?:[0-9A-Fa-f]{2}:){3})(?:[0-9A-Fa-f]{2}:){2}[0-9A-Fa-f]{2}\b")


class Scrub:
    """Knows these secrets. Empty ones are none."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if secret}
        long = {secret for secret in known if len(secret) >= _SHORT}
        found = {form for secret in long for form in forms(secret)}
        self._forms = re.compile("|".join(map(re.escape, sorted(found)))) if found else None
        short = "|".join(map(re.escape, sorted(known - long)))
        self._words = re.compile(rf"(?<!\w)(?:{short})(?!\w)") if short else None

    def holds(self, text: str) -> bool:
        """Whether a secret stands in this text, in any form."""
        return any(each.search(text) for each in (self._forms, self._words) if each)

    def clean(self, text: str) -> str:
        """The text without the lines that hold a secret, and without whole hardware addresses."""
        return "".join(f"{line}\n" for line in self._lines(text))

    def _lines(self, text: str) -> Iterator[str]:
        for line in text.splitlines():
            yield LEFT_OUT if self.holds(line) else _MAC.sub(r"\1xx:xx:xx", line)


def forms(secret: str) -> set[str]:
    """How a secret may stand in a text: itself, escaped, in hex, in base64, in a URL."""
    raw = secret.encode("utf-8", "surrogateescape")
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    plain = {secret, repr(secret)[1:-1], *escaped}
    digits = {raw.hex(), raw.hex().upper(), raw.hex(":"), raw.hex(" ")}
    address = {_quoted(raw, safe) for safe in ("", "/", *_KEPT)}
    address |= {quoted.replace("%20", "+") for quoted in address}
    return {form for form in plain | digits | address | set(_base64(raw)) if form}


def _quoted(raw: bytes, safe: str) -> str:
    """In a URL (RFC 3986 2.1), with what is unreserved and what is `safe` left as it is."""
    kept = f"{_UNRESERVED}{safe}" if safe != _ALL else ""
    return "".join(chr(byte) if chr(byte) in kept else f"%{byte:02X}" for byte in raw)


def _base64(raw: bytes) -> Iterator[str]:
    """In base64, wherever it begins in what was encoded: only what it alone decides."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(before) + raw).decode("ascii")
            # 8 * before bits of the text are another's, and up to two characters at its end.
            first = -(-8 * before // 6)
            last = (before + len(raw)) * 8 // 6
            if last - first >= _SIGN:
                yield text[first:last]
