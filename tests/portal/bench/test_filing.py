"""What remains of a finished device: it waits until the office has its record, then is spent."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from portal.bench.devices.device import Device
from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.filing import AT_ONCE, EVERY, spent
from portal.bench.ledger.ledger import Change, Line
from portal.bench.port import Report, Step, Verb
from tests.portal.bench.benches import Workshop

CELLS = {
    "id": "SN1",
    "serial": "SN1",
    "token": "its-own-token",
    "psk": "a wi-fi passphrase",
    "secret.key": "k-4711-abcdef",
    "server": "mqtt.example",
}
PAPER = {"config": {"format": "json", "values": {"key": "{{ key }}", "psk": "{{ psk }}"}}}
PLAIN = {"config": {"format": "json", "values": {"id": "{{ id }}"}}}


def done(shop: Workshop) -> None:
    """A device that got its document and says so."""
    shop.begin([CELLS], documents=PAPER)
    assert shop.see(serial="SN1", token=CELLS["token"]).verb is Verb.CONFIGURE
    found = shop.bench.document("SN1")
    assert found is not None
    assert CELLS["secret.key"].encode() in found.body
    assert shop.bench.report("SN1", Report(Step.CONFIGURED, attempt=1))


def boxes(shop: Workshop) -> dict[str, bytes]:
    """What the raw file has of each secret."""
    with shop.ledger._database.use() as connection:
        (cells,) = connection.execute("SELECT cells FROM device").fetchone()
    kept = json.loads(cells)
    return {
        name: value["sealed"].encode() for name, value in kept.items() if isinstance(value, dict)
    }


def raw(folder: Path) -> bytes:
    """All bytes of the database."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("bench.db*")))


def test_it_waits_until_everybody_has_its_record(tmp_path: Path) -> None:
    """Shown as a wait, not as a failure; gone as soon as the last backend has it; so also after a
    restart in between.
    """
    shop = Workshop(tmp_path)
    done(shop)
    assert shop.row("SN1").reason is None

    shop.bench.chores()
    waits = shop.row("SN1")
    assert (waits.state, waits.reason) == (State.PROVISIONED, Reason.BACKEND_PENDING)
    assert waits.evidence
    assert shop.see(token=CELLS["token"]).reason is None
    shop.ledger.close()
    shop.open()
    shop.bench.chores()
    before = shop.bench.rows()[0]
    assert shop.row("SN1").reason is Reason.BACKEND_PENDING

    shop.delivered |= set(shop.outbox)
    shop.time += EVERY
    shop.bench.chores()

    assert shop.row("SN1").reason is None
    assert [row.id for row in shop.bench.rows(before)[1]] == ["SN1"]
    assert [event.what for event in shop.bench.history("SN1")][-1] == "passed on"
    assert shop.ledger.verify().broken == 0


def test_its_secrets_are_gone_from_the_file_then(tmp_path: Path) -> None:
    """Not one byte of what was sealed is left, but for the token; and before, nothing has gone."""
    shop = Workshop(tmp_path)
    done(shop)
    shop.bench.chores()
    sealed = boxes(shop)
    assert set(sealed) == {"token", "psk", "secret.key"}
    assert all(box in raw(tmp_path) for box in sealed.values())

    shop.delivered |= set(shop.outbox)
    shop.time += EVERY
    shop.bench.chores()
    shop.ledger.close()

    there = raw(tmp_path)
    # A page that was not full keeps its end: a piece of a box is as telling as all of it.
    for name in ("psk", "secret.key"):
        box = sealed[name]
        pieces = [box[at : at + 16] for at in range(len(box) - 16)]
        assert not any(piece in there for piece in pieces), name
    assert shop.see(token=CELLS["token"]).verb is Verb.REST


def test_to_be_done_again_it_needs_its_row_again(tmp_path: Path) -> None:
    """Without the secrets there is no document, and the reason says what helps."""
    shop = Workshop(tmp_path)
    done(shop)
    shop.bench.chores()
    shop.delivered |= set(shop.outbox)
    shop.time += EVERY
    shop.bench.chores()

    shop.bench.act("SN1", "retry", "Ann")
    shop.see(token=CELLS["token"])
    assert shop.bench.document("SN1") is None
    assert (shop.state("SN1"), shop.row("SN1").reason) == (State.FAILED, Reason.NO_DOCUMENT)

    there = shop.bench.floor.roll.get("SN1")
    assert there is not None
    again = spent(there)
    shop.ledger.write(
        shop.bench.floor.number,
        Change([_with(again)], [Line("Ann", "changed", "SN1")]),
        shop.ledger.head()[0],
    )
    shop.bench.act("SN1", "retry", "Ann")
    shop.see(token=CELLS["token"])
    assert shop.bench.document("SN1") is not None


def _with(device: Device) -> Device:
    return replace(device, cells=CELLS)


def test_who_is_done_again_meanwhile_keeps_its_secrets(tmp_path: Path) -> None:
    """The record of the attempt before says nothing of this one."""
    shop = Workshop(tmp_path)
    done(shop)
    shop.bench.chores()
    shop.bench.act("SN1", "retry", "Ann")
    shop.delivered |= set(shop.outbox)
    shop.time += EVERY
    shop.bench.chores()

    shop.see(token=CELLS["token"])
    assert shop.bench.document("SN1") is not None
    shop.bench.report("SN1", Report(Step.CONFIGURED, attempt=2))
    shop.bench.chores()
    shop.time += EVERY
    shop.bench.chores()
    assert shop.row("SN1").reason is Reason.BACKEND_PENDING


@pytest.mark.parametrize(("column", "left"), [
    ("psk", ""), ("secret.key", ""), ("token", "its-own-token"), ("server", "mqtt.example"),
])  # fmt: skip
def test_what_is_spent(column: str, left: str) -> None:
    """All that is secret but the token, and nothing else."""
    device = spent(Device("SN1", CELLS, record="r"))

    assert (device.cells[column], device.record) == (left, "")
    assert list(device.cells) == list(CELLS)


def test_some_that_are_never_taken_hold_up_nobody(tmp_path: Path) -> None:
    """Asked about in turn: a record behind many that no backend takes is found all the same."""
    shop = Workshop(tmp_path)
    count = 2 * AT_ONCE + 5
    shop.begin([{"id": f"SN{n}", "serial": f"SN{n}"} for n in range(count)], documents=PLAIN)
    for number in range(count):
        shop.see(serial=f"SN{number}")
        shop.bench.report(f"SN{number}", Report(Step.CONFIGURED, attempt=1))
    last = shop.bench.floor.roll.get(f"SN{count - 1}")
    assert last is not None
    for look in range(6):
        if look == 3:  # by now all have been asked about
            shop.delivered.add(last.record)
        shop.time += EVERY
        shop.bench.chores()

    found = shop.bench.floor.roll.get(last.id)
    assert found is not None
    assert found.record == ""
    assert shop.row("SN0").reason is Reason.BACKEND_PENDING
