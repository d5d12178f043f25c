"""The bench itself: devices come, fetch, restart, and end on evidence or with a reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Claims, Devices, Refused, Report, Step, Verb, Wall
from portal.provisioning.keeping.database import Unwritable
from tests.portal.bench.benches import Workshop

MAC = "02:00:00:00:00:01"
OTHER = "02:00:00:00:00:02"


def test_it_is_what_the_port_asks_for(tmp_path: Path) -> None:
    """It can stand wherever the port's protocols are asked for (mypy reads this too)."""
    bench = Workshop(tmp_path).bench
    devices: Devices = bench
    wall: Wall = bench

    assert devices.find(Claims("100.64.64.9")) == ""
    assert wall.rows()[1] == []


def test_the_whole_way(tmp_path: Path) -> None:
    """Matched, flashed in a slot, back with the new version, done; each step in the ledger, and the
    office told once.
    """
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1", "name": "lamp-1"}])

    turn = shop.see("1.0", serial="SN1", mac=MAC)
    assert (turn.verb, turn.device, turn.state) == (Verb.FLASH, "SN1", State.FLASHING)
    assert turn.ticket is not None
    assert shop.bench.ticket(turn.ticket.code) == turn.ticket
    shop.fetch(turn)
    shop.bench.chores()
    assert shop.state("SN1") is State.REBOOTING
    assert shop.bench.ticket(turn.ticket.code) is None

    done = shop.see("2.0", serial="SN1", mac=MAC)
    shop.bench.chores()

    assert (done.verb, done.state) == (Verb.REST, State.PROVISIONED)
    assert shop.row("SN1").evidence == "it runs version 2.0"
    (record,) = shop.outbox.values()
    assert record.about is not None
    assert (record.about.job, record.about.device, record.about.attempt) == ("site-7", "SN1", 1)
    assert record.fields["bench.name"] == "lamp-1"
    assert [event.what for event in shop.bench.history("SN1")] == [
        "matched", "claimed", "started", "delivered", "done",
    ]  # fmt: skip
    assert shop.ledger.verify().broken == 0
    assert shop.audits[0].fields["bench.head"] == shop.ledger.head()[1]


def test_the_old_version_is_no_proof(tmp_path: Path) -> None:
    """Back with its old firmware it has failed, with words; a retry is a new attempt and ticket."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "mac": MAC}])
    first = shop.see("1.0", mac=MAC)
    shop.fetch(first)
    assert shop.see("1.0", mac=MAC).state is State.VERIFYING

    failed = shop.see("1.0", mac=MAC)

    assert (failed.verb, failed.reason) == (Verb.WAIT, Reason.REBOOTED_OLD_VERSION)
    assert shop.row("SN1").detail == "it runs 1.0"
    shop.bench.act("SN1", "retry", "Ann")
    again = shop.see("1.0", mac=MAC)
    assert again.ticket is not None
    assert first.ticket is not None
    assert (again.ticket.attempt, again.action - first.action) == (2, 1)
    assert again.ticket.code != first.ticket.code
    assert shop.see("2.0", mac=MAC).state is State.PROVISIONED


def test_reports_count_once_and_for_their_own_attempt(tmp_path: Path) -> None:
    """A second word for the same end, or one for another attempt, is told to be late."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}])
    shop.see(serial="SN1")

    assert shop.bench.report("SN1", Report(Step.INSTALLED, attempt=1))
    assert not shop.bench.report("SN1", Report(Step.SUCCESS, attempt=2))
    assert shop.bench.report("SN1", Report(Step.SUCCESS, attempt=1))
    assert not shop.bench.report("SN1", Report(Step.SUCCESS, attempt=1))
    shop.bench.chores()

    assert shop.row("SN1").evidence == "it reported success by ours"
    assert len(shop.outbox) == 1
    assert not shop.bench.report("nobody", Report(Step.SUCCESS))


def test_a_stranger_waits_for_a_person(tmp_path: Path) -> None:
    """In no row: it shows a code, and is flashed when somebody has typed that."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}])
    turn = shop.see(mac=MAC, product="lamp")
    assert (turn.verb, turn.reason) == (Verb.WAIT, Reason.NOT_IN_MANIFEST)
    with pytest.raises(Refused, match="not the code"):
        shop.bench.act(MAC, "claim", "Ann", code="XXXX")

    shop.bench.act(MAC, "claim", "Ann", code=turn.code.lower())

    assert shop.see(mac=MAC, product="lamp").verb is Verb.FLASH
    shop.open()
    assert shop.row(MAC).state is State.FLASHING


def test_a_stranger_is_a_row(tmp_path: Path) -> None:
    """A person says which row it is; from then on it is that, by whatever it is known."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}])
    shop.see(mac=MAC)

    shop.bench.act(MAC, "is", "Ann", row="SN1")

    turn = shop.see(mac=MAC)
    assert (turn.device, turn.verb) == ("SN1", Verb.FLASH)
    assert shop.bench.find(Claims("100.64.64.9", mac=MAC)) == "SN1"
    assert shop.bench.row(MAC) is None


