"""Octets changed at random, for whoever hears what strangers send.

A change takes a message and chance, and alters the message in one place.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

Change = Callable[[bytearray, random.Random], None]


def mutations(
    corpus: Sequence[bytes], changes: Sequence[Change], count: int, chance: random.Random
) -> Iterator[bytes]:
    """`count` messages, each one of the corpus changed in one to four places."""
    for _ in range(count):
        message = bytearray(chance.choice(corpus))
        for _ in range(chance.randint(1, 4)):
            chance.choice(changes)(message, chance)
        yield bytes(message)


def flip(message: bytearray, chance: random.Random) -> None:
    """Turn one bit over."""
    if message:
        message[chance.randrange(len(message))] ^= 1 << chance.randrange(8)


def cut(message: bytearray, chance: random.Random) -> None:
    """End early."""
    del message[chance.randint(0, len(message)) :]


def drop(message: bytearray, chance: random.Random) -> None:
    """Leave out up to a dozen octets."""
    at = chance.randint(0, len(message))
    del message[at : at + chance.randint(1, 12)]


def insert(message: bytearray, chance: random.Random) -> None:
    """Put in up to a dozen octets that mean nothing."""
    at = chance.randint(0, len(message))
    message[at:at] = chance.randbytes(chance.randint(1, 12))


def repeating(most: int, times: int = 1) -> Change:
    """Say up to `most` octets again, up to so many times."""

    def repeat(message: bytearray, chance: random.Random) -> None:
        at = chance.randint(0, len(message))
        message[at:at] = message[at : at + chance.randint(1, most)] * chance.randint(1, times)

    return repeat


def splicing(corpus: Sequence[bytes]) -> Change:
    """Go on as another message of the corpus does."""

    def splice(message: bytearray, chance: random.Random) -> None:
        other = chance.choice(corpus)
        message[chance.randint(0, len(message)) :] = other[chance.randint(0, len(other)) :]

    return splice
