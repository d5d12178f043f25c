"""Frames from the air, read byte for byte; nothing on the air breaks the reader."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lab.guest import air

RADIOTAP = bytes.fromhex("00 00 0c 00 04 80 00 00 02 00 18 00")
ADDRESS = bytes.fromhex("020000000000")


def frame(ssid: bytes, kind: int = air.BEACON) -> bytes:
    """A beacon of `ssid` on channel 6 as a monitor interface gives it."""
    header = struct.pack("<BBH6s6s6sH", kind, 0, 0, b"\xff" * 6, ADDRESS, ADDRESS, 0)
    fixed = struct.pack("<QHH", 1, 100, 0x0411)
    elements = bytes([0, len(ssid)]) + ssid + b"\x01\x01\x82" + b"\x03\x01\x06"
    return RADIOTAP + header + fixed + elements


@given(st.binary(max_size=32))
def test_beacon(ssid: bytes) -> None:
    """Any SSID comes out as its bytes, with address, interval and channel."""
    assert air.beacon(frame(ssid)) == air.Beacon("02:00:00:00:00:00", ssid, 100, 6)


@pytest.mark.parametrize("kind", [air.PROBE_RESPONSE, 0x40, 0x08])
def test_other_frames_are_no_beacons(kind: int) -> None:
    """A probe response is not taken for a beacon: it may come before any."""
    assert air.beacon(frame(b"x", kind)) is None


@given(st.binary(max_size=80), st.integers(0, 90))
def test_noise(noise: bytes, cut: int) -> None:
    """Random and cut frames raise nothing."""
    air.beacon(noise)
    air.beacon(RADIOTAP + noise)
    air.beacon(frame(b"name")[:cut])