def test_a_row_of_its_own_turns_out_to_be_another(tmp_path: Path) -> None:
    """Taken on as new, and already downloading, when somebody sees which row it is: one device is
    left, with one slot.
    """
    shop = Workshop(tmp_path, most=1)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}])
    turn = shop.see(mac=MAC)
    shop.bench.act(MAC, "claim", "Ann", code=turn.code)
    assert shop.see(mac=MAC).verb is Verb.FLASH

    shop.bench.act(MAC, "is", "Ann", row="SN1")

    turn = shop.see(mac=MAC)
    assert (turn.device, turn.verb) == ("SN1", Verb.FLASH)
    assert [device.id for device in shop.ledger.devices(1)] == ["SN1"]
    assert shop.bench.head().busy == 1
    with pytest.raises(Refused, match="which row"):
        shop.bench.act("SN1", "is", "Ann", row="SN1")
    with pytest.raises(Refused, match="no such device"):
        shop.bench.act("SN1", "is", "Ann", row="SN9")


def test_two_devices_with_one_serial(tmp_path: Path) -> None:
    """The second one stops as a conflict, the first goes on; one act solves it."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}, {"id": "SN2", "serial": "SN2"}])
    first = shop.see(serial="SN1", mac=MAC)

    second = shop.see(serial="SN1", mac=OTHER)

    assert (second.verb, second.state) == (Verb.WAIT, State.CONFLICT)
    assert second.reason is Reason.DUPLICATE_IDENTITY
    assert shop.see(serial="SN1", mac=MAC).ticket == first.ticket
    assert shop.bench.find(Claims("100.64.64.8", mac=OTHER, serial="SN1")) == ""
    shop.bench.act(second.device, "is", "Ann", row="SN2")
    assert shop.see(serial="SN1", mac=OTHER).device == "SN2"


def test_a_serial_number_is_no_token(tmp_path: Path) -> None:
    """Where proofs are asked for, somebody else with the serial gets neither file nor document,
    before the device has come and after.
    """
    shop = Workshop(tmp_path)
    shop.put()
    rows = [{"id": "SN1", "serial": "SN1", "token": "a-secret-token"}]
    shop.begin(rows, about={"claim": "proof"})
    assert shop.see(serial="SN1", mac=OTHER).verb is Verb.WAIT
    first = shop.see(serial="SN1", mac=MAC, token="a-secret-token")
    assert first.verb is Verb.FLASH
    shop.time += 60

    assert shop.see(serial="SN1", mac=OTHER).state is State.CONFLICT
    assert shop.bench.find(Claims("100.64.64.8", mac=OTHER, serial="SN1")) == ""
    wrong = shop.see(serial="SN1", mac=OTHER, token="a-made-up-one")
    assert (wrong.verb, wrong.reason) == (Verb.WAIT, Reason.AUTH_WRONG)
    assert shop.see(mac=MAC).ticket == first.ticket


def test_an_outbox_that_is_full(tmp_path: Path) -> None:
    """What it does not take waits in the ledger, and is handed again under the same id."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}])
    shop.see("2.0", serial="SN1")
    took: list[str] = []

    def cut_short(id_: str, _: str) -> None:
        took.append(id_)
        raise Unwritable("the power is gone here")

    shop.bench.floor.parts = replace(shop.bench.floor.parts, hand=cut_short)
    for _ in range(2):
        with pytest.raises(Unwritable):
            shop.bench.chores()
    shop.open()
    shop.bench.chores()

    assert took == [*shop.outbox] * 2


def test_silence_is_told_with_its_reason(tmp_path: Path) -> None:
    """Stalled, not heard of after all its bytes, gone while nothing was under way."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin(
        [{"id": f"SN{n}", "serial": f"SN{n}"} for n in range(1, 4)], about={"claim": "person"}
    )
    for n in (1, 2):
        shop.see(serial=f"SN{n}")
        shop.bench.act(f"SN{n}", "claim", "Ann")
    shop.fetch(shop.see(serial="SN1"), number=100)
    shop.fetch(shop.see(serial="SN2"))
    shop.see(serial="SN3")
    shop.bench.chores()

    shop.time += 91
    shop.bench.chores()
    assert shop.row("SN1").reason is Reason.DOWNLOAD_STALLED
    assert shop.row("SN1").detail.startswith("at 100 of ")
    shop.time += 300
    shop.bench.chores()

    assert shop.row("SN2").reason is Reason.NO_REPORT
    assert shop.state("SN3") is State.GONE
    assert shop.see(serial="SN3").state is State.IDENTIFIED
    assert shop.see("2.0", serial="SN2").state is State.PROVISIONED


def test_begun_anew_in_the_middle(tmp_path: Path) -> None:
    """After an end without warning every device is where it was; nothing is handed out twice."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}, {"id": "SN2", "serial": "SN2"}])
    first = shop.see("1.0", serial="SN1", mac=MAC)
    shop.see("2.0", serial="SN2")

    shop.open()
    assert shop.see("1.0", serial="SN1", mac=MAC).ticket == first.ticket
    shop.bench.chores()
    shop.open()
    shop.bench.chores()

    assert [shop.state(f"SN{n}") for n in (1, 2)] == [State.FLASHING, State.PROVISIONED]
    assert len(shop.outbox) == len(shop.handed) == 1


