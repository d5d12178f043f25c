"""The three digests of a file that devices ask for, made while it is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO, Final

_PIECE: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Sums:
    """A file's digests in lower-case hexadecimal, and its size in bytes."""

    md5: str
    sha1: str
    sha256: str
    size: int


class Hashing:
    """Digests that grow with what is written; md5 and sha1 because devices ask for them."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self.size = 0

    def update(self, data: bytes) -> None:
        """The next bytes."""
        self._md5.update(data)
        self._sha1.update(data)
        self._sha256.update(data)
        self.size += len(data)

    def sums(self) -> Sums:
        """The digests of all so far."""
        md5, sha1, sha256 = (each.hexdigest() for each in (self._md5, self._sha1, self._sha256))
        return Sums(md5, sha1, sha256, self.size)


def sums_of(file: BinaryIO) -> Sums:
    """The digests of all that can be read from a file."""
    hashing = Hashing()
    while data := file.read(_PIECE):
        hashing.update(data)
    return hashing.sums()
