"""Words of ours that can be said in any language: the English text, and what it was made from.

Whoever knows what is wrong writes English; whoever knows the reader asks for it in theirs. As
text they are English, so a log, a test and the JSON API need nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Self


class Words(str):
    """`key` with `values` in its places, which are written `%(name)s` as gettext has them.

    The key is what the catalogues know it by. A key without values may hold any `%`.
    """

    __slots__ = ("key", "values")

    key: str
    values: Mapping[str, object]

    def __new__(cls, key: str, **values: object) -> Self:
        """Raises KeyError where a place of `key` has no value."""
        words = super().__new__(cls, key % values if values else key)
        words.key = key
        words.values = MappingProxyType(values)
        return words

    def said(self, translate: Callable[[str], str]) -> str:
        """The same in the language of `translate`, which takes a key; values that are words too
        are said in it as well.
        """
        text = translate(self.key)
        if not self.values:
            return text
        return text % {name: said(value, translate) for name, value in self.values.items()}


def said(value: object, translate: Callable[[str], str]) -> object:
    """`value` in the language of `translate` where it is `Words`, else as it is."""
    return value.said(translate) if isinstance(value, Words) else value
