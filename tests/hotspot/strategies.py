"""What Hypothesis draws from: values the settings allow, and values of every other kind."""

from __future__ import annotations

import datetime as dt
import ipaddress
import string
from typing import Any

from hypothesis import strategies as st

from hotspot.config.fields import KINDS, Choice, Field
from hotspot.config.values import CHANNELS_2GHZ, CHANNELS_5GHZ, PREFIX_LEAST, PREFIX_MOST, Secret

PRINTABLE = "".join(map(chr, range(32, 127)))

ssids = st.binary(min_size=1, max_size=32)
texts_as_ssid = st.text(min_size=1, max_size=32).filter(
    lambda text: (
        len(text.encode("utf-8", "surrogatepass")) <= 32
        and not any("\ud800" <= character <= "\udfff" for character in text)
    )
)
passphrases = (
    st.text(PRINTABLE, min_size=8, max_size=63)
    .filter(lambda text: text == text.strip())
    .map(Secret)
)
channels = st.sampled_from((*CHANNELS_2GHZ, *CHANNELS_5GHZ))
countries = st.text(string.ascii_uppercase, min_size=2, max_size=2)
interfaces = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}", fullmatch=True)
directories = st.from_regex(r"(/[A-Za-z0-9._-]{1,12}){1,6}", fullmatch=True)
lines = st.text(min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and text.isprintable() and bool(text)
)
# A text for people: one for every language, or one each.
worded = st.dictionaries(st.just(""), lines, min_size=1) | st.dictionaries(
    st.sampled_from(["en", "de", "pt-BR", "zh-Hans"]), lines, min_size=1
)


@st.composite
def form_fields(draw: st.DrawFn) -> Field:
    """Any question that the form can be told to ask."""
    kind = draw(st.sampled_from(KINDS))
    least, most = sorted(draw(st.tuples(*[st.integers(-(2**53) + 1, 2**53 - 1)] * 2)))
    choices = st.lists(
        lines.map(lambda value: Choice(value, {"": value})) | st.builds(Choice, lines, worded),
        min_size=2,
        max_size=4,
        unique_by=lambda choice: choice.value,
    )
    is_text, is_number = kind in {"text", "secret"}, kind == "number"
    return Field(
        draw(st.from_regex("[a-z0-9_-]{1,32}", fullmatch=True)),
        kind,
        draw(worded),
        draw(st.just({}) | worded),
        draw(st.booleans()),
        draw(st.none() | st.sampled_from(["[A-Z]{2}[0-9]{4}", "a|b", r"\S+"])) if is_text else None,
        tuple(draw(choices)) if kind == "choice" else (),
        draw(st.none() | st.just(least)) if is_number else None,
        draw(st.none() | st.just(most)) if is_number else None,
    )


@st.composite
def addresses(draw: st.DrawFn) -> ipaddress.IPv4Interface:
    """Any host address of any network that may be an access point's."""
    prefix = draw(st.integers(PREFIX_LEAST, PREFIX_MOST))
    size = 2 ** (32 - prefix)
    first_byte = draw(st.integers(1, 223).filter(lambda byte: byte != 127))
    block = draw(st.integers(0, 2**24 // size - 1)) * size
    host = draw(st.integers(1, size - 2))
    return ipaddress.IPv4Interface(((first_byte << 24) + block + host, prefix))


# What tomllib can give as a value.
scalars: st.SearchStrategy[Any] = st.one_of(
    st.text(max_size=70),
    st.integers(-(2**80), 2**80),
    st.floats(),
    st.booleans(),
    st.just(dt.date(2026, 1, 2)),
)
toml_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
