"""SSIDs as wpa_supplicant prints them, read back into bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lab.guest import phone

# hostap, src/utils/common.c, printf_encode.
ESCAPES = {0x22: r"\"", 0x5C: r"\\", 0x1B: r"\e", 0x0A: r"\n", 0x0D: r"\r", 0x09: r"\t"}


def printed(data: bytes) -> str:
    """What printf_encode makes of `data`."""
    return "".join(
        ESCAPES.get(byte) or (chr(byte) if 32 <= byte <= 126 else f"\\x{byte:02x}") for byte in data
    )


@given(st.binary(max_size=32))
def test_unescaped(ssid: bytes) -> None:
    """Any 32 bytes survive the way out and back."""
    assert phone.unescaped(printed(ssid)) == ssid


@pytest.mark.parametrize(
    ("text", "ssid"), [(r"\\x41", rb"\x41"), (r"caf\xc3\xa9", b"caf\xc3\xa9"), (r"%61\"", b'%61"')]
)
def test_unescaped_examples(text: str, ssid: bytes) -> None:
    """An escaped backslash before an x is no escape."""
    assert phone.unescaped(text) == ssid
