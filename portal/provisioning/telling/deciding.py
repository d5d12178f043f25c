"""`records retry` and `records forget`: what an operator decides.

Law: what cannot be undone says what is lost, and asks.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from portal.provisioning.delivery.doorbell import ring
from portal.provisioning.keeping import amending
from portal.provisioning.keeping.store import Entry, Store
from portal.provisioning.life import Moment
from portal.provisioning.telling import listing
from portal.provisioning.telling.saying import DATABASE, kept, log, refuse, say, tell

_DOORBELL: Final = "deliver.sock"
# Bounds the time of one transaction, in which the portal waits.
_AT_ONCE: Final = 200
_MOST_SHOWN: Final = 20
Answer = TypeVar("Answer")


def add(verbs: Any, place: argparse.ArgumentParser) -> None:  # noqa: ANN401 - see `records.add`
    """Add both to the verbs of `records`."""
    retry = verbs.add_parser("retry", parents=[place], help="offer rejected ones once more")
    retry.set_defaults(run=_retry)
    forget = verbs.add_parser("forget", parents=[place], help="let go of rejected or failed ones")
    forget.add_argument("--yes", action="store_true", help="without a question")
    forget.set_defaults(run=_forget)
    for verb in (retry, forget):
        verb.add_argument("ids", nargs="*", metavar="ID")
        verb.add_argument("--rejected", action="store_true", help="all that were rejected")
        verb.add_argument("--delivery", default="", metavar="NAME", help="rejected by this one")


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
        entries = {e.life.id: e for e in kept(store, arguments.state) if e.life.id in meant}
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
