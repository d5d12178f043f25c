"""Who comes to the bench and should not: invented devices, addresses of their own choice, and logs
without end.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.bench import arriving
from portal.bench.devices.states import State
from portal.bench.port import Claims, Report, Step, Verb
from tests.portal.bench.benches import Workshop

MAC = "02:00:00:00:00:01"


def test_an_address_of_ones_own_choice(tmp_path: Path) -> None:
    """Beside a device that has just been heard by its lease, nobody without one is it: no document
    for them, no word in its name, and nothing on the wall. The device itself goes on.
    """
    shop = Workshop(tmp_path)
    shop.begin(
        [{"id": "SN1", "serial": "SN1", "secret.key": "k-4711"}],
        documents={"config": {"format": "json", "values": {"key": "{{ key }}"}}},
    )
    assert shop.see(serial="SN1", mac=MAC).verb is Verb.CONFIGURE
    shop.time += 5

    for claims in ({"serial": "SN1"}, {"id": "SN1"}):
        assert shop.bench.find(Claims("100.64.64.77", **claims)) == ""
        other = shop.see(**claims)
        assert (other.verb, other.device) == (Verb.WAIT, "")
    assert shop.bench.find(Claims("100.64.64.9", serial="SN1", mac=MAC)) == "SN1"
    assert [row.state for row in shop.bench.rows()[1]] == [State.CONFIGURING]


def test_strangers_that_are_taken_have_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First come, first named: as many as a manifest may have; the rest wait to be seen to."""
    monkeypatch.setattr(arriving, "MOST_ROWS", 5)
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}], about={"strangers": "take"})
    turns = [shop.see(serial=f"made-up-{n}", product="lamp") for n in range(20)]

    assert [turn.verb for turn in turns].count(Verb.FLASH) == 4
    assert len(shop.ledger.devices(1)) == 5


def test_an_attempt_does_not_fill_the_audit(tmp_path: Path) -> None:
    """What a device goes on saying is shown, and after a hundred times not kept line for line."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}])
    shop.see(serial="SN1")
    for number in range(130):
        shop.bench.report("SN1", Report(Step.DOWNLOADING, text=f"at {number}"))

    said = [event for event in shop.bench.history("SN1") if event.what.startswith("said")]
    assert len(said) == 100
    device = shop.bench.floor.roll.get("SN1")
    assert device is not None
    assert device.attributes["log"] == "at 129"


def test_those_without_a_lease_do_not_take_all_places(tmp_path: Path) -> None:
    """One phone that invents serial numbers hides no device that has its address from us."""
    shop = Workshop(tmp_path)
    shop.begin([{"id": "SN1", "serial": "SN1"}])
    turns = [shop.see(serial=f"made-up-{n}") for n in range(300)]
    assert sum(bool(turn.device) for turn in turns) == 128

    assert shop.see(mac=MAC).device == MAC
    shop.time += 301
    shop.bench.chores()
    assert shop.see(serial="made-up-300").device == "made-up-300"


def test_a_crowd_of_strangers(tmp_path: Path) -> None:
    """However many ask, some are shown, and who has gone makes room; the job's own go on."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}])
    turns = [shop.see(mac=f"02:00:00:00:{n >> 8:02x}:{n & 255:02x}") for n in range(300)]
    assert sum(bool(turn.device) for turn in turns) == 256
    assert shop.see(serial="SN1").verb is Verb.FLASH
    shop.time += 301
    shop.bench.chores()

    assert shop.see(mac="02:ff:ff:ff:ff:ff").device == "02:ff:ff:ff:ff:ff"
    assert not any("02:00" in device.id for device in shop.ledger.devices(1))


def test_hostile_words(tmp_path: Path) -> None:
    """Whatever a device says of itself, it is kept short, printable, and beside its own row."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}])
    words = "\x1b[2J\0\u202e<script>" + "x" * 100_000
    for claims in ({"serial": words}, {"id": words}, {"token": words}, {"mac_claimed": words}):
        shop.see(words, product=words, **claims)
    shop.see("1.0", serial="SN1")
    shop.bench.attributes("SN1", {words + str(n): words for n in range(100)})
    shop.bench.report("SN1", Report(Step.FAILURE, code=words, text=words))

    for row in shop.bench.rows()[1]:
        said = row.id + row.product + row.version + row.name
        assert said.isprintable()
        assert len(said) < 2_000
        assert len(row.detail) <= 256
    device = shop.bench.floor.roll.get("SN1")
    assert device is not None
    assert len(device.attributes) <= 32
    assert (tmp_path / "bench.db").stat().st_size < 200_000


def test_a_row_says_nothing_that_only_the_bench_can_have_seen(tmp_path: Path) -> None:
    """A manifest's column that is called as a field of the bench's is not taken for it."""
    shop = Workshop(tmp_path)
    shop.put()
    names = ("bench.evidence", "bench.signer", "said.version", "serial", "site", "room")
    shop.begin([{"id": "SN1", "serial": "SN1", **{f"attr.{name}": "made up" for name in names}}])
    shop.see("1.0", serial="SN1")
    shop.see("2.0", serial="SN1")
    shop.bench.chores()

    (record,) = shop.outbox.values()
    told = {name for name, value in record.fields.items() if value == "made up"}
    assert told == {"room", *(f"attr.{name}" for name in names[:-1])}
    assert record.fields["bench.evidence"] == "it runs version 2.0"
