"""A settings file with every key in it, explained: all that can be set, nothing that must be.

What is a default stands in a comment, so that a later version's better default still comes through.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from hotspot.config import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotspot.config.reference import Key

_WIDTH: Final = 98
_HEAD: Final = """\
# Vestibule's settings: /etc/vestibule/config.toml. Only radio.country must be there.
# What is commented out is the default, or what may be said in its place.
# `vestibule config check FILE` says whether a file can be used, vestibule.toml(5) says more.
"""


def render(country: str = "DE") -> str:
    """The text of such a file, for `country`; it can be used as it stands."""
    return "\n".join([_HEAD, *(_table(*table, country) for table in reference.tables())])


def _table(name: str, purpose: str, keys: Sequence[Key], country: str) -> str:
    is_own = "NAME" not in name
    lines = [*_comment(purpose), f"[{name}]" if is_own else f"# [{name}]"]
    for key in keys:
        lines += _comment(f"{key.words} {_sentence(key)}")
        if key.required and is_own:
            lines.append(f'{key.name} = "{country}"')
        else:
            lines.append(f"# {key.name} = {_shown(key)}")
    return "\n".join([*lines, ""])


def _sentence(key: Key) -> str:
    return f"Allowed: {key.allowed.removesuffix('.')}."


def _shown(key: Key) -> str:
    if key.is_value:
        return key.default
    return f"…  # left out: {key.default}" if key.default else "…  # required"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ")
