"""The languages of the page, and which of them a reader is met in.

A browser says what its person reads in Accept-Language (RFC 9110 12.5.4), by tags of RFC 5646;
what a person has chosen by hand comes before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Language:
    """One language: `tag` as in HTML, `name` as its own speakers write it."""

    tag: str
    name: str
    rtl: bool = False

    @property
    def locale(self) -> str:
        """What its catalogue is called."""
        return self.tag.replace("-", "_")


# The first is what the words are written in, and what is spoken where nothing fits.
LANGUAGES: Final = (
    Language("en", "English"),
    Language("de", "Deutsch"),
    Language("fr", "Français"),
    Language("es", "Español"),
    Language("it", "Italiano"),
    Language("pt", "Português"),
    Language("nl", "Nederlands"),
    Language("pl", "Polski"),
    Language("tr", "Türkçe"),
    Language("ja", "日本語"),
    Language("ko", "한국어"),
    Language("zh-Hans", "简体中文"),
    Language("zh-Hant", "繁體中文"),
    Language("ar", "العربية", rtl=True),
)
ENGLISH: Final = LANGUAGES[0]
_BY_TAG: Final = {language.tag.lower(): language for language in LANGUAGES}
# Chinese by country, as phones say it; the script of RFC 5646 says it too, and comes first.
_BY_TAG.update(
    (tag, _BY_TAG[known])
    for known, tags in {
        "zh-hans": ("zh", "zh-cn", "zh-sg", "zh-my"),
        "zh-hant": ("zh-tw", "zh-hk", "zh-mo"),
    }.items()
    for tag in tags
)

# Longer than any browser's own; what is beyond it is not read.
_LONGEST: Final = 512
_RANGE: Final = re.compile(
    r"([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)(?:[ \t]*;[ \t]*q=([01](?:\.[0-9]{0,3})?))?", re.IGNORECASE
)


def named(tag: str) -> Language | None:
    """The language with exactly this tag, as our own links have it, or None."""
    language = _BY_TAG.get(tag.lower())
    return language if language is not None and language.tag == tag else None


@lru_cache(maxsize=64)
def spoken(header: str) -> Language:
    """The first of ours in what Accept-Language asks for, best first; English where none fits."""
    for tag in _wanted(header[:_LONGEST]):
        language = _lookup(tag)
        if language is not None:
            return language
    return ENGLISH


def _wanted(header: str) -> Iterator[str]:
    """The language ranges, best first; among equals the order they stand in."""
    found: list[tuple[float, str]] = []
    for part in header.split(","):
        match = _RANGE.fullmatch(part.strip(" \t"))
        if match is not None:
            found.append((min(float(match[2] or 1), 1.0), match[1].lower()))
    found.sort(key=lambda each: -each[0])
    return (tag for quality, tag in found if quality)


def _lookup(tag: str) -> Language | None:
    """RFC 4647 3.4: the tag itself, then with less and less at its end."""
    while tag:
        if tag in _BY_TAG:
            return _BY_TAG[tag]
        tag = tag.rpartition("-")[0]
    return None


def best(texts: Mapping[str, str], language: Language) -> str:
    """Of an operator's texts by tag that which suits: the language's own, else "" or English.

    Where there is neither, the first one: better a foreign word than none.
    """
    for tag in (language.tag, language.tag.partition("-")[0], "", ENGLISH.tag):
        if tag in texts:
            return texts[tag]
    return next(iter(texts.values()), "")
