"""Whether a backend keeps the protocol: for those who write one.

    python -m portal.provisioning.conformance MODULE:FACTORY [--options JSON]
        [--effects MODULE:FUNCTION]

Law: a check hands the backend records and looks at its answers. The effects it cannot see are
told by `effects`, a function from a record's id to how many times the backend took it.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from hotspot.settings import Secret
from portal.provisioning.backend import Backend, Delivered, Factory, Misconfigured, Rejected
from portal.provisioning.record import Record

CANARY: Final = "canary-7f3a9c"
PATIENCE: Final = 60.0
# As a form lets them through: names of networks without an encoding, and texts of every kind.
_AWKWARD: Final[Sequence[tuple[bytes, Mapping[str, str]]]] = (
    (b"\xff\xfe\x00\r\n", {}),
    (b"caf\xc3\xa9", {"r\u00e4um \u0022'": "\u0000\r\n\t\u2028 \U0001f4e1 =1+1 ${HOME} `id`"}),
    (b"x" * 32, {f"f{n}": "y" * 4_000 for n in range(15)}),
    (b"many", {f"field {n}": "" for n in range(64)}),
)
Effects: TypeAlias = Callable[[str], int]


class Broken(Exception):  # noqa: N818 - named for what the promise is
    """The backend does not do what its protocol asks; the text says what it did."""


@dataclass(frozen=True)
class Bench:
    """A backend to be looked at: how it is made, and what is known of its effects."""

    factory: Factory
    options: Mapping[str, Any]
    state: str
    effects: Effects | None = None
    patience: float = PATIENCE

    def made(self) -> Backend:
        """A new one, as a new process has it."""
        return self.factory(self.options, self.state)

    def once(self, record: Record) -> None:
        """Fail where the record was taken more or less than once."""
        count = self.effects(record.id) if self.effects else 1
        if count != 1:
            raise Broken(f"it took the record {count} times")


def a_record(**fields: str) -> Record:
    """A new record with a secret in it."""
    return Record.new(
        ssid=b"conformance", passphrase=Secret(CANARY), fields=fields, now=datetime.now(UTC),
        random=os.urandom,
    )  # fmt: skip


def is_a_backend(bench: Bench) -> None:
    """The factory takes options and a state directory and makes something with `apply`."""
    made: object = bench.made()
    if not isinstance(made, Backend):
        raise Broken(f"it made a {type(made).__name__}, which has no `apply`")


def delivers(bench: Bench) -> None:
    """A plain record is delivered."""
    record = a_record(room="cellar")
    _deliver(bench.made(), record)
    bench.once(record)


def delivers_twice_in_one_process(bench: Bench) -> None:
    """The same record again is delivered, and has no second effect."""
    made, record = bench.made(), a_record()
    _deliver(made, record)
    _deliver(made, record)
    bench.once(record)


def delivers_twice_in_two(bench: Bench) -> None:
    """So it is after a crash: a new process knows nothing, and still there is one effect."""
    record = a_record()
    _deliver(bench.made(), record)
    _deliver(bench.made(), record)
    bench.once(record)


def delivers_in_a_thread(bench: Bench) -> None:
    """It works outside the main thread, where it runs when there are several deliveries."""
    failures: list[BaseException] = []

    def work() -> None:
        try:
            _deliver(bench.made(), a_record())
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failures:
        raise Broken(f"{type(failures[0]).__name__}: {failures[0]}")


def answers_to_any_record(bench: Bench) -> None:
    """Whatever a person can enter, the answer is delivered or rejected, never an exception."""
    made = bench.made()
    for ssid, fields in _AWKWARD:
        now = datetime.now(UTC)
        record = Record.new(
            ssid=ssid, passphrase=Secret(""), fields=fields, now=now, random=os.urandom
        )
        outcome: object = made.apply(record)
        if not isinstance(outcome, Delivered | Rejected):
            raise Broken(f"its answer is {outcome!r}")


def keeps_secrets(bench: Bench) -> None:
    """What it prints holds no secret, nor does the reason of a refusal."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        outcome = bench.made().apply(a_record(pin="1234"))
    why = "" if isinstance(outcome, Delivered) else outcome.why
    if CANARY in said.getvalue() + why:
        raise Broken("it tells the password")


def is_in_time(bench: Bench) -> None:
    """An answer comes in bounded time."""
    begun = time.monotonic()
    bench.made().apply(a_record())
    took = time.monotonic() - begun
    if took > bench.patience:
        raise Broken(f"it took {took:.0f} s")


CHECKS: Final[Sequence[Callable[[Bench], None]]] = (
    is_a_backend,
    delivers,
    delivers_twice_in_one_process,
    delivers_twice_in_two,
    delivers_in_a_thread,
    answers_to_any_record,
    keeps_secrets,
    is_in_time,
)


def _deliver(made: Backend, record: Record) -> None:
    outcome: object = made.apply(record)
    if not isinstance(outcome, Delivered):
        raise Broken(f"its answer is {outcome!r}")


def examine(bench: Bench) -> Iterator[tuple[str, str | None]]:
    """Each promise in words, with what was done instead, or None where it is kept."""
    for check in CHECKS:
        problem = None
        try:
            check(bench)
        except (Broken, Misconfigured) as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - whatever a stranger's code raises is a finding
            problem = f"{type(error).__name__}: {error}"
        yield (check.__doc__ or "").strip(), problem


def main(argv: Sequence[str] | None = None) -> int:
    """Examine a backend; 0 where it keeps every promise, 1 where not."""
    parser = argparse.ArgumentParser(prog="python -m portal.provisioning.conformance")
    parser.add_argument("factory", type=_named, metavar="MODULE:FACTORY")
    parser.add_argument("--options", type=json.loads, default={}, metavar="JSON")
    parser.add_argument("--effects", type=_named, metavar="MODULE:FUNCTION")
    arguments = parser.parse_args(argv)
    failed = 0
    with tempfile.TemporaryDirectory() as state:
        bench = Bench(arguments.factory, arguments.options, state, arguments.effects)
        for promise, problem in examine(bench):
            failed += problem is not None
            sys.stdout.write(
                f"FAILED {promise}\n       {problem}\n" if problem else f"ok     {promise}\n"
            )
    return 1 if failed else 0


def _named(text: str) -> Any:  # noqa: ANN401 - whatever stands there
    module, _, name = text.partition(":")
    return getattr(importlib.import_module(module), name)


if __name__ == "__main__":
    sys.exit(main())
