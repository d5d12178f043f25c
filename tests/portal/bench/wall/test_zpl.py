"""Labels in ZPL II, read back by a small reader of the language."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.devices.states import State
from portal.bench.port import Row
from portal.bench.wall import codes, tags, zpl
from portal.bench.wall.media import MEDIA, Medium
from portal.bench.wall.tags import Tag
from portal.bench.wall.zpl import Stock

TAG = Tag("lamp-007", "00070007", "a4:cf:12:00:00:07", "lamp · 2.0", "http://100.64.64.1/d/C0007")
HOSTILE = ["^XZ^XA^JUF", "~JA", "\\&", "_5E", "^FS^FDother", "00012", "Grüße €", "日本", "a\nb"]


def commands(text: str) -> list[tuple[str, str]]:
    """What a printer reads: ^ or ~, two letters (or A and a font), and what belongs to it."""
    assert text.isascii()
    found = re.findall(r"([\^~])(A0|[A-Z]{2})([^\^~]*)", text.replace("\n", ""))
    assert "".join(map("".join, found)) == text.replace("\n", "")
    return [(sign + name, rest) for sign, name, rest in found]


def fields(text: str) -> list[str]:
    """The data of each field, with ^FH undone."""
    said = [rest for name, rest in commands(text) if name == "^FD"]
    return [
        re.sub(rb"_([0-9A-F]{2})", lambda m: bytes.fromhex(m[1].decode()), each.encode()).decode()
        for each in said
    ]


def test_what_stands_on_it() -> None:
    """The code's URL with its beginning, then name, serial, MAC, product and version."""
    text = zpl.label(TAG, Stock(50, 25), codes.modules(TAG.url))
    said = fields(text)

    assert said[0] == "MA,http://100.64.64.1/d/C0007"
    assert "".join(said[1:]) == "lamp-007S/N 00070007a4:cf:12:00:00:07lamp · 2.0"
    assert commands(text)[0] == ("^XA", "")
    assert commands(text)[-1] == ("^XZ", "")
    assert ("^CI", "28") in commands(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_breaks_out(text: str) -> None:
    """One format with as many fields as without, and the text in it as it was."""
    plain = zpl.label(replace(TAG, serial="x"), Stock(50, 25), 29)
    made = zpl.label(replace(TAG, serial=text), Stock(50, 25), 29)

    assert [name for name, _ in commands(made)] == [name for name, _ in commands(plain)]
    assert f"S/N {text}" in fields(made)


@given(st.text(max_size=64), st.text(max_size=64), st.text(max_size=80))
def test_any_text_is_printed_as_it_is(name: str, serial: str, url: str) -> None:
    """Whatever stands in a manifest: one label, and each text whole."""
    tag = replace(TAG, name=name, serial=serial, url=url, about="")
    made = zpl.label(tag, Stock(62, 29, 12), 33)

    assert [each for each, _ in commands(made)].count("^XA") == 1
    assert [each for each, _ in commands(made)].count("^XZ") == 1
    said = fields(made)
    assert said[0] == f"MA,{url}"
    assert name in "".join(said[1:])
    assert not serial or f"S/N {serial}" in "".join(said)


@pytest.mark.parametrize("size", MEDIA.values(), ids=list(MEDIA))
@pytest.mark.parametrize("dots", zpl.DENSITIES)
@pytest.mark.parametrize("name", ["a", "lamp-007", "x" * 64])
def test_it_fits(size: Medium, dots: int, name: str) -> None:
    """Every field begins, and by the shape of its letters ends, on the label."""
    tag = replace(TAG, name=name)
    made = zpl.label(tag, Stock(size.wide, size.high, dots), codes.modules(tag.url))
    places = re.findall(r"\^FO(\d+),(\d+)\^A0N,(\d+),0\^FH\^FD([^^]*)", made)

    assert places
    bottom = 0
    for x, y, height, text in places:
        letters = len(re.sub("_..", "x", text))
        assert int(y) >= bottom
        assert int(x) + letters * int(height) * 0.55 <= size.wide * dots
        bottom = int(y) + int(height)
    assert bottom <= size.high * dots
    assert min(int(height) for *_, height, _ in places) >= dots


def test_what_a_printer_cannot_print_is_left_out() -> None:
    """Controls, marks of direction, line breaks; leading zeros stay."""
    row = Row("id", "a\u202eb\x1b[0m\n  c", 1, State.PROVISIONED, 0.0, serial="0007")
    tag = tags.of(row, "http://100.64.64.1/", "2026-03-01")

    assert tag.name == "ab[0m c"
    assert tag.serial == "0007"
    assert tag.url == "http://100.64.64.1/d/id"


@given(st.text(min_size=1, max_size=64))
def test_any_claim_is_a_path(claim: str) -> None:
    """Slashes and blanks are escaped: one segment behind /d/."""
    row = Row("id", "n", 1, State.PROVISIONED, 0.0, claim=claim.encode(errors="replace").decode())
    path = tags.of(row, "http://h/", "").url.removeprefix("http://h/d/")

    assert re.fullmatch(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+", path)
    assert unquote(path) == row.claim
