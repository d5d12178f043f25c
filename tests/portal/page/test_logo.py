"""A logo that may stand in the page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.page.logo import LARGEST, LARGEST_FILE, Unusable, harmless
from tests.portal.reading import Page

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '


def drawing(inside: str, attributes: str = 'viewBox="0 0 24 24"') -> bytes:
    """An SVG file."""
    return f"{HEAD}{attributes}>{inside}</svg>".encode()


def test_shapes_and_paint_come_through() -> None:
    """A drawing as programs write it: a prolog, sizes, groups, a gradient, styles."""
    inside = (
        "<!-- made by hand --><metadata><x/></metadata>"
        '<defs><linearGradient id="g"><stop offset="0" stop-color="#f00"/></linearGradient></defs>'
        '<g transform="translate(1 2)"><path d="M0 0h24v24z" style="fill:url(#g);-x-y:1"/></g>'
    )
    logo = harmless(b'<?xml version="1.0"?>' + drawing(inside, 'width="9cm" viewBox="0 0 24 24"'))

    assert logo == (
        '<svg viewBox="0 0 24 24" aria-hidden="true">'
        '<defs><linearGradient id="logo-g"><stop offset="0" stop-color="#f00"></stop>'
        "</linearGradient></defs>"
        '<g transform="translate(1 2)"><path d="M0 0h24v24z" fill="url(#logo-g)"></path></g></svg>'
    )


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
        "<style>*{fill:red}</style>",
        '<image href="https://evil.example/x.png"/>',
        '<use xlink:href="https://evil.example/x.svg#a"/>',
        '<a href="javascript:alert(1)"><text>hi</text></a>',
        '<foreignObject><b xmlns="http://www.w3.org/1999/xhtml">hi</b></foreignObject>',
        '<animate attributeName="href" values="javascript:alert(1)"/>',
        '<set attributeName="onmouseover" to="alert(1)"/>',
        "<text>words</text>",
    ],
)
def test_what_is_no_shape_is_left_out(inside: str) -> None:
    """With all that is in it."""
    assert harmless(drawing(inside)) == harmless(drawing(""))


@pytest.mark.parametrize(
    "attribute",
    [
        'onclick="alert(1)"',
        'style="background:url(https://evil.example/x)"',
        'fill="url(https://evil.example/x#a)"',
        'fill="URL(//evil.example/x)"',
        'style="fill:url(https://evil.example/x)"',
        'fill="u&#114;l(//evil.example/x)"',
        'class="go"',
        'xlink:href="#a"',
        'href="data:text/html,x"',
        'clip-path="path(&quot;M0 0&quot;)"',
        'fill="image-set(&quot;x&quot;)"',
    ],
)
def test_what_is_no_paint_is_left_out(attribute: str) -> None:
    """And the shape stays."""
    assert harmless(drawing(f'<path d="M0 0" {attribute}/>')) == harmless(
        drawing('<path d="M0 0"/>')
    )


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "not XML"),
        (b"\x89PNG", "not XML"),
        (b"<svg/>", "not an SVG"),
        (b"<html/>", "not an SVG"),
        (drawing("", ""), "no viewBox"),
        (drawing("", 'viewBox="0 0 24 24;"'), "no viewBox"),
        (drawing('<path d="' + "M0 0" * LARGEST + '"/>'), "bytes of shapes"),
        (drawing(" " * LARGEST_FILE), "are read"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + drawing("&a;"), "entities"),
        (drawing("").decode().encode("utf-16"), "not XML"),
    ],
)
def test_what_is_no_logo_is_refused(document: bytes, why: str) -> None:
    """With the reason."""
    with pytest.raises(Unusable, match=why):
        harmless(document)


@given(st.text(alphabet=st.sampled_from("<>&\"'=:;()#/! -abcdegsvprtuhxl\0é"), max_size=120))
def test_no_drawing_leaves_its_place(inside: str) -> None:
    """Whatever it holds, what comes out nests, and names nothing that is not let through."""
    try:
        logo = harmless(drawing(inside))
    except Unusable:
        return
    page = Page(logo)

    assert not re.search(r"script|href|\bon\w+=", logo)
    assert {each.tag for each in page.elements} <= {"svg", "g", "path", "rect"}
