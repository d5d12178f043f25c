"""Who downloads, and who waits: no more than there are slots, in the order in which they came."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Report, Step, Verb
from tests.portal.bench.benches import Workshop


def test_no_more_than_there_are_slots(tmp_path: Path) -> None:
    """The third waits, and is the next when one has its bytes."""
    shop = Workshop(tmp_path, most=2)
    shop.put()
    shop.begin([{"id": f"SN{n}", "serial": f"SN{n}"} for n in range(1, 4)])
    first, _ = (shop.see(serial=f"SN{n}") for n in (1, 2))
    waits = shop.see(serial="SN3")
    assert (waits.verb, waits.state, waits.reason) == (Verb.WAIT, State.QUEUED, Reason.NO_SLOT)
    assert (shop.bench.head().busy, shop.bench.head().slots) == (2, 2)

    shop.fetch(first)
    shop.bench.chores()

    assert shop.see(serial="SN3").verb is Verb.FLASH


def test_first_come_first_served(tmp_path: Path) -> None:
    """Who asked first has the first claim, also where somebody else asks again before."""
    shop = Workshop(tmp_path, most=1)
    shop.put()
    shop.begin([{"id": f"SN{n}", "serial": f"SN{n}"} for n in range(3)])
    for number in (0, 1, 2):
        shop.see(serial=f"SN{number}")
    shop.see(serial="SN2")
    shop.bench.act("SN0", "set_aside", "Ann")

    assert shop.see(serial="SN2").state is State.QUEUED
    assert shop.see(serial="SN1").state is State.FLASHING


def test_never_more_than_the_slots(tmp_path: Path) -> None:
    """Forty devices at once from sixteen threads: three download, the rest wait, none is lost."""
    shop = Workshop(tmp_path, most=3)
    shop.put()
    shop.begin([{"id": f"SN{n}", "serial": f"SN{n}"} for n in range(40)])
    with ThreadPoolExecutor(16) as pool:
        turns = list(pool.map(lambda n: shop.see(serial=f"SN{n}"), range(40)))

    assert [turn.verb for turn in turns].count(Verb.FLASH) == 3
    assert len({turn.ticket.code for turn in turns if turn.ticket}) == 3
    assert shop.bench.head().counts[State.QUEUED] == 37
    assert shop.ledger.verify().broken == 0


def test_who_never_begins_blocks_no_slot(tmp_path: Path) -> None:
    """Told to download, and no byte asked for in 20 s: the slot is the next one's, nothing has
    failed, and it is told again after a pause that grows.
    """
    shop = Workshop(tmp_path, most=1)
    shop.put()
    shop.begin([{"id": f"SN{n}", "serial": f"SN{n}"} for n in (1, 2)])
    first = shop.see("1.0", serial="SN1")
    assert first.ticket is not None
    assert shop.see("1.0", serial="SN2").verb is Verb.WAIT

    shop.time += 19
    shop.bench.chores()
    assert shop.state("SN1") is State.FLASHING
    shop.time += 2
    shop.bench.chores()

    row = shop.row("SN1")
    assert (row.state, row.attempt, row.reason) == (State.CLAIMED, 1, None)
    assert row.detail == "it began no download in 21 s"
    assert shop.bench.ticket(first.ticket.code) is None
    other = shop.see("1.0", serial="SN2")
    assert other.verb is Verb.FLASH
    shop.fetch(other)
    shop.bench.chores()
    assert shop.see("1.0", serial="SN1").verb is Verb.WAIT
    shop.time += 31
    again = shop.see("1.0", serial="SN1")
    assert again.ticket is not None
    assert again.ticket.attempt == 2
    shop.time += 21
    shop.bench.chores()
    shop.time += 31
    assert shop.see("1.0", serial="SN1").verb is Verb.WAIT


def test_who_has_begun_keeps_its_slot(tmp_path: Path) -> None:
    """Slow bytes, or its own word that it downloads, are a beginning; so is what went on before a
    restart of ours, of which nothing is known.
    """
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": f"SN{n}", "serial": f"SN{n}"} for n in (1, 2, 3)])
    turns = [shop.see("1.0", serial=f"SN{n}") for n in (1, 2, 3)]
    shop.fetch(turns[0], 1)
    shop.bench.report("SN2", Report(Step.DOWNLOADING, attempt=1))
    shop.time += 21
    shop.bench.chores()
    assert [shop.state(f"SN{n}") for n in (1, 2, 3)] == [
        State.FLASHING, State.FLASHING, State.CLAIMED,
    ]  # fmt: skip

    shop.ledger.close()
    shop.open()
    shop.bench.chores()
    shop.time += 40
    shop.bench.chores()
    assert shop.state("SN1") is State.FLASHING
