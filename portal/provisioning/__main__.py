"""The provisioning processes: `deliver`, and `records` for the operator.

argparse, because these start often and click would cost 3 MiB and 13 ms more each time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from hotspot.settings import DEFAULT_STATE, KEEP, Delivery, Invalid, Problem, parse
from portal.provisioning import lanes, listing
from portal.provisioning.backend import Backend, Lazy
from portal.provisioning.deliver import Busy, locked
from portal.provisioning.deliver import Delivery as Deliverer
from portal.provisioning.doorbell import Doorbell
from portal.provisioning.files import write_whole
from portal.provisioning.life import State
from portal.provisioning.record import to_json
from portal.provisioning.store import Entry, Store, Unwritable
from portal.systemd import inherited

DATABASE: Final = "records.db"
LOCK: Final = "deliver.lock"
_USAGE: Final = 2
# Attempts a second, unless the settings say otherwise.
_RATES: Final[Mapping[str, int]] = {"http": 5, "mqtt": 5}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0, 1 where it cannot be done, 2 for settings."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except Invalid as error:
        return _refuse(str(error), status=_USAGE)
    except (Unwritable, Busy) as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # `records list | head`: the reader has seen enough. Nothing more may be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}")


def _refuse(words: str, *, status: int = 1) -> int:
    _tell(words)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m portal.provisioning")
    state = argparse.ArgumentParser(add_help=False)
    state.add_argument("--state", type=Path, default=Path(DEFAULT_STATE), metavar="DIR")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    deliver = commands.add_parser("deliver", parents=[state], help="deliver what is pending")
    deliver.add_argument("--config", type=Path, metavar="FILE", help="default: all defaults")
    deliver.set_defaults(run=_deliver)
    records = commands.add_parser("records", help="what the form collected")
    verbs = records.add_subparsers(required=True, metavar="list|show|export")
    state.add_argument("--json", action="store_true", help="for programs")
    verbs.add_parser("list", parents=[state], help="one line each").set_defaults(run=_list)
    show = verbs.add_parser("show", parents=[state], help="one record's life")
    show.add_argument("id", metavar="ID")
    show.set_defaults(run=_show)
    export = verbs.add_parser(
        "export", parents=[state], help="all of them, for a program or a USB stick"
    )
    kind = export.add_mutually_exclusive_group()
    kind.add_argument("--csv", action="store_true", help="for spreadsheets")
    kind.add_argument("--jsonl", action="store_true", help="JSON Lines: the default")
    export.add_argument("--output", type=Path, metavar="FILE", help="instead of standard output")
    export.add_argument("--secrets", action="store_true", help="with passwords that are here")
    export.set_defaults(run=_export)
    return parser


def _deliver(arguments: argparse.Namespace) -> int:
    # What a crash leaves of this process would hold passwords.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    state: Path = arguments.state
    deliveries = _deliveries(arguments.config)
    backends = _backends(deliveries, state)
    gaps = {each.name: _gap(each) for each in deliveries}
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    bells = [bell for bell in inherited() if bell.type is socket.SOCK_DGRAM]
    store = Store(state / DATABASE, names=tuple(backends), log=_log)
    with locked(state / LOCK), store:

        def way_out() -> None:
            _log("there is a new way out of this machine: what waits is tried now")
            with suppress(Unwritable):  # then it waits on
                store.hasten(tuple(backends))

        with Doorbell(bells[0] if bells else None, way_out) as bell:
            lanes.run(
                [
                    Deliverer(
                        store,
                        {name: each},
                        random=_random,
                        log=_log,
                        others=None if number else tuple(backends),
                        gap=gaps[name],
                    )
                    for number, (name, each) in enumerate(backends.items())
                ],
                bell,
            )
    return 0


def _gap(delivery: Delivery) -> float:
    """Seconds between two attempts: what is on a network is not to be flooded after an outage."""
    rate = delivery.options.get("rate") or _RATES.get(delivery.backend)
    return 1 / rate if isinstance(rate, int | float) and rate > 0 else 0.0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _tell(text: str) -> None:
    # One write per line, so that lines of several processes do not mix.
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _random() -> float:
    # Not `random`: it loads OpenSSL through hashlib, 3 MiB of a process that mostly waits.
    return int.from_bytes(os.urandom(6), "big") / 2**48


def _log(line: str) -> None:
    _tell(listing.plain(line))


def _deliveries(config: Path | None) -> Sequence[Delivery]:
    if config is None:
        return (KEEP,)
    try:
        text = config.read_text("utf-8")
    except UnicodeDecodeError:
        problem = Problem(str(config), "(the file)", "not text", "TOML in UTF-8")
        raise Invalid((problem,)) from None
    return parse(text, file=str(config)).deliveries


def _backends(deliveries: Sequence[Delivery], state: Path) -> Mapping[str, Backend]:
    return {each.name: Lazy(each.backend, _own(each), str(state)) for each in deliveries}


def _own(delivery: Delivery) -> Mapping[str, object]:
    """The backend's own options: how fast it is asked, and sealing, are not its business."""
    ours = {"rate", "seal_to"}
    return {name: value for name, value in delivery.options.items() if name not in ours}


