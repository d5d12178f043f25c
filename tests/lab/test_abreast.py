"""Stories side by side: each outcome under its name, and no guest outlives the telling."""

from __future__ import annotations

import dataclasses
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab import abreast, telling
from tests.lab.image import Image
from tests.lab.telling import Outcome, Theatre

IMAGE = Image(*(Path(f"/{field.name}") for field in dataclasses.fields(Image)))
THEATRE = Theatre(IMAGE, ())
Started = Callable[[subprocess.Popen[bytes]], object]


def test_outcome_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a story gets that story's outcome, told once."""
    asked: list[str] = []

    def tell(name: str, theatre: Theatre, started: Started) -> Outcome:
        assert theatre is THEATRE
        del started
        asked.append(name)
        return Outcome(name, 1.0, words=f"about {name}")

    monkeypatch.setattr(telling, "tell", tell)
    with abreast.Abreast(["one", "two"], THEATRE) as told:
        assert told.outcome("two").words == "about two"
        assert [outcome.name for outcome in told.outcomes()] == ["one", "two"]
    assert sorted(asked) == ["one", "two"]


def test_leaving_ends_the_guests(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted telling ends the guest under way and begins no other."""
    guests: list[subprocess.Popen[bytes]] = []
    begun = threading.Event()

    def tell(name: str, theatre: Theatre, started: Started) -> Outcome:
        del theatre
        with subprocess.Popen(["sleep", "60"]) as guest:
            guests.append(guest)
            started(guest)
            begun.set()
            return Outcome(name, float(guest.wait(30)), words="")

    monkeypatch.setattr(telling, "tell", tell)
    monkeypatch.setattr(abreast, "room", lambda: 1)
    with abreast.Abreast(["one", "two"], THEATRE):
        assert begun.wait(10)
    assert [guest.poll() is not None for guest in guests] == [True]


def test_there_is_always_room_for_one() -> None:
    """However small the machine, stories are told one after another at least."""
    assert 1 <= abreast.room() <= abreast.MOST
