"""The real wpa_supplicant reads a document as its row meant it; it needs no radio for that."""

from __future__ import annotations

import re
import string
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.bench.documents.formats import FORMATS
from portal.bench.documents.templates import Faulty
from tests.hotspot.real import program

SSIDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
KEYS = st.text(string.printable[:95], min_size=8, max_size=63) | st.sampled_from(
    ['a"b"c"d"e', '"""""""""', "#########", " leading ", "psk=psk=psk", "}\\n}\\n}\\n"]
)
_DUMP = r"^{} - hexdump_ascii\(len=(\d+)\):\n((?:     [^\n]*\n)*)"


def dumped(output: str, name: str) -> bytes:
    """What it has read under a name: 16 bytes a line, in hex and then as characters."""
    found = re.search(_DUMP.format(re.escape(name)), output, re.MULTILINE)
    assert found, output
    digits = "".join(line[5 : 5 + 16 * 3] for line in found[2].splitlines())
    return bytes.fromhex(digits)[: int(found[1])]


@settings(max_examples=25, deadline=None)
@given(SSIDS, KEYS)
@example("a", '000000"#')
@example("a", '0#00"00"0')
def test_wpa_supplicant_reads_the_same(ssid: str, psk: str) -> None:
    """Name and passphrase, byte for byte, whatever stands in them, or it is refused beforehand."""
    if "#" in psk.partition('"')[2]:
        with pytest.raises(Faulty):
            FORMATS["wpa_supplicant"].write({"ssid": ssid, "psk": psk})
        return
    text = FORMATS["wpa_supplicant"].write({"country": "DE", "ssid": ssid, "psk": psk})
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        file = Path(folder) / "wpa.conf"
        file.write_text(text, newline="")
        argv = [
            program("wpa_supplicant"),
            "-dd",
            "-K",
            "-D",
            "none",
            "-i",
            "none0",
            "-c",
            str(file),
        ]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)

    assert dumped(done.stdout, "ssid") == ssid.encode()
    assert dumped(done.stdout, "PSK (ASCII passphrase)") == psk.encode()
    assert "Invalid" not in done.stdout
