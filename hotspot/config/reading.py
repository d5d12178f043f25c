"""Reading a TOML document by a table of readers, gathering every problem on the way.

Knows nothing of what the settings are. Its law: no text a person typed under a secret's name,
or under a name we do not know, ever reaches a `Problem`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hotspot.config.values import NotAllowed, one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Keys = Mapping[str, Callable[[object], Any]]

# Where a person may have written a secret, rightly or not.
_SECRETS: Final = frozenset({"passphrase", "token", "hmac", "password", "key", "url"})
_SHOWN: Final = 60
# Past this Python refuses to write a number out (sys.set_int_max_str_digits).
_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a settings file: `key` is dotted, `found` fit to be shown."""

    file: str
    key: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key} = {self.found}: {self.allowed}"


class Invalid(Exception):  # noqa: N818 - named for what the file is
    """The settings cannot be used; `problems` holds every reason."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Reading:
    """One pass over a document. `sections` are the keys known in each table of the file."""

    def __init__(self, file: str, sections: Mapping[str, Keys]) -> None:
        self._file = file
        self._sections = sections
        self._problems: list[Problem] = []

    def section(self, document: Mapping[str, Any], name: str) -> dict[str, Any]:
        """The values of one table, by key; those refused or left out are missing."""
        table = document.get(name, {})
        if not isinstance(table, dict):
            self.refuse(name, shape(table), f"a table: write [{name}] and its keys below")
            return {}
        return self.table(name, table, self._sections[name])

    def table(self, name: str, table: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
        """The values of a table called `name` whose keys are `keys`."""
        self.unknown(name, table, keys)
        found = {}
        for key in filter(table.__contains__, keys):
            try:
                found[key] = keys[key](table[key])
            except NotAllowed as error:
                self.refuse(f"{name}.{key}", shown(key, table[key]), str(error))
        return found

    def unknown(self, name: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
        """Refuse the keys of a table that are not among the known ones."""
        for key in table:
            if key not in known:
                advice = self._advice(name, key, sorted(known))
                self.refuse(_dotted(name, key), shape(table[key]), f"unknown key; {advice}")

    def refuse(self, key: str, found: str, allowed: str) -> None:
        """Note one problem."""
        self._problems.append(Problem(self._file, on_one_line(key), found, printable(allowed)))

    def raise_problems(self) -> None:
        """Raise `Invalid` if there was any problem so far."""
        if self._problems:
            raise Invalid(tuple(self._problems))

    def _advice(self, name: str, key: str, known: list[str]) -> str:
        # Imported here: most files have no unknown key, and every process reads the file.
        from difflib import get_close_matches  # noqa: PLC0415 - see above

        near = [_dotted(name, match) for match in get_close_matches(key, known, n=1)]
        elsewhere = [f"{other}.{key}" for other, keys in self._sections.items() if key in keys]
        found = near or elsewhere
        return f"did you mean {found[0]}?" if found else one_of(known)


def _dotted(name: str, key: str) -> str:
    return f"{name}.{key}" if name else key


def shown(key: str, value: object) -> str:
    """A known key's value as a person may see it: short, on one line, and never a secret."""
    if key in _SECRETS:
        return f"(hidden, {len(value)} characters)" if isinstance(value, str) else "(hidden)"
    if isinstance(value, str):
        return f'"{on_one_line(value)}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() <= _BITS:
        return str(value)
    return shape(value)


def shape(value: object) -> str:
    """What kind of value stands there, without saying it."""
    if isinstance(value, str):
        return f"(text of {len(value)} characters)"
    kinds = (
        (bool, "a truth value"),
        (int | float, "a number"),
        (dict, "a table"),
        (list, "a list"),
    )
    return f"({next((name for kind, name in kinds if isinstance(value, kind)), 'a date or time')})"


def on_one_line(text: str) -> str:
    """Printable, and at most 60 characters."""
    line = printable(text[: _SHOWN + 1])
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def printable(text: str) -> str:
    """With what a terminal would act on written as escapes."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
