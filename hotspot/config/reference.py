"""Every setting with its words, its default and what is allowed: put together from where each is.

The words from `words`, the defaults from the dataclasses, and what is allowed from the readers
themselves: each says it when it refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hotspot.config import fields, options, showing, words, writing
from hotspot.config.values import NotAllowed, one_of
from hotspot.settings import SECTIONS, Radio, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# No reader takes it, and each says then what it would take.
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table: what it is for, what is `allowed`, and its `default` as the file would
    have it or in words; "" where it must be given.
    """

    table: str
    name: str
    words: str
    allowed: str
    default: str = ""
    more: str = ""

    @property
    def required(self) -> bool:
        """Whether the file must have it."""
        return not self.default

    @property
    def is_value(self) -> bool:
        """Whether the default is a value, not words about one."""
        return re.fullmatch(r'"[^"]*"|true|false|[0-9]+', self.default) is not None


def tables() -> Iterator[tuple[str, str, tuple[Key, ...]]]:
    """Each table: its name, what it is for, its keys."""
    defaults = showing.show(Settings(radio=Radio(country="")))
    for section, readers in SECTIONS.items():
        known = tuple(_key(section, name, read, defaults) for name, read in readers.items())
        yield section, words.TABLES[section], known
    asked = "provisioning.fields.NAME"
    yield asked, words.TABLES[asked], tuple(_field(asked))
    given = "delivery.NAME"
    yield given, words.TABLES[given], tuple(_delivery(given))


def _key(section: str, name: str, read: Callable[[object], Any], defaults: _Shown) -> Key:
    dotted, value = f"{section}.{name}", defaults[section].get(name)
    # The one key that must be there has no default, and so "" in an empty file's place.
    left_out = "" if value == "" else words.LEFT_OUT.get(dotted, "none")
    return Key(
        table=section,
        name=name,
        words=words.KEYS[dotted],
        allowed=_allowed(read),
        default=left_out if value in (None, "") else writing.literal(value),
        more=words.MORE.get(dotted, ""),
    )


def _field(table: str) -> Iterator[Key]:
    defaults = {"kind": '"text"', "label": "NAME", "required": "false"}
    for name, read in fields.KEYS.items():
        default = defaults.get(name, "none")
        yield Key(table, name, words.FIELD[name], _allowed(read), default)


def _delivery(table: str) -> Iterator[Key]:
    backends = f"{one_of(options.BACKENDS)}, or plugin:NAME"
    yield Key(table, "backend", words.DELIVERY["backend"], backends)
    for name in dict.fromkeys(name for keys in options.BACKENDS.values() for name in keys):
        takers = [backend for backend, keys in options.BACKENDS.items() if name in keys]
        needed = [backend for backend in takers if options.REQUIRED.get(backend) == name]
        default = "" if needed else words.DELIVERY_LEFT_OUT.get(name, "none")
        of = f" ({' '.join(takers)})" if len(takers) < len(options.BACKENDS) else ""
        yield Key(table, name, f"{words.DELIVERY[name]}{of}", _each_allows(name, takers), default)


def _each_allows(name: str, takers: Sequence[str]) -> str:
    """What is allowed, by backend where they differ."""
    said: dict[str, list[str]] = {}
    for backend in takers:
        said.setdefault(_allowed(options.BACKENDS[backend][name]), []).append(backend)
    if len(said) == 1:
        return next(iter(said))
    return ", ".join(f"{allowed} ({' '.join(of)})" for allowed, of in said.items())


def _allowed(read: Callable[[object], Any]) -> str:
    try:
        read(_NOTHING)
    except NotAllowed as allowed:
        return str(allowed)
    raise AssertionError("a reader that takes anything")


if TYPE_CHECKING:
    _Shown = Mapping[str, Mapping[str, Any]]
