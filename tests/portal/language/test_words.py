"""Words that can be said in any language."""

from __future__ import annotations

import json

import pytest

from portal.language.words import Words, said

GERMAN = {"At most %(most)s, please.": "Bitte höchstens %(most)s.", "a number": "eine Zahl"}


def translate(key: str) -> str:
    """A catalogue of two entries."""
    return GERMAN.get(key, key)


def test_words_are_english_text() -> None:
    """For a log, a test and JSON they are no more than that."""
    words = Words("At most %(most)s, please.", most=32)

    assert words == "At most 32, please."
    assert json.dumps(words) == '"At most 32, please."'


def test_words_are_said_in_another_language() -> None:
    """With the same values, those that are words among them."""
    words = Words("At most %(most)s, please.", most=Words("a number"))

    assert words.said(translate) == "Bitte höchstens eine Zahl."
    assert said(words, translate) == "Bitte höchstens eine Zahl."


def test_a_key_without_places_may_hold_anything() -> None:
    """100 % is no place."""
    assert Words("100 %").said(translate) == "100 %"


def test_a_place_without_a_value_is_a_mistake() -> None:
    """It is told where it is made."""
    with pytest.raises(KeyError):
        Words("At most %(most)s, please.", least=1)


@pytest.mark.parametrize("value", ["text", 7, None])
def test_what_is_no_words_stays(value: object) -> None:
    """A backend's own reason is nobody's to translate."""
    assert said(value, translate) is value
