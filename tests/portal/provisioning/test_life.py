"""The table of a delivery's life."""

from __future__ import annotations

import itertools

import pytest

from portal.provisioning.life import PENDING, TABLE, Event, State, after, overall

ENDS = {
    Event.DELIVERED: State.DELIVERED,
    Event.REJECTED: State.REJECTED,
    Event.ABANDONED: State.DEAD,
}
BAD = (State.REJECTED, State.DEAD)


@pytest.mark.parametrize(("state", "event"), [*itertools.product(State, Event)])
def test_a_pending_delivery_ends_only_by_an_answer(state: State, event: Event) -> None:
    """Delivered, rejected, dead: no other event takes a delivery out of the pending ones."""
    then = after(state, event)

    if then is not None and then not in PENDING:
        assert ENDS[event] is then


@pytest.mark.parametrize("event", list(Event))
def test_delivered_is_final(event: Event) -> None:
    """Nothing that comes later undoes a delivery."""
    assert after(State.DELIVERED, event) is None


@pytest.mark.parametrize(
    "state", sorted(set(State) - {State.HELD, State.ACCEPTED, State.DELIVERED})
)
def test_a_late_delivered_is_believed(state: State) -> None:
    """A backend that has the record has it, whatever we thought meanwhile."""
    assert after(state, Event.DELIVERED) is State.DELIVERED


@pytest.mark.parametrize("event", sorted(set(Event) - {Event.RELEASED}))
def test_what_is_held_goes_nowhere(event: Event) -> None:
    """Before its network has proven itself, nothing happens to a delivery."""
    assert after(State.HELD, event) is None


@pytest.mark.parametrize("state", list(State))
def test_only_what_went_wrong_is_retried(state: State) -> None:
    """A rejected or dead delivery waits once more; nothing else is disturbed."""
    assert after(state, Event.RETRIED) is (State.WAITING if state in BAD else None)


def test_every_state_is_reached() -> None:
    """From where a delivery is held, the table leads to every state."""
    reached = {State.HELD}
    while more := {then for (state, _), then in TABLE.items() if state in reached} - reached:
        reached |= more

    assert reached == set(State)


def test_an_interrupted_attempt_is_tried_again() -> None:
    """accepted, begun, interrupted, begun, delivered."""
    state: State | None = State.ACCEPTED
    for event in (Event.BEGUN, Event.INTERRUPTED, Event.BEGUN, Event.DELIVERED):
        assert state is not None
        state = after(state, event)

    assert state is State.DELIVERED


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        (["accepted"], "accepted"),
        (["delivered", "delivered"], "delivered"),
        (["held", "held"], "held"),
        (["delivered", "accepted"], "accepted"),
        (["delivered", "waiting"], "waiting"),
        (["delivering", "waiting"], "delivering"),
        (["rejected", "waiting"], "rejected"),
        (["delivered", "dead"], "dead"),
        (["dead", "rejected"], "rejected"),
    ],
)
def test_a_record_is_no_better_than_its_worst_delivery(states: list[str], whole: str) -> None:
    """What is final and bad comes first, then what is under way."""
    assert overall(map(State, states)) is State(whole)
