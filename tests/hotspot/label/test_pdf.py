"""A drawing as PDF: its structure by the letter, its text and its soundness by real readers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.config.values import NotAllowed
from hotspot.label import pdf
from hotspot.label.drawing import Drawing, Text
from tests.hotspot.label.drawings import drawings
from tests.hotspot.real import program

# What the fonts can draw: every character of the code page but the control ones.
CHARACTERS = "".join(
    bytes([byte]).decode("cp1252", "ignore") for byte in (*range(32, 127), *range(128, 256))
)
texts = st.text(CHARACTERS)


@given(drawing=drawings(texts))
def test_every_object_is_where_the_table_says(drawing: Drawing) -> None:
    """Offsets, lengths and counts are right, and the texts come back from their hex."""
    document = pdf.render(drawing)
    place = int(document.split(b"startxref\n")[1].split(b"\n")[0])
    assert document[place:].startswith(b"xref\n0 7\n0000000000 65535 f \n")
    offsets = [int(offset) for offset in re.findall(rb"(\d{10}) 00000 n \n", document[place:])]
    for number, offset in enumerate(offsets, 1):
        assert document[offset:].startswith(b"%d 0 obj\n" % number)
    length = re.search(rb"/Length (\d+)>>\nstream\n", document)
    assert length is not None
    content = document[length.end() : length.end() + int(length[1])]
    assert document[length.end() + int(length[1]) :].startswith(b"\nendstream\nendobj\n")
    shown = [bytes.fromhex(each.decode()) for each in re.findall(rb"<([0-9a-f]*)> Tj", content)]
    assert [each.decode("cp1252") for each in shown] == [text.text for text in drawing.texts]
    assert content.count(b" re") == len(drawing.bars)


@given(text=st.text())
def test_what_cannot_be_drawn_is_refused(text: str) -> None:
    """Either the fonts have every character, or there is no document."""
    drawing = Drawing(10, 10, (), (Text(1, 1, 2, text),))
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        with pytest.raises(NotAllowed, match="western Europe"):
            pdf.render(drawing)
    else:
        assert text.encode("cp1252").hex().encode() in pdf.render(drawing)


@pytest.mark.parametrize("at", range(0, len(CHARACTERS), 16))
def test_a_reader_reads_every_character(at: int, tmp_path: Path) -> None:
    """pdftotext gives back what was written, parentheses and backslash too; qpdf finds no fault."""
    # Between letters: a reader does not keep blanks at the ends, nor tell the blanks apart.
    wanted = "x" + CHARACTERS[at : at + 16].replace("\xa0", "").replace("\xad", "") + "x"
    path = tmp_path / "text.pdf"
    texts = (Text(5, 10, 3, wanted), Text(5, 20, 3, wanted, fixed=False))
    path.write_bytes(pdf.render(Drawing(100, 30, (), texts)))
    read = subprocess.run(
        [program("pdftotext"), "-enc", "UTF-8", str(path), "-"],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    assert list(filter(str.strip, read.stdout.decode().split("\n"))) == [wanted, wanted]
    checked = subprocess.run(
        [program("qpdf"), "--check", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "No syntax or stream encoding errors found" in checked.stdout


def test_fixed_characters_are_as_wide_as_we_count(tmp_path: Path) -> None:
    """A reader's own Courier advances by what the layout reckons with: 0.6 of its size."""
    path = tmp_path / "width.pdf"
    path.write_bytes(pdf.render(Drawing(200, 30, (), (Text(5, 10, 5, "M" * 20),))))
    said = subprocess.run(
        [program("pdftotext"), "-bbox", str(path), "-"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    found = re.search(r'xMin="([\d.]+)".*xMax="([\d.]+)"', said)
    assert found is not None
    width = (float(found[2]) - float(found[1])) / 72 * 25.4
    assert width == pytest.approx(20 * 0.6 * 5, abs=0.01)
