"""What stands in for the world in the tests of provisioning: clock, bell, backend."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from hotspot.settings import Secret
from portal.provisioning.backend import Delivered, Outcome
from portal.provisioning.life import Moment
from portal.provisioning.record import Record

START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PASSPHRASE = Secret("correct horse battery")


def octets(seed: int = 1) -> Callable[[int], bytes]:
    """A repeatable source of bytes, different at each call."""
    numbers = itertools.count(seed)
    return lambda n: next(numbers).to_bytes(n, "big")


RANDOM = octets()


def a_record(
    *,
    ssid: bytes = b"home",
    passphrase: str = PASSPHRASE,
    fields: Mapping[str, str] | None = None,
    now: datetime = START,
) -> Record:
    """A record, a new one each time."""
    return Record.new(
        ssid=ssid, passphrase=Secret(passphrase), fields=fields or {}, now=now, random=RANDOM
    )


class FakeClock:
    """Moments on request; `pass_` lets time pass, `reboot` begins another boot."""

    def __init__(self) -> None:
        self.wall = START
        self.monotonic = 100.0
        self.boots = 1
        self.is_set = True

    def __call__(self) -> Moment:
        return Moment(self.wall, self.monotonic, f"boot-{self.boots}", self.is_set)

    def pass_(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.monotonic += seconds

    def reboot(self, wall: datetime | None = None) -> None:
        self.boots += 1
        self.monotonic = 5.0
        self.wall = wall or self.wall


class FakeBell:
    """A bell whose waits let the fake clock pass; `most` waits, then it says stop."""

    def __init__(self, clock: FakeClock, most: int = 1_000) -> None:
        self._clock = clock
        self._most = most
        self.waits: list[float] = []
        self.stopping = False

    def hush(self) -> bool:
        """Nobody rings."""
        return False

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._clock.pass_(seconds)
        self.stopping = len(self.waits) >= self._most


class FakeBackend:
    """Answers from `answers`, then `Delivered`; an exception among them is raised.

    `effects`: what it holds by idempotency key; `calls`: the ids in the order they came.
    """

    def __init__(self, *answers: Outcome | BaseException | object) -> None:
        self._answers: Iterator[object] = iter(answers)
        self.calls: list[str] = []
        self.effects: dict[str, Record] = {}

    def apply(self, record: Record) -> Outcome:
        self.calls.append(record.id)
        answer = next(self._answers, Delivered())
        if isinstance(answer, Delivered):
            self.effects.setdefault(record.id, record)
        if isinstance(answer, BaseException):
            raise answer
        return answer  # type: ignore[return-value] # a backend may answer nonsense
