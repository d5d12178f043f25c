"""PINs: which will do, and what is kept of them."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.bench.wall import pins

SALT = bytes(range(16))


@pytest.mark.parametrize("pin", ["271828", " 314159 ", "00271828", "9" + "1234567890" * 3])
def test_what_will_do(pin: str) -> None:
    """Six digits and more, leading zeros kept, blanks around it not."""
    assert pins.checked(pin) == pin.strip()


@pytest.mark.parametrize(
    "pin",
    [
        "", "12345", "27182", "27182a", "²²²²²²", "٢٧١٨٢٨", "111111", "123456", "654321", "890123",
        "1" * 33, "271 828", "-271828",
    ],
)  # fmt: skip
def test_what_will_not(pin: str) -> None:
    """Too short, no digits, or what everybody tries first."""
    with pytest.raises(pins.Weak):
        pins.checked(pin)


def test_the_hash_is_scrypt() -> None:
    """What is kept says its own parameters, and another reader of RFC 7914 gets the same."""
    name, log_n, r, p, salt, digest = pins.kept("271828", SALT).split("$")
    made = hashlib.scrypt(
        b"271828", salt=bytes.fromhex(salt), n=2 ** int(log_n), r=int(r), p=int(p),
        maxmem=2**27, dklen=32,
    )  # fmt: skip

    assert (name, salt, digest) == ("scrypt", SALT.hex(), made.hex())
    assert 2 ** int(log_n) * int(r) * 128 == 16 * 2**20  # 16 MiB


def test_only_the_pin_matches() -> None:
    """Another PIN, a damaged entry and nobody's entry do not."""
    known = pins.kept("271828", SALT)

    assert pins.matches("271828", known)
    assert not pins.matches("271829", known)
    assert not pins.matches("271828", known[:-1])
    assert not pins.matches("271828", pins.NOBODY)
    assert pins.is_kept(pins.NOBODY)


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_may_be_entered(text: str) -> None:
    """It is weak, or digits."""
    with contextlib.suppress(pins.Weak):
        assert pins.checked(text).isdigit()
