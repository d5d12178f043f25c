"""Names of files as strangers give them, made into names that fit a URL and any file system."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from portal.bench.port import Refused

MOST: Final = 100
# The longest that any of our clients' systems can have given it (NAME_MAX, limits.h).
_MOST_GIVEN: Final = 255
# RFC 3986's unreserved characters: they need no escape, and hawkBit's clients know none.
_OTHERS: Final = re.compile(r"[^A-Za-z0-9._~+-]+")
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~+-]{0,63}")


def file_name(given: str) -> str:
    """The name under which a file is offered to devices. Raises `port.Refused`.

    What could be a trick (a path, a control character, nothing at all) is refused; what is merely
    unusual, such as a blank or an umlaut, is written otherwise.
    """
    if not given.strip(". ") or len(given.encode("utf-8", "surrogatepass")) > _MOST_GIVEN:
        raise Refused(f"A file needs a name, of at most {_MOST_GIVEN} bytes.")
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Cf"} for letter in given):
        raise Refused("The file's name has characters in it that nobody can see; rename it.")
    if "/" in given or "\\" in given:
        raise Refused("The file's name is a path; give its last part alone.")
    folded = unicodedata.normalize("NFKD", given)
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    name = _OTHERS.sub("-", plain).strip("-.~") or "file"
    stem, dot, kind = name.rpartition(".")
    return name if len(name) <= MOST else f"{(stem or name)[: MOST - 16]}{dot}{kind[:15]}"


def word(what: str, given: str) -> str:
    """A product or a version: one word that needs no quotes anywhere. Raises `port.Refused`."""
    if not _WORD.fullmatch(given):
        raise Refused(
            f"The {what} must be one word of at most 64 letters, digits and . _ ~ + -, "
            f"such as thermostat or 1.4.2; this is {given[:80]!r}."
        )
    return given
