"""Whatever devices and people do, and whenever the process ends: the bench's own promises hold."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from portal.bench.devices.states import State
from portal.bench.port import Refused, Report, Step, Turn, Verb
from tests.portal.bench.benches import Workshop

SERIALS = st.sampled_from(["SN1", "SN2", "SN3", "SN4"])
MACS = st.sampled_from(["", *(f"02:00:00:00:00:0{n}" for n in range(1, 6))])
VERSIONS = st.sampled_from(["", "1.0", "2.0"])
ACTS = st.sampled_from(
    ["retry", "set_aside", "take_back", "checked", "labelled", "release", "claim", "note"]
)
DONE = frozenset({State.PROVISIONED, State.LABELLED, State.RELEASED})
MOST = 2


class Shift(RuleBasedStateMachine):
    """Four devices, two slots, and everything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        # In memory, or each step would wait for a disk.
        self.folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
        self.shop = Workshop(self.folder, most=MOST)
        self.shop.put()
        self.shop.begin([{"id": f"SN{n}", "serial": f"SN{n}"} for n in range(1, 5)])
        self.turns: dict[str, Turn] = {}
        self.codes: dict[str, tuple[str, int]] = {}

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.shop.ledger.close()
        shutil.rmtree(self.folder)

    @rule(serial=SERIALS, mac=MACS, version=VERSIONS)
    def asks(self, serial: str, mac: str, version: str) -> None:
        """A device asks what to do; a code is always for the same device and attempt."""
        turn = self.shop.see(version, serial=serial, mac=mac)
        if turn.ticket is not None:
            mine = (turn.ticket.device, turn.ticket.attempt)
            assert self.codes.setdefault(turn.ticket.code, mine) == mine
            self.turns[turn.device] = turn
        assert turn.verb is not Verb.FLASH or turn.ticket is not None

    @rule(serial=SERIALS, share=st.sampled_from([0.5, 1.0]))
    def fetches(self, serial: str, share: float) -> None:
        """Some of its bytes, or all, are with it."""
        turn = self.turns.get(serial)
        if turn and turn.ticket and self.shop.bench.ticket(turn.ticket.code):
            self.shop.fetch(turn, round(turn.ticket.artifact.size * share))

    @rule(serial=SERIALS, step=st.sampled_from(Step), late=st.booleans())
    def reports(self, serial: str, step: Step, late: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
        """It says how it is getting on, perhaps of an attempt long over."""
        row = self.shop.row(serial)
        attempt = row.attempt - 1 if late else row.attempt
        assert self.shop.bench.report(serial, Report(step, attempt=attempt)) in {not late, False}

    @rule(serial=SERIALS, act=ACTS)
    def somebody(self, serial: str, act: str) -> None:
        """A person does something, or is told why not."""
        with suppress(Refused):
            self.shop.bench.act(serial, act, "Ann", text="x")

    @rule(seconds=st.sampled_from([1.0, 60.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        """And what is due is done."""
        self.shop.time += seconds
        self.shop.bench.chores()

    @rule()
    def ends_without_warning(self) -> None:
        """The process is another one: everybody is where they were."""
        before = {row.id: row.state for row in self.shop.bench.rows()[1] if row.id in _ROWS}
        self.shop.ledger.close()
        self.shop.open()

        assert {row.id: row.state for row in self.shop.bench.rows()[1]} == before

    @invariant()
    def keeps_its_promises(self) -> None:
        """No more downloads than slots; done on evidence; failed with a reason; told once each."""
        rows = self.shop.bench.rows()[1]
        assert sum(row.state is State.FLASHING for row in rows) <= MOST
        assert all(row.evidence for row in rows if row.state in DONE)
        assert all(row.reason for row in rows if row.state is State.FAILED)
        ended = [event for row in rows for event in self.shop.bench.history(row.id)
                 if event.state is State.PROVISIONED and event.what == "done"]  # fmt: skip
        waiting = len(self.shop.ledger.parcels())
        assert len(self.shop.outbox) + waiting == len(ended)
        abouts = [record.about for record in self.shop.outbox.values()]
        assert len(set(abouts)) == len(abouts)

    @invariant()
    def has_a_whole_audit(self) -> None:
        """Every line follows the one before."""
        assert self.shop.ledger.verify().broken == 0


_ROWS = frozenset({"SN1", "SN2", "SN3", "SN4"})
TestShift: Any = Shift.TestCase
TestShift.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
