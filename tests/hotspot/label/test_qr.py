"""The QR code, read back by another program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hotspot.config.values import Secret, Security
from hotspot.label import invitation as joining
from hotspot.label import qr
from tests.hotspot.real import program

KEY = Secret("k7fq-2m9x-abcd-efgh")
# Names whose bytes a reader that guesses the encoding would take for another text, among them.
NAMES = (
    "Vestibule-7KQ2",
    'a;b,c:d"e\\f',
    "(Zentral) \\ <&> 'x'",
    "  two  blanks  ",
    "Café Zentral",
    "Grüße €",
    "ÃƒÂ©",
    "家のWi-Fi",
    "ｱｲｳ",
    "Ж",
    "🥐 Bäcker",
    "\u202egnorw",
    "\x07bell",
    "é" * 16,
)


def read(image: bytes, folder: Path) -> bytes:
    """What zbarimg reads in a PNG."""
    (folder / "code.png").write_bytes(image)
    # It also tries to reach a desktop's bus, and says on stderr that there is none.
    done = subprocess.run(
        [program("zbarimg"), "--quiet", "--raw", str(folder / "code.png")],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.removesuffix(b"\n")


@pytest.mark.parametrize("name", NAMES)
def test_another_program_reads_the_same(name: str, tmp_path: Path) -> None:
    """The joining text comes back byte for byte, whatever the script."""
    text = joining.qr_text(name.encode(), KEY, Security.WPA2)
    assert read(qr.png(text), tmp_path) == text.encode()


def test_the_longest_text_fits(tmp_path: Path) -> None:
    """32 bytes and 63 characters, all of which must be escaped."""
    text = joining.qr_text(b";" * 32, Secret('"' * 63), Security.WPA3)
    assert read(qr.png(text, scale=4), tmp_path) == text.encode()


def test_the_rows_are_the_code() -> None:
    """Square, 17 modules and four for each version, with the finder's corner (ISO 18004 6.3.3)."""
    rows = qr.rows("WIFI:T:WPA;S:Vestibule-7KQ2;P:k7fq-2m9x-abcd-efgh;;")
    assert {len(row) for row in rows} == {len(rows)} == {17 + 4 * 4}
    assert rows[0][:8] == (True,) * 7 + (False,)
    assert rows[1][:8] == (True, *(False,) * 5, True, False)


def test_a_terminal_sees_the_rows() -> None:
    """Two rows to a line of half blocks, light where a module is dark, two modules around."""
    rows = qr.rows("HELLO")
    lines = qr.terminal("HELLO").splitlines()
    drawn = [
        [char in above for char in line]
        for line in lines
        for above in ("\u2588\u2580", "\u2588\u2584")
    ]
    inner = [[not light for light in row[2:-2]] for row in drawn[2 : 2 + len(rows)]]
    assert inner == [list(row) for row in rows]
