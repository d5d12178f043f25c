"""What an image is for, by its first bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.protocols.images import CHIPS, Image, Kind, read
from tests.portal.bench.protocols.house import ESP32_C3, ESP8266

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("head", "image"),
    [
        (ESP32_C3[:16], Image(Kind.ESP, "ESP32-C3", 4 * MIB)),
        (ESP8266[:16], Image(Kind.ESP, "ESP8266", 4 * MIB)),
        (bytes.fromhex("e904021f0000384000f000000000ffff"), Image(Kind.ESP, "ESP32", 2 * MIB)),
        (bytes.fromhex("e90402ff00003840ee0000000900ffff"), Image(Kind.ESP, "ESP32-S3", 0)),
        (bytes.fromhex("e904022f00003840ee000000abcdffff"), Image(Kind.ESP, "", 4 * MIB)),
        (bytes.fromhex("e901020000000040fcff103fe8030000"), Image(Kind.ESP, "", MIB)),
        (bytes.fromhex("1f8b0800000000000003"), Image(Kind.GZIP)),
        (b"070702000000010000", Image(Kind.SWU)),
        (b"070707000000010000", Image(Kind.OTHER)),
        (b"hsqs\x05\0\0\0", Image(Kind.RAUC)),
        (b"\xe9\x01\x02", Image(Kind.OTHER)),
        (b"", Image(Kind.OTHER)),
        (b"<!DOCTYPE html>\n", Image(Kind.OTHER)),
    ],
)
def test_images_are_known_by_their_heads(head: bytes, image: Image) -> None:
    """Espressif's with chip and flash; gzip, .swu and RAUC bundles by their first bytes."""
    assert read(head) == image


@given(st.binary(max_size=32))
def test_any_bytes_have_a_kind(head: bytes) -> None:
    """No bytes are too odd; only Espressif's have a chip, and only one we know."""
    image = read(head)

    assert image.kind is Kind.ESP or (image.chip, image.flash) == ("", 0)
    assert image.chip in {"", "ESP8266", *CHIPS.values()}
    assert image.flash in {0, 256 * 1024, 512 * 1024, *(MIB << power for power in range(8))}
