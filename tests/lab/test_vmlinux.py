"""The kernel comes out of its self-extracting image, or the image stays as it is."""

from __future__ import annotations

import gzip
import lzma
import struct

import pytest

from tests.lab import vmlinux

KERNEL = b"\x7fELF" + bytes(2000)


def image(payload: bytes) -> bytes:
    """A bzImage of two setup sectors and a stub before the payload."""
    header = bytearray(3 * 512)
    header[vmlinux.SETUP_SECTORS] = 2
    struct.pack_into("<II", header, vmlinux.PAYLOAD, 100, len(payload))
    return bytes(header) + bytes(100) + payload + b"trailing signature"


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(lzma.compress(KERNEL) + struct.pack("<I", len(KERNEL)), id="xz"),
        pytest.param(gzip.compress(KERNEL) + struct.pack("<I", len(KERNEL)), id="gzip"),
    ],
)
def test_unpacked(payload: bytes) -> None:
    """Debian's compressions are undone, the length behind the stream left out."""
    assert vmlinux.unpacked(image(payload)) == KERNEL


@pytest.mark.parametrize("payload", [b"(\xb5/\xfd no zstd", lzma.compress(b"no ELF") + bytes(4)])
def test_anything_else_boots_as_it_is(payload: bytes) -> None:
    """A kernel packed otherwise is handed to QEMU whole, which boots it slower."""
    assert vmlinux.unpacked(image(payload)) == image(payload)
