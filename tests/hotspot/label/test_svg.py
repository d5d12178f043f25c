"""A drawing as SVG, read back as XML and drawn by another program."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from hotspot.label import svg
from hotspot.label.drawing import Drawing
from tests.hotspot.label.drawings import drawings

NAMESPACE = "{http://www.w3.org/2000/svg}"
# Control characters and surrogates have no place in XML; `hotspot.label.label` lets none through.
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))


@given(drawing=drawings(texts))
def test_what_is_drawn_is_said(drawing: Drawing) -> None:
    """Well-formed; each text stands there as it was, each bar where it was, and nothing else."""
    document = ET.fromstring(svg.render(drawing))  # noqa: S314 - written by ourselves
    background, path, *found = document
    assert {element.tag for element in found} <= {f"{NAMESPACE}text"}
    assert [element.text or "" for element in found] == [text.text for text in drawing.texts]
    assert background.get("fill") == "#fff"
    bars = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z", path.get("d") or "")
    assert len(bars) == len(drawing.bars)
    for numbers, bar in zip(bars, drawing.bars, strict=True):
        assert all(abs(float(a) - b) < 0.0001 for a, b in zip(numbers, bar, strict=True))
