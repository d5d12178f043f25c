"""Bars from the modules of a code."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotspot.label import drawing

squares = st.integers(1, 12).flatmap(
    lambda side: st.lists(
        st.lists(st.booleans(), min_size=side, max_size=side), min_size=side, max_size=side
    )
)


@given(rows=squares, side=st.floats(1, 300), quiet=st.integers(0, 4))
def test_every_module_is_drawn_once(rows: list[list[bool]], side: float, quiet: int) -> None:
    """The bars cover exactly the dark modules, and the quiet zone stays white."""
    whole = len(rows) + 2 * quiet
    module = side / whole
    drawn: list[tuple[int, int]] = []
    for bar in drawing.code(rows, side, quiet=quiet):
        assert round(bar.height / module, 6) == 1
        left, top = round(bar.x / module), round(bar.y / module)
        drawn += [(top - quiet, left - quiet + at) for at in range(round(bar.width / module))]
    dark = [(y, x) for y, row in enumerate(rows) for x, module in enumerate(row) if module]
    assert drawn == dark
