"""`vestibule bench people`: who may sign in, by who looks after the appliance.

A PIN comes from the standard input, or is asked for twice: in an argument everybody on this machine
could read it.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from portal.bench.wall.people import People, Role, Unfit
from portal.bench.wall.pins import Weak

FILE: Final = Path("bench") / "people.json"
_LONGEST: Final = 100


def install(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401 - argparse hides its type
    """Add `people` to the `commands` of a parser; `common` has `--state` and `--json`."""
    people = commands.add_parser("people", help="who may sign in at the bench")
    verbs = people.add_subparsers(required=True, metavar="list|add|pin|remove")
    for name, run, words in (
        ("list", _list, "who may sign in"),
        ("add", _add, "let somebody sign in; the PIN comes from stdin or is asked for"),
        ("pin", _pin, "another PIN; it comes from stdin or is asked for"),
        ("remove", _remove, "let somebody sign in no more"),
    ):
        verb = verbs.add_parser(name, parents=[common], help=words)
        verb.set_defaults(run=_told(run))
        if name != "list":
            verb.add_argument("name", metavar="NAME")
        if name == "add":
            roles = [role.value for role in Role]
            verb.add_argument("--role", choices=roles, default=Role.TECHNICIAN.value)


def _told(run: Callable[[argparse.Namespace], None]) -> Callable[[argparse.Namespace], int]:
    """The command, with what it cannot do in words and as its status."""

    def told(arguments: argparse.Namespace) -> int:
        try:
            run(arguments)
        except (Unfit, Weak) as error:
            sys.stderr.write(f"{error}\n")
            return 1
        except OSError as error:
            sys.stderr.write(f"{error.filename}: {error.strerror}\n")
            return 1
        return 0

    return told


def _list(arguments: argparse.Namespace) -> None:
    people = _people(arguments).all()
    if arguments.json:
        sys.stdout.write(json.dumps([{"name": p.name, "role": p.role.value} for p in people]))
        sys.stdout.write("\n")
        return
    for person in people:
        sys.stdout.write(f"{person.name}\t{person.role}\n")


def _add(arguments: argparse.Namespace) -> None:
    _people(arguments).add(arguments.name, Role(arguments.role), _asked())


def _pin(arguments: argparse.Namespace) -> None:
    _people(arguments).change(arguments.name, _asked())


def _remove(arguments: argparse.Namespace) -> None:
    _people(arguments).remove(arguments.name)


def _people(arguments: argparse.Namespace) -> People:
    """The file, written as who owns the state directory: root's own the portal could not read."""
    state: Path = arguments.state
    if os.geteuid() == 0 and state.exists():
        owner = state.stat()
        os.setegid(owner.st_gid)
        os.seteuid(owner.st_uid)
    return People(state / FILE)


def _asked() -> str:
    """The PIN. Raises `Weak` where the two are not the same."""
    if not sys.stdin.isatty():
        return sys.stdin.readline(_LONGEST).strip()
    pin = getpass.getpass("PIN (six digits or more): ")
    if getpass.getpass("Once more: ") != pin:
        raise Weak("These are two different PINs.")
    return pin
