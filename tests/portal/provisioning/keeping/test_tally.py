"""How many records there are: the same as reading each one's life, in three questions."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotspot.settings import Secret
from portal.metrics.attempts import Attempts
from portal.provisioning.join import Phase, Turn
from portal.provisioning.keeping.database import Unwritable
from portal.provisioning.keeping.store import Store
from portal.provisioning.keeping.tally import Counting, Tally
from portal.provisioning.life import Event, State
from portal.provisioning.record import Record
from portal.provisioning.telling import glance


def record() -> Record:
    """Another set-up."""
    return Record.new(
        ssid=b"Home",
        passphrase=Secret("correct horse"),
        fields={},
        now=datetime.now(UTC),
        random=os.urandom,
    )


def attempt(store: Store, name: str, event: Event) -> None:
    """One attempt at what is due under a name, with this end."""
    task = store.due([name])
    assert task
    assert store.happen(task, Event.BEGUN)
    delay = 60.0 if event is Event.DEFERRED else None
    assert store.happen(task, event, reason="because", delay=delay)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a record in each of many states."""
    path = tmp_path / "records.db"
    with Store(path) as store:
        for event in (Event.DELIVERED, Event.DEFERRED, Event.REJECTED):
            store.accept(record(), ["one"])
            attempt(store, "one", event)
        # Of two deliveries the worse one is the record's.
        store.accept(record(), ["two", "three"])
        attempt(store, "two", Event.DELIVERED)
        held = [record() for _ in range(3)]
        for each in held:
            store.accept(each, ["one"], joins=True)
        store.turn(held[0].id, Turn.BEGUN)
        store.turn(held[1].id, Turn.BEGUN)
        store.turn(held[1].id, Turn.FAILED, outcome="wrong_password")
    return path


def test_as_reading_each_life(path: Path) -> None:
    """By record, by join, by delivery."""
    found = Counting(path)()
    with Store(path) as store:
        lives = [entry.life for entry in store.records()]
    assert found.states == Counter(life.state for life in lives)
    assert found.joins == {Phase.TRYING: 1, Phase.FAILED: 1, Phase.WAITING: 1}
    assert found.states[State.HELD] == 3
    assert found.deliveries == {
        ("one", State.DELIVERED): 1,
        ("one", State.WAITING): 1,
        ("one", State.REJECTED): 1,
        ("two", State.DELIVERED): 1,
        ("three", State.ACCEPTED): 1,
    }
    assert found.incidents == ()


def test_to_look_is_not_to_make(tmp_path: Path) -> None:
    """Where there is no store there are no records, and still no store."""
    assert Counting(tmp_path / "records.db")() == Tally()
    assert not [*tmp_path.iterdir()]


def test_a_file_that_is_none(tmp_path: Path) -> None:
    """Is not counted, and left as it is."""
    path = tmp_path / "records.db"
    path.write_bytes(b"not a database, for certain" * 200)
    with pytest.raises(Unwritable, match="damaged"):
        Counting(path)()
    assert path.read_bytes().startswith(b"not a database")


def test_for_status(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON document of numbers; 1 where it cannot be read."""
    assert glance.main(["--state", str(path.parent)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["states"] == {
        "delivered": 1, "waiting": 1, "rejected": 1, "accepted": 1, "held": 3,
    }  # fmt: skip
    assert found["deliveries"]["three"] == {"accepted": 1}
    path.write_bytes(b"x" * 5000)
    assert glance.main(["--state", str(path.parent)]) == 1
    assert "damaged" in capsys.readouterr().err


def test_attempts_since_the_last_look(path: Path) -> None:
    """What was before the first look counts for nothing, what comes later once."""
    attempts = Attempts(path)
    attempts.look()
    assert not attempts.counted
    with Store(path) as store:
        attempt(store, "three", Event.DEFERRED)
        attempts.look()
        store.accept(record(), ["one"])
        attempt(store, "one", Event.DELIVERED)
    for _ in range(2):
        attempts.look()
        assert attempts.counted == {("three", "deferred"): 1, ("one", "delivered"): 1}
