"""The colours of the page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.page.shades import DARK, LIGHT, contrast, styled

COLORS = st.binary(min_size=3, max_size=3).map(lambda rgb: f"#{rgb.hex()}")
# What stands on what, by name.
TEXT_ON = [
    ("ink", ("bg", "card", "tint", "dawn")),
    ("soft", ("bg", "card", "tint", "dawn")),
    ("go", ("bg", "card", "tint")),
    ("bad", ("bg", "card")),
    ("on", ("go",)),
]


def palettes(css: str) -> list[dict[str, str]]:
    """The light colours and the dark ones, as a browser takes them."""
    found = [dict(re.findall(r"--(\w+):(#[0-9a-f]{6})", rule)) for rule in css.split("@media")]
    return [{**found[0], **each} for each in found[:2]]


def poor(palette: dict[str, str]) -> list[str]:
    """The pairs that cannot be read."""
    pairs = [(text, ground) for text, grounds in TEXT_ON for ground in grounds]
    return [f"{a} on {b}" for a, b in pairs if contrast(palette[a], palette[b]) < 4.5]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.478),  # the usual example of a grey that just fails
        ("#0000ff", "#ffffff", 8.592),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    """Against figures of other people's checkers, either way round."""
    assert contrast(one, other) == pytest.approx(ratio, abs=0.001)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_houses_own_colours_can_be_read(palette: dict[str, str]) -> None:
    """Every text on every ground."""
    assert poor(palette) == []


@given(COLORS)
def test_any_colour_is_made_readable(color: str) -> None:
    """In the light and in the dark, also where it was yellow on white."""
    for palette in palettes(styled(color)):
        assert poor(palette) == []


@pytest.mark.parametrize("color", ["#0d6455", "#8b0000", "#1a237e"])
def test_a_colour_that_can_be_read_stays(color: str) -> None:
    """As the operator gave it."""
    assert palettes(styled(color))[0]["go"] == color
