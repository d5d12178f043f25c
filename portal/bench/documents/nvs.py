"""An ESP32's NVS partition as a document, by Espressif's own generator (an extra).

Keys are `namespace/key` with a type behind a colon where it is no text: `wifi/ssid`,
`device/unit:u16`, `device/cert:base64`.
"""

from __future__ import annotations

import binascii
import csv
import io
import re
import tempfile
from argparse import Namespace
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from portal.bench.documents.templates import Faulty

MISSING: Final = "ESP32 NVS images need esp-idf-nvs-partition-gen: pip install 'vestibule[nvs]'"
# What most partition tables of ESP-IDF have for it (partitions_singleapp.csv).
SIZE: Final = 0x6000
_ENCODINGS: Final = frozenset(
    {"u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "string", "hex2bin", "base64"}
)
# A string with its NUL is in one page (ESP-IDF, NVS's "Keys and Values").
_MOST_STRING: Final = 3_999
# ESP-IDF's NVS_KEY_NAME_MAX_SIZE and NVS_NS_NAME_MAX_SIZE are 16 with their NUL.
_PLACE: Final = re.compile(r"([!-.0-~]{1,15})/([!-.0-9;-~]{1,15})(?::([a-z0-9]+))?")


def image(values: Mapping[str, str], size: int = SIZE) -> bytes:
    """The partition's bytes. Raises `Faulty`, also where the generator is not installed."""
    rows = table(values)
    from esp_idf_nvs_partition_gen import nvs_partition_gen  # noqa: PLC0415 - see above

    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        source, target = Path(folder) / "in.csv", Path(folder) / "out.bin"
        source.write_text(rows, newline="")
        asked = Namespace(
            input=str(source), output=str(target), outdir=folder, size=hex(size), version=2
        )
        try:
            with redirect_stdout(io.StringIO()):
                nvs_partition_gen.generate(asked)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a script that ends itself
            # Not its words: it quotes values.
            raise Faulty(f"the NVS image cannot be made ({type(error).__name__})") from None
        return target.read_bytes()


def table(values: Mapping[str, str]) -> str:
    """The generator's own CSV. Raises `Faulty`."""
    if not find_spec("esp_idf_nvs_partition_gen"):
        raise Faulty(MISSING)
    spaces: dict[str, list[tuple[str, str, str, str]]] = {}
    for place, value in values.items():
        found = _PLACE.fullmatch(place)
        if not found:
            raise Faulty(f"{place[:40]}: write namespace/key or namespace/key:type, 15 characters")
        space, key, encoding = found.groups()
        if encoding and encoding not in _ENCODINGS:
            raise Faulty(f"{place}: a type is one of {', '.join(sorted(_ENCODINGS))}")
        _check(place, encoding or "string", value)
        spaces.setdefault(space, []).append((key, "data", encoding or "string", value))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("key", "type", "encoding", "value"))
    for space, rows in spaces.items():
        writer.writerow((space, "namespace", "", ""))
        writer.writerows(rows)
    return out.getvalue()


def _check(place: str, encoding: str, value: str) -> None:
    """Raises `Faulty` for what the generator would not take, or would take wrongly."""
    if encoding == "string" and len(value.encode()) > _MOST_STRING:
        raise Faulty(f"{place}: at most {_MOST_STRING:,} bytes")
    if encoding[1:].isdecimal():
        bits, signed = int(encoding[1:]), encoding[0] == "i"
        least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        is_number = re.fullmatch("-?[0-9]{1,20}", value) is not None
        if not is_number or not least <= int(value) <= most:
            raise Faulty(f"{place}: a whole number from {least} to {most}")
    if encoding == "hex2bin" and not re.fullmatch("(?:[0-9A-Fa-f]{2})+", value):
        raise Faulty(f"{place}: hexadecimal digits, two a byte")
    if encoding == "base64":
        try:
            binascii.a2b_base64(value, strict_mode=True)
        except ValueError:
            raise Faulty(f"{place}: base64") from None
