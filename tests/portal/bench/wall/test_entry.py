"""A name and a PIN become a session, or a wait."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from portal.bench.wall import entry as entries
from portal.bench.wall import pins
from portal.bench.wall.entry import Entry, Wrong
from tests.portal.bench.wall.world import PIN, World, world

HERE = "100.64.64.20"


@pytest.fixture
def bench(tmp_path: Path) -> World:
    """Ada and Ben."""
    return world(tmp_path)


def refused(bench: World, name: str, pin: str, client: str = HERE) -> int:
    """The seconds that somebody who is not let in is to wait."""
    with pytest.raises(Wrong) as error:
        bench.office.entry.enter(name, pin, client)
    return error.value.seconds


def test_the_right_pin_opens(bench: World) -> None:
    """And only that of this name."""
    cookie = bench.office.entry.enter("ada", f" {PIN} ", HERE)

    found = bench.office.sessions.find(cookie, bench.seconds[0], act=True)
    assert found is not None
    assert found.name == "Ada"


def test_after_five_tries_everybody_waits(bench: World) -> None:
    """Who has the right PIN too; a name that nobody has waits just the same."""
    for name in ("Ada", "Nobody"):
        client = f"client of {name}"
        assert [refused(bench, name, "000001", client) for _ in range(4)] == [0] * 4
        assert refused(bench, name, "000001", client) > 0
        assert refused(bench, name, PIN, client) > 0
    bench.seconds[0] += 20

    assert bench.office.entry.enter("Ada", PIN, "elsewhere")


def test_nobody_is_kept_out_where_they_have_been(bench: World) -> None:
    """A phone that changes its address and tries a technician's name without end holds up who comes
    from elsewhere, and not the technician's own laptop, which waits for its own mistakes alone.
    """
    bench.office.entry.enter("Ada", PIN, HERE)
    for number in range(30):
        bench.seconds[0] += 61
        refused(bench, "Ada", "000001", f"100.64.64.{100 + number}")

    assert refused(bench, "Ada", PIN, "100.64.64.99") > 0
    assert bench.office.entry.enter("Ada", PIN, HERE)
    assert [refused(bench, "Ada", "000001") for _ in range(4)] == [0] * 4
    assert refused(bench, "Ada", "000001") > 0
    assert refused(bench, "Ada", PIN) > 0


def test_one_address_cannot_go_through_names(bench: World) -> None:
    """Five tries in all, whatever the names."""
    for name in ("Ada", "Ben", "Cleo", "Dan", "Eve"):
        refused(bench, name, "000001")

    assert refused(bench, "Ben", PIN) > 0
    assert bench.office.entry.enter("Ben", PIN, "100.64.64.99")


def test_a_restart_gives_no_tries_back(bench: World, tmp_path: Path) -> None:
    """What was counted is on the disk, 0600, before the PIN is looked at."""
    for _ in range(5):
        refused(bench, "Ada", "000001")
    file = tmp_path / "bench" / "tries.json"
    assert file.stat().st_mode & 0o777 == 0o600
    office = bench.office
    anew = Entry(office.people, office.sessions, file, lambda: 1000.0, lambda: 1000.0)

    with pytest.raises(Wrong) as error:
        anew.enter("Ada", PIN, "100.64.64.77")
    assert error.value.seconds > 0


def test_the_clock_may_be_put_back(bench: World) -> None:
    """A machine that starts in 1970 lets people in after the same wait, not in fifty years."""
    bench.seconds[0] = 1.7e9
    for _ in range(5):
        refused(bench, "Ada", "000001")
    bench.seconds[0] = 10.0
    assert refused(bench, "Ada", PIN) <= 16
    bench.seconds[0] = 27.0

    assert bench.office.entry.enter("Ada", PIN, HERE)


def test_the_same_work_for_a_name_that_nobody_has(
    bench: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash of the same cost each time: the time says nothing about names."""
    seen: list[str] = []
    real = pins._scrypt

    def counted(pin: str, salt: bytes, *cost: int) -> bytes:
        seen.append(f"{cost}")
        return real(pin, salt, *cost)

    monkeypatch.setattr(pins, "_scrypt", counted)
    refused(bench, "Ada", "000001")
    refused(bench, "Nobody", "000001")

    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_a_crowd_leaves_threads_for_the_set_up(
    bench: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one PIN is being checked one more waits, and the rest is sent back at once."""
    begun, go = threading.Event(), threading.Event()
    monkeypatch.setattr(entries, "_PATIENCE", 0.01)

    def slow(pin: str, known: str) -> bool:
        begun.set()
        return go.wait(10) and bool(pin and known)

    monkeypatch.setattr(pins, "matches", slow)
    thread = threading.Thread(target=bench.office.entry.enter, args=("Ada", PIN, HERE))
    thread.start()
    assert begun.wait(10)

    assert refused(bench, "Ben", PIN, "100.64.64.30") == 1
    go.set()
    thread.join()
    assert bench.office.entry.enter("Ben", PIN, "100.64.64.30")
