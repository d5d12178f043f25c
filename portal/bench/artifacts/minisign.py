"""Signatures as `minisign` makes them: Ed25519 over a file's BLAKE2b, and over a comment.

https://jedisct1.github.io/minisign/ has the format. Both kinds are read: `ED`, over the BLAKE2b of
512 bits, and the older `Ed`, over the file itself. The comment that is called trusted has a
signature of its own, over the first one and the comment, so that it belongs to this file.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

ALGORITHM: Final = b"Ed"
PREHASHED: Final = b"ED"
_KEY: Final = 2 + 8 + 32
_SIGNATURE: Final = 2 + 8 + 64
_GLOBAL: Final = 64
_UNTRUSTED: Final = "untrusted comment:"
_TRUSTED: Final = "trusted comment: "
# A signature file has 4 lines; minisign's own limit for a comment is 8 KiB.
_MOST: Final = 32 * 1024
_LINES: Final = 4


class Malformed(Exception):  # noqa: N818 - said of the text
    """No signature, or no key; the words say what is the matter."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, and the number by which signatures name it."""

    id: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    """What stands in a `.minisig`; `comment` is worth nothing until it has been verified."""

    prehashed: bool
    key_id: bytes
    signature: bytes
    comment: str
    sealed: bytes

    @property
    def about_the_comment(self) -> bytes:
        """What the second signature is over."""
        return self.signature + self.comment.encode("utf-8", "surrogateescape")


def public_key(text: str) -> Key:
    """The key in a line such as `minisign -G` prints, or in a whole `.pub`. Raises `Malformed`."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if lines and lines[0].startswith(_UNTRUSTED):
        del lines[0]
    if len(lines) != 1:
        raise Malformed("A public key is one line, beginning with RW.")
    data = _decoded(lines[0], _KEY, "a public key")
    if data[:2] != ALGORITHM:
        raise Malformed("This public key is not of minisign's kind.")
    return Key(data[2:10], data[10:])


def signature(text: bytes) -> Signature:
    """The signature in the text of a `.minisig`. Raises `Malformed`."""
    if len(text) > _MOST:
        raise Malformed("This is too long to be a signature.")
    lines = text.decode("utf-8", "surrogateescape").split("\n")
    lines = [line.removesuffix("\r") for line in lines]
    while lines and not lines[-1]:
        del lines[-1]
    if len(lines) != _LINES or not lines[0].startswith(_UNTRUSTED):
        raise Malformed("A signature has four lines, the first of them an untrusted comment.")
    if not lines[2].startswith(_TRUSTED):
        raise Malformed("The signature's third line is not its trusted comment.")
    data = _decoded(lines[1], _SIGNATURE, "a signature")
    if data[:2] not in {ALGORITHM, PREHASHED}:
        raise Malformed("The signature is of a kind that is not known here.")
    sealed = _decoded(lines[3], _GLOBAL, "the comment's signature")
    comment = lines[2].removeprefix(_TRUSTED)
    return Signature(data[:2] == PREHASHED, data[2:10], data[10:], comment, sealed)


def named(comment: str) -> dict[str, str]:
    """What a trusted comment says as `key:value` words, such as `product:thermostat`."""
    words = (word.partition(":") for word in comment.replace("\t", " ").split(" "))
    return {key.lower(): value for key, colon, value in words if colon and value}


def _decoded(line: str, length: int, what: str) -> bytes:
    try:
        data = base64.b64decode(line.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"This is not {what}: it is no Base64.") from error
    if len(data) != length:
        raise Malformed(f"This is not {what}: it has {len(data)} bytes instead of {length}.")
    return data
