"""Information elements: names and protections from what is on the air."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.air.elements import Protection, elements, protection, ssid

CCMP = bytes.fromhex("000fac04")
RSN_HEAD = b"\x01\x00" + CCMP + b"\x01\x00" + CCMP
WPA_HEAD = bytes.fromhex("0050f20101000050f2020100 0050f202")


def element(kind: int, payload: bytes) -> bytes:
    """One element as it is on the air."""
    return bytes([kind, len(payload)]) + payload


def rsn(*suites: int, oui: bytes = b"\x00\x0f\xac") -> bytes:
    """An RSN element with CCMP and these key management suites."""
    listed = b"".join(oui + bytes([suite]) for suite in suites)
    count = len(suites).to_bytes(2, "little")
    return element(48, RSN_HEAD + count + listed + b"\x00\x00")


def wpa(suite: int) -> bytes:
    """Microsoft's element of 2003."""
    return element(221, WPA_HEAD + b"\x01\x00\x00\x50\xf2" + bytes([suite]))


WORLD = [
    # elements, privacy bit, what it is
    (b"", False, "open"),
    (b"", True, "wep"),
    (rsn(2), True, "wpa2"),
    (rsn(6), True, "wpa2"),
    (rsn(4, 2), True, "wpa2"),
    (rsn(8), True, "wpa3"),
    (rsn(8, 9), True, "wpa3"),
    (rsn(24), True, "wpa3"),
    (rsn(2, 8), True, "wpa2-wpa3"),
    (rsn(6, 8, 9), True, "wpa2-wpa3"),
    (rsn(1), True, "enterprise"),
    (rsn(12), True, "enterprise"),
    (rsn(18), True, "owe"),
    (rsn(2, oui=b"\x50\x6f\x9a"), True, "enterprise"),  # a vendor's own: DPP
    (wpa(2), True, "wpa2"),
    (wpa(1), True, "enterprise"),
    (wpa(2) + rsn(8), True, "wpa3"),  # RSN counts, wherever it stands
    # What nothing is said about is 802.1X (IEEE 802.11-2020 9.4.2.24.3).
    (element(48, b"\x01\x00"), True, "enterprise"),
    (element(48, b""), True, "enterprise"),
    # A list that promises more suites than it has.
    (element(48, RSN_HEAD + b"\xff\xff\x00\x0f\xac\x02"), True, "wpa2"),
    (element(48, b"\x01\x00" + CCMP + b"\xff\xff" + CCMP), True, "enterprise"),
    # Elements of other kinds and vendors are passed over.
    (element(0, b"x") + element(221, b"\x00\x50\xf2\x04\x10") + rsn(2), True, "wpa2"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "privacy", "expected"), WORLD)
def test_protection(data: bytes, privacy: bool, expected: str) -> None:  # noqa: FBT001 - a table
    """What a station needs to join, for every kind of network there is."""
    assert protection(data, privacy=privacy) == expected


NAMES = [
    (element(0, b"Home"), b"Home"),
    (element(1, b"\x82\x84") + element(0, b"Home") + rsn(2), b"Home"),
    (element(0, b"\xff\xfe<script>"), b"\xff\xfe<script>"),
    (element(0, "Café ☕".encode()), "Café ☕".encode()),
    (element(0, b"a\0b"), b"a\0b"),
    (element(0, b"x" * 32), b"x" * 32),
    # Hidden: nothing, zeros, no element; and what no standard allows.
    (element(0, b""), b""),
    (element(0, b"\0" * 7), b""),
    (b"", b""),
    (element(0, b"x" * 33), b""),
    # The second one is not the network's name.
    (element(0, b"one") + element(0, b"two"), b"one"),
]


@pytest.mark.parametrize(("data", "expected"), NAMES)
def test_ssid(data: bytes, expected: bytes) -> None:
    """The name byte for byte, or nothing for a network that hides."""
    assert ssid(data) == expected


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=255))))
def test_elements_are_read_as_they_were_written(written: list[tuple[int, bytes]]) -> None:
    """Whatever elements are put in a row come out again."""
    data = b"".join(element(kind, payload) for kind, payload in written)

    assert list(elements(data)) == written


@given(st.binary(max_size=600), st.booleans())
def test_any_bytes_are_an_answer(data: bytes, privacy: bool) -> None:  # noqa: FBT001 - drawn
    """Nothing that a stranger sends raises, and nothing comes out that was not in it."""
    assert protection(data, privacy=privacy) in get_args(Protection)
    assert len(ssid(data)) <= 32
    assert ssid(data) in data
    assert sum(2 + len(payload) for _, payload in elements(data)) <= len(data)


@given(st.binary(max_size=255), st.booleans())
def test_any_rsn_element_is_an_answer(payload: bytes, privacy: bool) -> None:  # noqa: FBT001
    """An RSN element with any payload makes a network that is neither open nor WEP."""
    assert protection(element(48, payload), privacy=privacy) not in {"open", "wep"}
