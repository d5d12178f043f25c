"""`records`: what an operator asks of the store.

Law: to look is not to make a store. What changes one is `deciding`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hotspot.settings import DEFAULT_RUNTIME, DEFAULT_STATE
from portal.provisioning.keeping.files import write_whole
from portal.provisioning.keeping.store import Entry, Store
from portal.provisioning.life import State
from portal.provisioning.record import to_json
from portal.provisioning.telling import deciding, listing
from portal.provisioning.telling.saying import DATABASE, kept, log, refuse, say, tell


def add(commands: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add `records` and its verbs to a parser's commands."""
    records = commands.add_parser("records", help="what the form collected")
    verbs = records.add_subparsers(required=True, metavar="VERB")
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument("--state", type=Path, default=Path(DEFAULT_STATE), metavar="DIR")
    place.add_argument("--runtime", type=Path, default=Path(DEFAULT_RUNTIME), metavar="DIR")
    place.add_argument("--json", action="store_true", help="for programs")
    verbs.add_parser("list", parents=[place], help="one line each").set_defaults(run=_list)
    show = verbs.add_parser("show", parents=[place], help="one record's life")
    show.add_argument("id", metavar="ID")
    show.set_defaults(run=_show)
    _add_export(verbs, place)
    deciding.add(verbs, place)


def _add_export(verbs: Any, place: argparse.ArgumentParser) -> None:  # noqa: ANN401 - see `add`
    export = verbs.add_parser(
        "export", parents=[place], help="all of them, for a program or a USB stick"
    )
    kind = export.add_mutually_exclusive_group()
    kind.add_argument("--csv", action="store_true", help="for spreadsheets")
    kind.add_argument("--jsonl", action="store_true", help="JSON Lines: the default")
    export.add_argument("--output", type=Path, metavar="FILE", help="instead of standard output")
    export.add_argument("--secrets", action="store_true", help="with passwords that are here")
    export.set_defaults(run=_export)


def _list(arguments: argparse.Namespace) -> int:
    with Store(arguments.state / DATABASE, log=log) as store:
        entries = kept(store, arguments.state)
        if arguments.json:
            say(json.dumps([listing.entry(e.life, e.record) for e in entries], indent=2))
            return 0
        rows = [listing.row(each.life, each.record) for each in entries]
    say("\n".join(listing.table(rows)) if rows else "no records yet")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with Store(arguments.state / DATABASE, log=log) as store:
        entries = kept(store, arguments.state)
        found = next((each for each in entries if each.life.id == arguments.id), None)
        if found is None:
            return refuse(_unknown(arguments.id))
        steps, turns = store.steps(arguments.id), store.turns(arguments.id)
        dating = store.dating()
    if arguments.json:
        entry = listing.entry(found.life, found.record)
        entry["turns"] = [listing.told(each, dating) for each in turns]
        entry["steps"] = [listing.step(each, dating) for each in steps]
        say(json.dumps(entry, indent=2))
    else:
        say("\n".join(listing.details(found.life, found.record, steps, turns, dating)))
    return 0


def _unknown(id_: str) -> str:
    return f"no record is called {listing.plain(id_)}: `vestibule records list` has them"


def _export(arguments: argparse.Namespace) -> int:
    with Store(arguments.state / DATABASE, log=log) as store:
        lines = _lines(kept(store, arguments.state), secrets=arguments.secrets)
        if arguments.csv:
            # Here, because csv costs 1 MiB that delivery need not pay.
            from portal.provisioning.telling.exporting import rows  # noqa: PLC0415 - see above

            lines = rows(list(map(json.loads, lines)))
        if arguments.output:
            write_whole(arguments.output, lines)
        else:
            sys.stdout.buffer.writelines(lines)
    return 0


def _lines(entries: Iterator[Entry], *, secrets: bool) -> Iterator[bytes]:
    for each in entries:
        if each.record is None:
            tell(f"record {each.life.id} cannot be read and is left out")
        elif secrets:
            if each.life.join and each.life.state is State.HELD:
                tell(f"record {each.life.id} has not connected: {listing.standing(each.life)}")
            yield to_json(each.record) + b"\n"
        else:
            join = {"join": listing.join(each.life.join)} if each.life.join else {}
            yield json.dumps({**listing.without_secrets(each.record), **join}).encode() + b"\n"
