"""Manual pages in man(7): titles, paragraphs and tagged ones, from plain text."""

from __future__ import annotations

from typing import Final

# groff_char(7): the rest of ASCII means itself, but for "-", which alone is a hyphen.
_CHARACTERS: Final = {
    "\\": "\\e",
    "-": "\\-",
    "`": "\\(ga",
    "^": "\\(ha",
    "~": "\\(ti",
    "'": "\\(aq",
}


def escaped(text: str) -> str:
    """Text in which nothing is a request, and every character is itself on paper and screen."""
    return "".join(
        _CHARACTERS.get(c, c if " " <= c <= "~" else f"\\[u{ord(c):04X}]")
        for c in " ".join(text.split())
    )


def title(name: str, section: int, version: str) -> str:
    """The first line of a page; without a date, so that the same sources give the same page."""
    return f'.TH {name.upper()} {section} "" "Vestibule {version}" "Vestibule"\n'


def section(words: str) -> str:
    """A heading."""
    return f'.SH "{escaped(words.upper())}"\n'


def subsection(words: str) -> str:
    """A heading below it."""
    return f'.SS "{escaped(words)}"\n'


def paragraph(words: str) -> str:
    """A paragraph."""
    return f".PP\n{_line(words)}"


def tagged(tag: str, words: str) -> str:
    """A paragraph with its tag before it, in bold."""
    return f'.TP\n.B "{escaped(tag)}"\n{_line(words)}'


def literal(text: str) -> str:
    """Lines as they are."""
    lines = "".join(_line(line) if line.strip() else "\\&\n" for line in text.splitlines())
    return f".PP\n.nf\n{lines}.fi\n"


def _line(text: str) -> str:
    line = escaped(text)
    # A dot or an apostrophe at its begin would make it a request.
    return f"\\&{line}\n" if line.startswith(".") else f"{line}\n"
