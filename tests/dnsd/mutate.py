"""Queries changed at random, and what must hold for whatever comes of it.

`python -m tests.dnsd.mutate 1000000 [SEED]` asks the policy, the fast path and a real
process, and says how much memory that process gained.
"""

from __future__ import annotations

import mmap
import random
import select
import socket
import sys
from typing import TYPE_CHECKING

from dnsd import message as dns
from dnsd.answer import AMPLIFICATION
from dnsd.fast import SLOT, Fast
from tests import mutating
from tests.dnsd.queries import ASKED, ODD, policy
from tests.dnsd.running import memory, process
from tests.mutating import cut, drop, flip, insert, repeating, splicing

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT = "100.64.64.7"
# NOERROR, with its upper bits in OPT also BADVERS; FORMERR; NXDOMAIN; NOTIMP. No other.
RCODES = {dns.NOERROR, dns.FORMERR, dns.NXDOMAIN, dns.NOTIMP}
# Octets that mean something somewhere: counts, label lengths, pointers, types.
TELLING = bytes([0, 1, 2, 11, 12, 28, 41, 63, 64, 65, 127, 128, 191, 192, 193, 254, 255])
GROWTH = 2.0  # MiB a process may gain


def tell(message: bytearray, chance: random.Random) -> None:
    """Put a telling octet in the place of another."""
    if message:
        message[chance.randrange(len(message))] = chance.choice(TELLING)


CORPUS = ASKED + ODD
CHANGES = (flip, tell, cut, drop, insert, repeating(40), splicing(CORPUS))


def mutations(count: int, *, seed: int) -> Iterator[bytes]:
    """`count` messages, each a query changed in one to four places."""
    return mutating.mutations(CORPUS, CHANGES, count, random.Random(seed))


POLICY = policy()
FAST = Fast(POLICY)


def filled(message: bytes) -> tuple[bytes | None, bool]:
    """What the fast path makes of `message`, and whether it asked the policy."""
    slots, sizes, asked = mmap.mmap(-1, SLOT), [0], []

    def rare(query: bytes, _which: int) -> bytes | None:
        asked.append(query)
        return POLICY.respond(query, CLIENT)

    with slots:
        slots[: len(message)] = message
        is_silent = FAST.fill(slots, [len(message)], sizes, rare)
        return (None if is_silent else slots[: sizes[0]]), bool(asked)


def check(message: bytes) -> None:
    """Hold the answer to `message` to everything that is true of any answer."""
    reply = POLICY.respond(message, CLIENT)
    if len(message) <= SLOT:
        assert filled(message)[0] == reply
    if reply is None:
        assert len(message) < dns.HEADER or message[2] & 0x80
        return
    assert len(reply) <= AMPLIFICATION * len(message)
    assert reply[:2] == message[:2]
    assert reply[2] & 0x80
    assert reply[3] & 15 in RCODES


def bombard(count: int, *, seed: int) -> float:
    """Send mutations to a real process; it answers on. Returns the MiB it gained."""
    with process() as (child, address), socket.socket(type=socket.SOCK_DGRAM) as client:
        client.connect(address)
        probe = ASKED[0]
        _exchange(client, probe)
        before = memory(child.pid)
        for number, message in enumerate(mutations(count, seed=seed)):
            client.send(message[:SLOT])
            if number % 64 == 0:
                _exchange(client, probe)
        _exchange(client, probe)
        assert child.poll() is None
        return memory(child.pid) - before


def _exchange(client: socket.socket, probe: bytes) -> None:
    """Ask `probe` until it is answered, letting the answers before it go by."""
    expected = POLICY.respond(probe, CLIENT)
    client.send(probe)
    while select.select([client], [], [], 10)[0]:
        if client.recv(4096) == expected:
            return
    raise AssertionError("no answer within 10 s")


def main() -> None:
    """All of it, at the size given."""
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for message in mutations(count, seed=seed):
        check(message)
    sys.stdout.write(f"{count:,} mutations through policy and fast path: as they must be\n")
    gained = bombard(count, seed=seed)
    sys.stdout.write(f"{count:,} through a process: it answers on, {gained:+.2f} MiB\n")


if __name__ == "__main__":
    main()
