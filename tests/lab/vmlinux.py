"""Take the kernel out of its self-extracting image, so that QEMU enters it directly.

Under emulation the kernel's own decompressor takes 3.3 s of a boot of 5.2 s (measured, Debian
12, 2 cores); Python's takes half a second, once. QEMU starts an ELF kernel by its PVH note.
Offsets are those of the kernel's Documentation/arch/x86/boot.rst.
"""

from __future__ import annotations

import gzip
import lzma
import shutil
import struct
import subprocess
from collections.abc import Callable
from typing import Final

SETUP_SECTORS: Final = 0x1F1
PAYLOAD: Final = 0x248  # payload_offset and payload_length, protocol 2.08


def _zstd(data: bytes) -> bytes:
    """By the program, since Python has no zstd before 3.14; nothing where it is not installed."""
    if shutil.which("zstd") is None:
        return b""
    argv = ["zstd", "-d", "-c", "-q"]
    return subprocess.run(argv, input=data, capture_output=True, check=False, timeout=60).stdout


DECOMPRESSORS: Final[dict[bytes, Callable[[bytes], bytes]]] = {
    # Debian 12's, Debian 13's, and any other. Behind the stream comes its length.
    b"\xfd7zXZ\0": lambda data: lzma.LZMADecompressor().decompress(data),
    b"(\xb5/\xfd": lambda data: _zstd(data[:-4]),
    b"\x1f\x8b": lambda data: gzip.decompress(data[:-4]),
}


def unpacked(image: bytes) -> bytes:
    """The ELF kernel within a bzImage, or the image itself if it is packed otherwise."""
    offset, length = struct.unpack_from("<II", image, PAYLOAD)
    start = (image[SETUP_SECTORS] + 1) * 512 + offset
    payload = image[start : start + length]
    for magic, decompress in DECOMPRESSORS.items():
        if payload.startswith(magic):
            kernel = decompress(payload)
            return kernel if kernel.startswith(b"\x7fELF") else image
    return image