def _entries(store: Store, state: Path) -> Iterator[Entry]:
    """The kept records; to look is not to make a store."""
    if not (state / DATABASE).exists():
        return iter(())
    store.check()
    for each in store.incidents():
        _tell(listing.plain(f"{each.at}: {each}; it is told until you remove that file"))
    return store.records()


def _list(arguments: argparse.Namespace) -> int:
    with Store(arguments.state / DATABASE, log=_log) as store:
        entries = _entries(store, arguments.state)
        if arguments.json:
            _say(json.dumps([listing.entry(e.life, e.record) for e in entries], indent=2))
            return 0
        rows = [listing.row(each.life, each.record) for each in entries]
    _say("\n".join(listing.table(rows)) if rows else "no records yet")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with Store(arguments.state / DATABASE, log=_log) as store:
        entries = _entries(store, arguments.state)
        found = next((each for each in entries if each.life.id == arguments.id), None)
        steps = store.steps(arguments.id) if found else []
        turns = store.turns(arguments.id) if found else []
    if found is None:
        return _refuse(f"no record is called {arguments.id}: `vestibule records list` has them")
    if arguments.json:
        entry = listing.entry(found.life, found.record)
        entry |= {"turns": list(map(listing.told, turns)), "steps": list(map(listing.step, steps))}
        _say(json.dumps(entry, indent=2))
    else:
        _say("\n".join(listing.details(found.life, found.record, steps, turns)))
    return 0


def _export(arguments: argparse.Namespace) -> int:
    with Store(arguments.state / DATABASE, log=_log) as store:
        lines = _lines(_entries(store, arguments.state), secrets=arguments.secrets)
        if arguments.csv:
            # Here, because csv costs 1 MiB that delivery need not pay.
            from portal.provisioning.exporting import rows  # noqa: PLC0415 - see above

            lines = rows(list(map(json.loads, lines)))
        if arguments.output:
            write_whole(arguments.output, lines)
        else:
            sys.stdout.buffer.writelines(lines)
    return 0


def _lines(entries: Iterator[Entry], *, secrets: bool) -> Iterator[bytes]:
    for each in entries:
        if each.record is None:
            _tell(f"record {each.life.id} cannot be read and is left out")
        elif secrets:
            if each.life.join and each.life.state is State.HELD:
                _tell(f"record {each.life.id} has not connected: {listing.standing(each.life)}")
            yield to_json(each.record) + b"\n"
        else:
            join = {"join": listing.join(each.life.join)} if each.life.join else {}
            yield json.dumps({**listing.without_secrets(each.record), **join}).encode() + b"\n"


if __name__ == "__main__":
    sys.exit(main())
