"""`records`: what an operator asks of the store, and decides.

Law: to look is not to make a store. What cannot be undone says what is lost, and asks.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from hotspot.settings import DEFAULT_RUNTIME, DEFAULT_STATE
from portal.provisioning.delivery.doorbell import ring
from portal.provisioning.keeping import amending
from portal.provisioning.keeping.files import write_whole
from portal.provisioning.keeping.store import Entry, Store
from portal.provisioning.life import Moment, State
from portal.provisioning.record import to_json
from portal.provisioning.telling import listing

DATABASE: Final = "records.db"
_DOORBELL: Final = "deliver.sock"
# Bounds the time of one transaction, in which the portal waits.
_AT_ONCE: Final = 200
_MOST_SHOWN: Final = 20
Answer = TypeVar("Answer")


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
    retry = verbs.add_parser("retry", parents=[place], help="offer rejected ones once more")
    retry.set_defaults(run=_retry)
    forget = verbs.add_parser("forget", parents=[place], help="let go of rejected or failed ones")
    forget.add_argument("--yes", action="store_true", help="without a question")
    forget.set_defaults(run=_forget)
    for verb in (retry, forget):
        verb.add_argument("ids", nargs="*", metavar="ID")
        verb.add_argument("--rejected", action="store_true", help="all that were rejected")
        verb.add_argument("--delivery", default="", metavar="NAME", help="rejected by this one")


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


def say(text: str) -> None:
    """A line for whoever asked."""
    sys.stdout.write(f"{text}\n")


def tell(text: str) -> None:
    """A line for the log."""
    # One write per line, so that lines of several processes do not mix.
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def refuse(words: str, *, status: int = 1) -> int:
    """Say why something cannot be done; the exit status."""
    tell(words)
    return status


def log(line: str) -> None:
    """A line for the log, whatever is in it."""
    tell(listing.plain(line))


def _entries(store: Store, state: Path) -> Iterator[Entry]:
    """The kept records; to look is not to make a store."""
    if not (state / DATABASE).exists():
        return iter(())
    store.check()
    for each in store.incidents():
        tell(listing.plain(f"{each.at}: {each}; it is told until you remove that file"))
    return store.records()


def _list(arguments: argparse.Namespace) -> int:
    with Store(arguments.state / DATABASE, log=log) as store:
        entries = _entries(store, arguments.state)
        if arguments.json:
            say(json.dumps([listing.entry(e.life, e.record) for e in entries], indent=2))
            return 0
        rows = [listing.row(each.life, each.record) for each in entries]
    say("\n".join(listing.table(rows)) if rows else "no records yet")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with Store(arguments.state / DATABASE, log=log) as store:
        entries = _entries(store, arguments.state)
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
        lines = _lines(_entries(store, arguments.state), secrets=arguments.secrets)
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


def _meant(arguments: argparse.Namespace, store: Store) -> list[str]:
    """The records that a command is about: by their ids, or all that were rejected."""
    if not (arguments.state / DATABASE).exists():
        return []
    named = list(dict.fromkeys(arguments.ids))
    if not arguments.rejected and (named or not arguments.delivery):
        return named
    found = store.amend(lambda connection, _: amending.refused(connection, arguments.delivery))
    return [id_ for id_ in found if not named or id_ in named]


def _in_batches(
    store: Store, ids: Sequence[str], act: Callable[[sqlite3.Connection, str, Moment], Answer]
) -> dict[str, Answer]:
    """What `act` answers for each record, some of them a transaction."""
    answers: dict[str, Answer] = {}
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]

        def acted(
            connection: sqlite3.Connection, at: Moment, some: Sequence[str] = some
        ) -> dict[str, Answer]:
            return {id_: act(connection, id_, at) for id_ in some}

        answers |= store.amend(acted)
    return answers


def _is_vague(arguments: argparse.Namespace) -> bool:
    return not (arguments.ids or arguments.rejected or arguments.delivery)


_VAGUE: Final = "say which: ID..., --rejected, or --delivery NAME"


def _retry(arguments: argparse.Namespace) -> int:
    if _is_vague(arguments):
        return refuse(_VAGUE, status=2)
    name: str = arguments.delivery
    with Store(arguments.state / DATABASE, log=log) as store:
        done = _in_batches(
            store,
            _meant(arguments, store),
            lambda connection, id_, at: amending.retry(connection, id_, at, name),
        )
    offered = {id_: names for id_, names in done.items() if names}
    left = dict.fromkeys((i for i in arguments.ids if i not in offered), "nothing was rejected")
    # For the deliverer that runs, or for whoever holds the socket, who starts one.
    ring(arguments.runtime / _DOORBELL)
    if arguments.json:
        say(json.dumps({"retried": offered, "left": left}, indent=2))
    else:
        for id_, names in offered.items():
            say(f"{id_}: offered again to {', '.join(names)}")
    return _count("offered again", len(offered), left)


def _forget(arguments: argparse.Namespace) -> int:
    if _is_vague(arguments):
        return refuse(_VAGUE, status=2)
    with Store(arguments.state / DATABASE, log=log) as store:
        ids = _meant(arguments, store)
        meant = set(ids)
        entries = {e.life.id: e for e in _entries(store, arguments.state) if e.life.id in meant}
        if entries and not arguments.yes and not _agreed(entries.values()):
            return refuse("nothing was forgotten")
        answers = _in_batches(
            store, ids, lambda connection, id_, _: amending.forget(connection, id_)
        )
    left = {id_: why for id_, why in answers.items() if why is not None}
    left |= dict.fromkeys((i for i in arguments.ids if i not in meant), amending.UNKNOWN)
    gone = [id_ for id_ in ids if id_ not in left]
    for id_ in gone:
        log(f"record {id_}: forgotten on purpose: {listing.fate(entries[id_].life)}")
    if arguments.json:
        say(json.dumps({"forgotten": gone, "left": left}, indent=2))
    return _count("forgotten", len(gone), left)


def _count(what: str, many: int, left: dict[str, str]) -> int:
    """Tell how it went; the exit status."""
    for id_, why in left.items():
        log(f"record {id_}: {why}")
    tell(f"{many:,} {what}")
    return 1 if left else 0


def _agreed(entries: Iterable[Entry]) -> bool:
    """Whether a person agrees to lose these; nobody there to ask has not agreed."""
    rows = [listing.row(each.life, each.record) for each in entries]
    for line in listing.table(rows[:_MOST_SHOWN]):
        tell(line)
    if len(rows) > _MOST_SHOWN:
        tell(f"… and {len(rows) - _MOST_SHOWN:,} more")
    tell(f"The answers of these {len(rows):,} people are lost here for good; no backend asked for")
    tell("them again. `vestibule records export --secrets` keeps a copy elsewhere.")
    if not sys.stdin.isatty():
        tell("Nobody is there to ask: say --yes")
        return False
    sys.stderr.write("Forget them? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
