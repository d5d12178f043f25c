"""Who may work at the bench: a file of names, roles and what is kept of PINs, 0600.

It is read at each sign-in, so that a person added or removed by command counts at once.
"""

from __future__ import annotations

import fcntl
import json
import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from portal.bench.wall import pins
from portal.provisioning.keeping.files import make_directory, write_whole

LONGEST_NAME: Final = 40
MOST: Final = 200


class Role(StrEnum):
    """What a person may do: a lead also lets in what is not signed, and looks after people."""

    TECHNICIAN = "technician"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in; `pin` is what `pins.kept` gives."""

    name: str
    role: Role
    pin: str = field(repr=False)


class Unfit(Exception):  # noqa: N818 - named for what the name, or the file, is
    """Somebody cannot be added or removed, or the file cannot be read; the text says why."""


def named(text: str) -> str:
    """A name as it is kept: composed, one blank between words. Raises `Unfit`."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Unfit(f"A name has 1 to {LONGEST_NAME} letters.")
    return name


class People:
    """The file at `path`; it may not be there yet. `random(n)` gives n bytes."""

    def __init__(self, path: Path, random: Callable[[int], bytes] = os.urandom) -> None:
        self._path = path
        self._random = random

    def all(self) -> tuple[Person, ...]:
        """Everybody, in the order in which they came. Raises `Unfit`, OSError."""
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        try:
            return tuple(map(_person, json.loads(text)["people"]))
        except (ValueError, KeyError, TypeError) as error:
            raise Unfit(f"{self._path} is damaged") from error

    def find(self, name: str) -> Person | None:
        """Who is called so, large or small letters alike. Raises `Unfit`, OSError."""
        try:
            wanted = named(name).casefold()
        except Unfit:
            return None
        return next((each for each in self.all() if each.name.casefold() == wanted), None)

    def add(self, name: str, role: Role, pin: str) -> Person:
        """Let somebody sign in. Raises `Unfit` where the name is taken, `pins.Weak`, OSError."""
        person = Person(named(name), role, self._kept(pin))
        with self._changing() as people:
            if person.name.casefold() in people:
                raise Unfit(f"There is somebody called {person.name} already.")
            if len(people) >= MOST:
                raise Unfit(f"There are {MOST} people already.")
            people[person.name.casefold()] = person
        return person

    def change(self, name: str, pin: str) -> None:
        """Give somebody another PIN. Raises `Unfit`, `pins.Weak`, OSError."""
        kept = self._kept(pin)
        with self._changing() as people:
            old = _known(people, name)
            people[old.name.casefold()] = Person(old.name, old.role, kept)

    def remove(self, name: str) -> None:
        """Let somebody sign in no more; never the last lead. Raises `Unfit`, OSError."""
        with self._changing() as people:
            gone = people.pop(_known(people, name).name.casefold())
            if gone.role is Role.LEAD and all(p.role is not Role.LEAD for p in people.values()):
                raise Unfit("The last lead stays: nobody else could look after the people here.")

    def _kept(self, pin: str) -> str:
        return pins.kept(pins.checked(pin), self._random(pins.SALT_BYTES))

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Person]]:
        """Everybody by name, to be changed; nobody else changes them meanwhile."""
        make_directory(self._path.parent)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            people = {person.name.casefold(): person for person in self.all()}
            yield people
            rows = [
                {"name": each.name, "role": each.role.value, "pin": each.pin}
                for each in people.values()
            ]
            text = json.dumps({"people": rows}, ensure_ascii=False, indent=1)
            write_whole(self._path, [text.encode(), b"\n"])
        finally:
            os.close(folder)


def _known(people: Mapping[str, Person], name: str) -> Person:
    found = people.get(named(name).casefold())
    if found is None:
        raise Unfit("There is nobody of that name here.")
    return found


def _person(row: Mapping[str, object]) -> Person:
    pin = str(row["pin"])
    if not pins.is_kept(pin):
        raise ValueError
    return Person(named(str(row["name"])), Role(str(row["role"])), pin)
