"""What an image is for, by its first bytes: the refusals a device would come to by itself.

A device refuses such an image after it has lost its time, and says so to nobody. Sources: the
image header of Espressif's boot loaders (esptool's bin_image.py; "App Image Format" of the
ESP-IDF Programming Guide), RFC 1952 2.3.1 for gzip, cpio(5) "newc" with which an .swu begins,
and squashfs' superblock, which a RAUC bundle begins with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What the bytes are."""

    ESP = "esp"
    GZIP = "gzip"
    SWU = "swu"
    RAUC = "rauc"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Image:
    """A kind of image; of Espressif's the chip it is for, "" where that cannot be told, and the
    bytes of flash it is laid out for, 0 where that cannot be.
    """

    kind: Kind
    chip: str = ""
    flash: int = 0


ESP8266: Final = "ESP8266"
_MAGIC: Final = 0xE9
_GZIP: Final = b"\x1f\x8b"
_SQUASHFS: Final = b"hsqs"
_NEWC: Final = (b"070701", b"070702")

# esp_chip_id_t, with the names that ESPHome's manifest has for them.
CHIPS: Final[Mapping[int, str]] = {
    0x0000: "ESP32",
    0x0002: "ESP32-S2",
    0x0005: "ESP32-C3",
    0x0009: "ESP32-S3",
    0x000C: "ESP32-C2",
    0x000D: "ESP32-C6",
    0x0010: "ESP32-H2",
    0x0012: "ESP32-P4",
    0x0014: "ESP32-C61",
    0x0017: "ESP32-C5",
}
# Where the extended header of the ESP32 family has its chip, and how much of it is needed.
_CHIP: Final = slice(12, 14)
_FIRST_SEGMENT: Final = slice(8, 12)
# An image of the ESP8266 has no such header: there stands where its first segment is loaded to,
# data or instruction memory. On an ESP32 the same bytes are pins and drive strengths.
_ESP8266_MEMORY: Final = range(0x3FFE_8000, 0x4030_0000)

_KIB: Final = 1024
_MIB: Final = 1024 * _KIB
_FLASH_ESP8266: Final = (512 * _KIB, 256 * _KIB, _MIB, 2 * _MIB, 4 * _MIB, 2 * _MIB, 4 * _MIB,
                         0, 8 * _MIB, 16 * _MIB)  # fmt: skip
_FLASH_ESP32: Final = tuple(_MIB << power for power in range(8))


def read(head: bytes) -> Image:
    """What the image is that begins with `head`; 16 bytes say all that is known here."""
    if head.startswith(_GZIP):
        return Image(Kind.GZIP)
    if head.startswith(_SQUASHFS):
        return Image(Kind.RAUC)
    if head.startswith(_NEWC):
        return Image(Kind.SWU)
    if len(head) >= _CHIP.stop and head[0] == _MAGIC:
        return _esp(head)
    return Image(Kind.OTHER)


def _esp(head: bytes) -> Image:
    nibble = head[3] >> 4
    if int.from_bytes(head[_FIRST_SEGMENT], "little") in _ESP8266_MEMORY:
        return Image(Kind.ESP, ESP8266, _at(_FLASH_ESP8266, nibble))
    chip = CHIPS.get(int.from_bytes(head[_CHIP], "little"), "")
    return Image(Kind.ESP, chip, _at(_FLASH_ESP32, nibble))


def _at(sizes: tuple[int, ...], nibble: int) -> int:
    return sizes[nibble] if nibble < len(sizes) else 0
