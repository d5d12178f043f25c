"""The label's layout: everything there, nothing beyond the edge, nothing on top of another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.config.values import NotAllowed
from hotspot.label import label
from hotspot.label.drawing import FIXED_ADVANCE
from hotspot.label.label import Line

ROWS = [[True] * 33] * 33
SIZES = [(62, 29), (50, 25), (62, 100), (100, 62), (89, 36), (40, 60), (210, 297), (297, 210)]
# What a person can see, as `label.name` has it.
seen = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"]), min_size=1
)


@pytest.mark.parametrize("size", SIZES)
@given(name=seen.map(lambda text: text[:32]), key=st.text("abcdefgh -", min_size=8, max_size=63))
def test_all_is_on_the_label(size: tuple[float, float], name: str, key: str) -> None:
    """Within the edges, text under text, beside the code or below it; joined, each is whole."""
    lines = [Line("Wi-Fi", name), Line("Key", key), Line("Page", "http://100.64.64.1/", 2.2)]
    drawing = label.draw(ROWS, lines, size)
    assert (drawing.width, drawing.height) == size
    right = max(bar.x + bar.width for bar in drawing.bars)
    bottom = max(bar.y + bar.height for bar in drawing.bars)
    assert right <= size[0]
    assert bottom <= size[1]
    above = 0.0
    for text in drawing.texts:
        assert text.y - text.size > above - 0.3 * text.size
        above = text.y
        assert text.y < size[1]
        assert text.x >= right or text.y - text.size >= bottom
        if text.fixed:
            width = label._columns(text.text) * FIXED_ADVANCE * text.size
            assert text.x + width <= size[0] + 0.001
    assert "".join(text.text for text in drawing.texts if text.fixed) == "".join(
        line.value for line in lines
    )
    assert [text.text for text in drawing.texts if not text.fixed] == ["Wi-Fi", "Key", "Page"]


@given(text=seen, most=st.integers(2, 40))
def test_a_broken_text_is_whole(text: str, most: int) -> None:
    """Joined it is itself, no line is wider than allowed, and none is empty."""
    parts = label.wrapped(text, most)
    assert "".join(parts) == text
    assert all(parts)
    assert all(label._columns(part) <= most for part in parts)


def test_no_blank_is_lost_at_a_break() -> None:
    """Where a line would break beside a blank, it breaks inside the word; among blanks it must."""
    assert label.wrapped("abcdefg hijklmn", 8) == ["abcdef", "g hij", "klmn"]
    assert label.wrapped("        " * 2, 8) == [" " * 8, " " * 8]


@pytest.mark.parametrize("size", [(43, 20), (25, 25), (30, 30), (43, 28), (35, 37)])
def test_too_small(size: tuple[float, float]) -> None:
    """A code that phones would not read is refused."""
    with pytest.raises(NotAllowed, match="at least 50x25 mm"):
        label.draw(ROWS, [Line("Key", "k")], size)


@pytest.mark.parametrize("ssid", ["Pump 7", "Café", "家のWi-Fi", "🥐", "a\u3000b", " "])
def test_names_that_can_be_typed(ssid: str) -> None:
    """What can be seen is printed as it is."""
    assert label.name(ssid.encode()) == ssid


@pytest.mark.parametrize(
    "ssid", [b"\xff", b"a\x00b", b"\x7f", "a\u202eb".encode(), "\u200b".encode(), "\u2028".encode()]
)
def test_names_that_cannot(ssid: bytes) -> None:
    """What nobody could see or type is refused, not replaced."""
    with pytest.raises(NotAllowed):
        label.name(ssid)
