"""The wiretap itself: which resets count."""

from __future__ import annotations

import struct

from tests.abuse.wiretap import Wiretap

PHONE, HOUSE = (b"\x0a\0\0\2", 50000), (b"\x0a\0\0\1", 80)
SYN, FIN, RST, ACK = 2, 1, 4, 16


def packet(source: tuple[bytes, int], target: tuple[bytes, int], flags: int) -> bytes:
    """An IPv4 packet with a TCP header of these flags."""
    ip = b"\x45\0\0\x28\0\0\0\0\x40\x06\0\0" + source[0] + target[0]
    return ip + struct.pack("!HHIIBBHHH", source[1], target[1], 0, 0, 5 << 4, flags, 0, 0, 0)


def heard(*packets: tuple[tuple[bytes, int], tuple[bytes, int], int]) -> Wiretap:
    """A tap that has heard these."""
    tap = Wiretap()
    for one in packets:
        tap.look(packet(*one))
    return tap


def test_a_reset_counts() -> None:
    """Also when one end has said its last word."""
    assert heard((PHONE, HOUSE, SYN), (HOUSE, PHONE, RST | ACK)).resets == {80: 1}
    half = heard((PHONE, HOUSE, SYN), (PHONE, HOUSE, FIN | ACK), (HOUSE, PHONE, RST))
    assert half.resets == {80: 1}


def test_a_reset_after_the_end_is_late() -> None:
    """Both have sent their FIN: nobody is reset any more. A new connection begins anew."""
    ended = (PHONE, HOUSE, SYN), (PHONE, HOUSE, FIN | ACK), (HOUSE, PHONE, FIN | ACK)
    late = heard(*ended, (HOUSE, PHONE, RST))
    anew = heard(*ended, (PHONE, HOUSE, SYN), (HOUSE, PHONE, RST))

    assert (late.resets, late.late) == ({}, {80: 1})
    assert anew.resets == {80: 1}
