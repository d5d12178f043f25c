"""The table of states: whatever happens, in whatever order, no device is done without evidence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from portal.bench.devices import deciding
from portal.bench.devices.deciding import Bytes, Case, Move, Patience, Silence
from portal.bench.devices.device import Device, learned, restored
from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.devices.stepping import stepped
from portal.bench.devices.transitions import OVER, TABLE, Cause, Evidence, Kind, after
from portal.bench.port import Claims, Report, Row, Sighting, Step
from portal.bench.wall import remedies
from tests.portal.bench.fakes import artifact

DONE = frozenset({State.PROVISIONED, State.LABELLED, State.RELEASED})
IMAGE = artifact()
EVIDENCE = st.builds(Evidence, st.sampled_from(Kind), st.text(min_size=1, max_size=4))
MOVES = st.builds(
    Move, st.sampled_from(Cause), st.none() | EVIDENCE, st.none() | st.sampled_from(Reason)
)
SIGHTINGS = st.builds(
    Sighting,
    st.just(Claims("100.64.64.9")),
    st.just("ours"),
    product=st.sampled_from(["", "lamp", "pump"]),
    version=st.sampled_from(["", "1.0", "2.0"]),
    digest=st.sampled_from(["", IMAGE.md5, IMAGE.sha256.upper(), "00" * 16]),
    free=st.none() | st.integers(0, 10**7),
)
REPORTS = st.builds(
    Report,
    st.sampled_from(Step),
    attempt=st.none() | st.integers(0, 3),
    code=st.sampled_from(["", "7", *Reason]),
    version=st.sampled_from(["", "1.0", "2.0"]),
    text=st.text(max_size=9),
)
CASES = st.builds(Case, st.sampled_from([None, IMAGE]), st.booleans(), st.booleans(), st.booleans())


def test_done_only_by_evidence() -> None:
    """One cause leads to `provisioned`, and has no effect without evidence; no failure lacks a
    reason.
    """
    assert {cause for (_, cause), state in TABLE.items() if state is State.PROVISIONED} == {
        Cause.DONE
    }
    for state in State:
        assert after(state, Cause.DONE) is None
        assert after(state, Cause.FAILED) is None
    with pytest.raises(ValueError, match="names what was seen"):
        Evidence(Kind.CHECKED, "")


def test_every_state_can_be_reached_and_left() -> None:
    """None is forgotten: each is entered by something, and a person can always go on."""
    entered = set(TABLE.values())
    left = {state for state, _ in TABLE}

    assert entered >= set(State) - {State.SEEN, State.EXPECTED} | {State.SEEN}
    assert left == set(State)


@pytest.mark.parametrize("begin", [state for state in State if state not in DONE | {State.FAILED}])
@settings(max_examples=60)
@given(moves=st.lists(MOVES, min_size=1, max_size=12))
def test_no_way_round_the_evidence(begin: State, moves: list[Move]) -> None:
    """After any moves a device that is done says why, and one that has failed says why too; an
    attempt is never taken back.
    """
    device = Device("SN1", state=begin)
    for move in moves:
        new = stepped(device, move)
        if new is None:
            continue
        assert new.attempt in {device.attempt, device.attempt + 1}
        device = new
        if device.state in DONE:
            assert device.evidence
        if device.state is State.FAILED:
            assert device.reason is not None


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_remedy(reason: Reason) -> None:
    """What is wrong and what helps, in a sentence each."""
    what, helps = remedies.told(Row("SN1", "lamp", 1, State.FAILED, 0.0, reason=reason))

    assert what
    assert helps.endswith(".")


def test_a_retry_is_a_new_attempt() -> None:
    """Failed, retried and begun again it has the next number; done late it keeps its own."""
    begun = Device("SN1", state=State.CLAIMED)
    for move in (Move(Cause.STARTED), Move(Cause.FAILED, reason=Reason.NO_REPORT)):
        begun = stepped(begun, move) or begun
    late = stepped(begun, Move(Cause.DONE, Evidence(Kind.VERSION, "2.0")))
    retried = stepped(begun, Move(Cause.RETRIED))
    again = retried and stepped(retried, Move(Cause.STARTED))

    assert (begun.attempt, late and late.attempt, again and again.attempt) == (1, 1, 2)
    assert again is not None
    assert again.reason is None


@given(st.sampled_from(State), SIGHTINGS, CASES)
def test_a_sighting_proves_only_what_it_shows(state: State, sighting: Sighting, case: Case) -> None:
    """Done by a sighting alone is only what runs the wanted version or image, of its product."""
    device = Device("SN1", state=state, attempt=1, version="1.0")

    move = deciding.sighted(device, sighting, case)

    if move and move.cause in {Cause.DONE, Cause.CONFIGURE} and move.evidence:
        runs = sighting.version == "2.0" or sighting.digest.lower() in {IMAGE.md5, IMAGE.sha256}
        assert runs
        assert case.artifact is not None
    if move and move.cause is Cause.FAILED:
        assert move.reason is not None
        assert move.detail
    if state in OVER | {State.CONFLICT}:
        assert move is None


@given(st.sampled_from(State), REPORTS, CASES)
def test_a_report_is_for_its_own_attempt(state: State, report: Report, case: Case) -> None:
    """What is said of another attempt, or when none is open, changes nothing; and the word that it
    has its document is none that it has its firmware.
    """
    device = Device("SN1", state=state, attempt=2)

    is_open, move = deciding.reported(device, report, case, "ours")

    if report.attempt not in {None, 2} or state in OVER or state is State.FAILED:
        assert (is_open, move) == (False, None)
    if move:
        assert is_open
        assert stepped(device, move) is not None
    if move and move.evidence:
        assert report.step is Step.SUCCESS or state is State.CONFIGURING


@given(
    st.sampled_from(State),
    st.floats(0, 10_000),
    st.floats(0, 10_000),
    st.floats(0, 10_000),
    st.booleans(),
)
def test_silence(
    state: State,
    heard: float,
    advanced: float,
    here: float,
    begun: bool,  # noqa: FBT001 - drawn
) -> None:
    """Silence never makes anything done, and what is waited for has an end."""
    device = Device("SN1", state=state, attempt=1)
    silence, patience = Silence(heard, advanced, here), Patience(300, 90, 180)

    move = deciding.overdue(device, silence, patience, Bytes(5, 10, begun=begun))

    if move:
        new = stepped(device, move)
        assert new is not None
        assert new.state in {State.GONE, State.FAILED} or (new.state is State.CLAIMED and not begun)
    elif state in {State.REBOOTING, State.VERIFYING, State.CONFIGURING}:
        assert here <= 180
    elif state is State.FLASHING:
        assert min(heard, advanced) <= 90


@given(
    st.builds(
        Device,
        st.text(max_size=5),
        st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3),
        state=st.sampled_from(State),
        reason=st.none() | st.sampled_from(Reason),
        attempt=st.integers(0, 9),
        given=st.lists(st.text(max_size=3), max_size=2).map(tuple),
        attributes=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    )
)
def test_kept_and_read_again(device: Device) -> None:
    """What the ledger keeps of a device is all of it; a later version's words are left aside."""
    assert restored(device.id, device.cells, {**learned(device), "new word": 1}) == device


