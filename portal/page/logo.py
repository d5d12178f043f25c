"""An operator's logo, from an SVG file to what may stand in the page.

Inlined, an SVG is as mighty as the page itself: it can hold scripts, styles and references. So
only shapes and their paint come through, by name; everything else is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element, ParseError, XMLParser

from markupsafe import Markup, escape

# What a drawing program writes around a drawing of 4 KiB.
LARGEST_FILE: Final = 256 * 1024
# As much again as half the page.
LARGEST: Final = 4096

_NAMESPACE: Final = "{http://www.w3.org/2000/svg}"
_SHAPES: Final = frozenset({"path", "circle", "ellipse", "line", "polygon", "polyline", "rect"})
_ELEMENTS: Final = _SHAPES | {
    "svg", "g", "defs", "linearGradient", "radialGradient", "stop", "clipPath", "mask",
}  # fmt: skip
# Properties of paint, as attributes or in `style` (SVG 2, 6.6).
_PAINT: Final = frozenset({
    "clip-path", "clip-rule", "fill", "fill-opacity", "fill-rule", "mask", "opacity", "stop-color",
    "stop-opacity", "stroke", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
    "stroke-miterlimit", "stroke-opacity", "stroke-width",
})  # fmt: skip
_ATTRIBUTES: Final = _PAINT | {
    "cx", "cy", "d", "fx", "fy", "gradientTransform", "gradientUnits", "height", "id", "offset",
    "points", "r", "rx", "ry", "spreadMethod", "transform", "viewBox", "width", "x", "x1", "x2",
    "y", "y1", "y2", "clipPathUnits", "maskUnits",
}  # fmt: skip
# A reference to a part of the same drawing, or anything that refers to nothing at all.
_OWN: Final = re.compile(r"url\((['\"]?)#([\w.-]+)\1\)")
_HARMLESS: Final = re.compile(r"[\w#%.,+() -]*")
# Ids of ours are short; a drawing's own must not be the same.
_MARK: Final = "logo-"


class Unusable(Exception):  # noqa: N818 - what the file is
    """A file is no logo; the text says why."""


def harmless(document: bytes) -> Markup:
    """The drawing as it may stand in the page. Raises `Unusable`."""
    if len(document) > LARGEST_FILE:
        raise Unusable(f"has {len(document)} bytes; at most {LARGEST_FILE} are read")
    root = _parsed(document)
    if root.tag != f"{_NAMESPACE}svg":
        raise Unusable("is not an SVG drawing")
    if not re.fullmatch(r"[\d., +-]+", root.get("viewBox", "")):
        raise Unusable("has no viewBox, so it cannot be made to fit")
    for size in ("width", "height", "x", "y"):
        root.attrib.pop(size, None)
    text = "".join(_written(root))
    if len(text) > LARGEST:
        raise Unusable(f"is {len(text)} bytes of shapes; at most {LARGEST} fit into the page")
    return Markup(text)  # noqa: S704 - every name and value in it has been let through by hand


def _parsed(document: bytes) -> Element:
    try:
        text = document.decode("utf-8-sig")
        # Entities can grow without bound, and none is needed for a drawing.
        if "<!ENTITY" in text:
            raise Unusable("holds entities")
        # XMLParser and not fromstring: text is UTF-8 here, whatever its head declares.
        parser = XMLParser(encoding="utf-8")  # noqa: S314 - no entities, and few bytes
        parser.feed(text.encode())
        found: Element = parser.close()
    except (UnicodeDecodeError, ParseError) as error:
        raise Unusable("is not XML in UTF-8") from error
    return found


def _written(element: Element) -> Iterator[str]:
    name = str(element.tag).removeprefix(_NAMESPACE)
    if name not in _ELEMENTS:
        return
    yield f"<{name}"
    for key, value in _kept(element.attrib).items():
        yield f' {key}="{escape(value)}"'
    if name == "svg":
        yield ' aria-hidden="true"'
    yield ">"
    for child in element:
        yield from _written(child)
    yield f"</{name}>"


def _kept(attributes: Mapping[str, str]) -> dict[str, str]:
    """The attributes that may stay, those in `style` among them, with ids of their own."""
    styles = (each.partition(":") for each in attributes.get("style", "").split(";"))
    found = {key.strip(): value.strip() for key, _, value in styles if key.strip() in _PAINT}
    found = {**{key: attributes[key] for key in attributes if key in _ATTRIBUTES}, **found}
    kept = {key: _OWN.sub(rf"url(#{_MARK}\2)", value) for key, value in found.items()}
    if "id" in kept:
        kept["id"] = _MARK + kept["id"]
    return {key: value for key, value in kept.items() if _is_harmless(value)}


def _is_harmless(value: str) -> bool:
    """Whether a value refers to nothing beyond the drawing."""
    plain = re.sub(rf"url\(#{_MARK}[\w.-]+\)", "", " ".join(value.split()))
    return bool(_HARMLESS.fullmatch(plain)) and "url(" not in plain
