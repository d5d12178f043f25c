"""Drawings of any size, with any bars and texts on them."""

from __future__ import annotations

from hypothesis import strategies as st

from hotspot.label.drawing import Bar, Drawing, Text


def drawings(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Drawing]:
    """Drawings whose texts are such."""
    lengths = st.floats(0, 300)
    return st.builds(
        Drawing,
        lengths,
        lengths,
        st.lists(st.builds(Bar, lengths, lengths, lengths, lengths)).map(tuple),
        st.lists(st.builds(Text, lengths, lengths, lengths, texts, st.booleans())).map(tuple),
    )
