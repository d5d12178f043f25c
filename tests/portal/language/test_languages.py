"""Which language a reader is met in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.language.languages import LANGUAGES, best, named, spoken


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("DE-ch", "de"),
        ("sv,fr;q=0.5", "fr"),
        ("en;q=0.2, ja ;q=0.9, *;q=0.1", "ja"),
        ("fr;q=0.5,it;q=0.50,es;q=0.501", "es"),
        ("fr;q=0,it;q=0.001", "it"),
        ("zh", "zh-Hans"),
        ("zh-CN,zh;q=0.9", "zh-Hans"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hans-TW", "zh-Hans"),
        ("ar-EG;q=1.0", "ar"),
        ("pt-BR", "pt"),
        ("nl-NL-x-custom", "nl"),
        ("*", "en"),
        ("sv", "en"),
        # Nothing that is not as RFC 9110 has it counts.
        ("de;q=2,pl", "pl"),
        ("de;q=0.5;q=1,pl;q=0.1", "pl"),
        ("de_DE,tr;q=0.1", "tr"),
        ("x" * 600 + ",de", "en"),
    ],
)
def test_accept_language(header: str, tag: str) -> None:
    """The best of ours by its weight; among equals the first."""
    assert spoken(header).tag == tag


@given(st.text(alphabet=st.sampled_from("abdehnst-;,=q01. *\t\xff"), max_size=700))
def test_any_header_has_a_language(header: str) -> None:
    """Nothing that a stranger sends is an error."""
    assert spoken(header) in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.tag)
def test_every_language_is_found_by_its_tag(language: object) -> None:
    """By a link and by a browser."""
    tag = getattr(language, "tag", "")

    assert named(tag) is language
    assert spoken(tag) is language


@pytest.mark.parametrize("tag", ["", "EN", "zh", "zh_Hans", "de-AT", "../de", "xx"])
def test_only_our_own_links_name_one(tag: str) -> None:
    """Anything else is not a choice."""
    assert named(tag) is None


@pytest.mark.parametrize(
    ("texts", "tag", "text"),
    [
        ({"": "Room", "de": "Raum"}, "de", "Raum"),
        ({"": "Room", "de": "Raum"}, "fr", "Room"),
        ({"en": "Room", "de": "Raum"}, "fr", "Room"),
        ({"de": "Raum"}, "fr", "Raum"),
        ({"": "Room", "zh": "房间"}, "zh-Hans", "房间"),
        ({"": "Room", "zh": "房间", "zh-Hant": "房間"}, "zh-Hant", "房間"),
        ({}, "fr", ""),
    ],
)
def test_an_operators_texts(texts: dict[str, str], tag: str, text: str) -> None:
    """The language's own, else the one for all, else English, else any."""
    language = named(tag)

    assert language is not None
    assert best(texts, language) == text