def test_waited_for_in_vain(tmp_path: Path) -> None:
    """One that never came back is told from one that asks on with its old version."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": f"SN{n}", "serial": f"SN{n}"} for n in range(1, 4)])
    for n in range(1, 4):
        shop.see("1.0", serial=f"SN{n}")
        shop.time += 1
        shop.bench.report(f"SN{n}", Report(Step.INSTALLED))
    shop.time += 1
    shop.bench.report("SN1", Report(Step.REBOOTING))
    shop.time += 170
    assert shop.see("1.0", serial="SN2").state is State.REBOOTING
    shop.time += 20
    shop.bench.chores()

    reasons = [shop.row(f"SN{n}").reason for n in range(1, 4)]
    assert reasons == [Reason.NO_REPORT, Reason.REBOOTED_OLD_VERSION, Reason.NO_REPORT]


def test_a_public_key_is_kept_whole(tmp_path: Path) -> None:
    """A board that phones home says its keys; the office gets them as they are."""
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}])
    key = f"ssh-rsa {'A' * 724} root@board"
    shop.see("1.0", serial="SN1")
    shop.bench.attributes("SN1", {"pub_key_rsa": key})
    shop.see("2.0", serial="SN1")
    shop.bench.chores()

    (record,) = shop.outbox.values()
    assert record.fields["said.pub_key_rsa"] == key


@pytest.mark.parametrize(("holders", "reason", "words"), [
    (None, Reason.DOWNLOAD_STALLED, "at 1 of 8000 bytes"),
    ({"100.64.64.9": MAC}, Reason.DOWNLOAD_STALLED, "at 1 of 8000 bytes"),
    ({}, Reason.LEASE_LOST, "its lease of 100.64.64.9 has ended; at 1 of 8000 bytes"),
    ({"100.64.64.9": OTHER}, Reason.LEASE_LOST, f"100.64.64.9 is {OTHER}'s by now; at 1 of 8000"),
])  # fmt: skip
def test_who_fell_silent_without_its_lease_left_the_wi_fi(
    tmp_path: Path, holders: dict[str, str] | None, reason: Reason, words: str
) -> None:
    """Where its address has no lease any more, or is somebody else's; not while it has its own, and
    not where nothing is known of leases.
    """
    shop = Workshop(tmp_path, holders=holders)
    shop.put()
    shop.begin([{"id": "SN1", "mac": MAC}])
    shop.fetch(shop.see("1.0", mac=MAC), 1)
    shop.bench.chores()
    shop.time += 91
    shop.bench.chores()

    assert shop.row("SN1").reason is reason
    assert shop.row("SN1").detail.startswith(words)


@pytest.mark.parametrize(("up", "reason"), [
    ("", Reason.DOWNLOAD_STALLED),
    ("900", Reason.DOWNLOAD_STALLED),
    ("12", Reason.POWER_LOST),
])  # fmt: skip
def test_who_was_switched_on_since_had_lost_its_power(
    tmp_path: Path, up: str, reason: Reason
) -> None:
    """By its own word for how long it runs, and by nothing else: whoever has lost the air alone
    comes back just so. It still waits for a person, and is told the same thing once.
    """
    shop = Workshop(tmp_path)
    shop.put()
    shop.begin([{"id": "SN1", "mac": MAC}])
    shop.fetch(shop.see("1.0", mac=MAC, up="600"), 1)
    shop.bench.chores()
    shop.time += 91
    shop.bench.chores()
    assert shop.row("SN1").reason is Reason.DOWNLOAD_STALLED

    for _ in range(2):
        turn = shop.see("1.0", mac=MAC, up=up)

    assert (turn.verb, turn.reason, shop.row("SN1").reason) == (Verb.WAIT, reason, reason)
    words = [event.what for event in shop.bench.history("SN1")]
    assert words.count("explained") == (reason is Reason.POWER_LOST)
    shop.bench.act("SN1", "retry", "Ann")
    assert shop.see("1.0", mac=MAC, up=up).verb is Verb.FLASH
