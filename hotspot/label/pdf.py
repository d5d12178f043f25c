"""A drawing as a PDF of one page (ISO 32000-1), in two of the fonts that every reader brings.

Those fonts know the 218 characters of Windows' western code page and no other; what they cannot
draw is refused, never replaced. Texts stand in hex, so that no character of theirs is syntax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hotspot.config.values import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotspot.label.drawing import Drawing, Text

# A point is 1/72 inch (8.3.2.3).
_POINTS: Final = 72 / 25.4
# Annex D: WinAnsiEncoding is this code page, where that has a character.
_CODE_PAGE: Final = "cp1252"

_CHARACTERS: Final = "characters of western Europe only (Windows-1252), all that its fonts have"
_FONT: Final = "<</Type/Font/Subtype/Type1/BaseFont/{}/Encoding/WinAnsiEncoding>>"


def render(drawing: Drawing) -> bytes:
    """The document. Raises `NotAllowed` for a text that its fonts cannot draw."""
    content = "\n".join(_content(drawing)).encode("ascii")
    size = f"{_number(drawing.width * _POINTS)} {_number(drawing.height * _POINTS)}"
    return _document(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size}]/Contents 4 0 R"
        "/Resources<</Font<</P 5 0 R/F 6 0 R>>>>>>".encode("ascii"),
        b"<</Length %d>>\nstream\n%b\nendstream" % (len(content), content),
        _FONT.format("Helvetica").encode("ascii"),
        _FONT.format("Courier-Bold").encode("ascii"),
    )


def _content(drawing: Drawing) -> Iterator[str]:
    """The page's operators (Annex A). Their origin is the bottom left corner."""
    yield f"{_number(_POINTS)} 0 0 {_number(_POINTS)} 0 0 cm"
    for bar in drawing.bars:
        bottom = drawing.height - bar.y - bar.height
        yield " ".join(map(_number, (bar.x, bottom, bar.width, bar.height))) + " re"
    # One fill for all: filled one by one, neighbours would show a seam on many screens.
    yield "f"
    for text in drawing.texts:
        place = f"{_number(text.x)} {_number(drawing.height - text.y)}"
        font = "F" if text.fixed else "P"
        yield f"BT /{font} {_number(text.size)} Tf {place} Td <{_encoded(text)}> Tj ET"


def _encoded(text: Text) -> str:
    try:
        return text.text.encode(_CODE_PAGE).hex()
    except UnicodeEncodeError:
        raise NotAllowed(_CHARACTERS) from None


def _document(*objects: bytes) -> bytes:
    """Objects numbered from 1, their places, and the way to them (7.5)."""
    # The second line tells who transfers it that this is not text.
    parts = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"]
    places = []
    for number, each in enumerate(objects, 1):
        places.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, each))
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    parts.append(
        b"xref\n0 %d\n0000000000 65535 f \n%b"
        b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, sum(map(len, parts)))
    )
    return b"".join(parts)


def _number(value: float) -> str:
    """A real number as PDF has it: no exponent (7.3.3)."""
    return f"{value:.4f}".rstrip("0").rstrip(".")