class Life(RuleBasedStateMachine):
    """A device that does whatever it likes, before a bench that decides by the table."""

    def __init__(self) -> None:
        super().__init__()
        self.device = Device("SN1", {"product": "lamp"})
        self.shown: set[str] = set()

    def take(self, move: Move | None) -> None:
        new = stepped(self.device, move) if move else None
        self.device = new or self.device

    @rule(sighting=SIGHTINGS, case=CASES)
    def seen(self, sighting: Sighting, case: Case) -> None:
        """It asks what to do."""
        if case.artifact:
            self.shown |= {sighting.version, sighting.digest.lower()} - {""}
        self.take(deciding.sighted(self.device, sighting, case))

    @rule(report=REPORTS, case=CASES)
    def reports(self, report: Report, case: Case) -> None:
        """It says something of its attempt."""
        is_open, move = deciding.reported(self.device, report, case, "ours")
        if is_open and report.step in {Step.SUCCESS, Step.CONFIGURED}:
            self.shown.add("success")
        self.take(move)

    @rule(cause=st.sampled_from([Cause.RETRIED, Cause.SET_ASIDE, Cause.TAKEN_BACK, Cause.AGAIN]))
    def a_person(self, cause: Cause) -> None:
        """Somebody does something about it."""
        self.take(Move(cause))

    @rule(seconds=st.floats(0, 1000))
    def silence(self, seconds: float) -> None:
        """It says nothing for a while."""
        waited = Silence(seconds, seconds, seconds)
        self.take(deciding.overdue(self.device, waited, Patience(), Bytes()))

    @invariant()
    def is_done_only_if_shown(self) -> None:
        """Done means that it has shown its version or image, or has reported success."""
        if self.device.state in DONE:
            assert self.shown & {"2.0", IMAGE.md5, IMAGE.sha256, "success"}
            assert self.device.evidence


TestLife: Any = Life.TestCase
