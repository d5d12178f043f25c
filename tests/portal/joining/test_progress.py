"""How a set-up is getting on: one value for page and API, never better than what is kept."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.joining.progress import NEXT, STAGES, Progress, document, event, view
from portal.joining.reports import OUTCOMES, STEPS, Moving, Went
from portal.provisioning.join import Join, Phase
from portal.provisioning.life import DeliveryLife, Life, State

ID = "019cb000-0000-7000-8000-000000000000"
TRYING = Join(Phase.TRYING, 1)


def life(join: Join | None) -> Life:
    """A record's life around its join."""
    state = State.HELD if join else State.ACCEPTED
    return Life(ID, state, (DeliveryLife("keep", state, 0),), join)


def marks(join: Join, progress: Progress | None = None) -> dict[str, str]:
    """The steps as they are shown."""
    seen = view(life(join), progress)
    assert seen is not None
    return {each.step: each.state for each in seen.steps}


def stages(join: Join, progress: Progress | None = None) -> dict[str, str]:
    """The stages as a person follows them."""
    seen = view(life(join), progress)
    assert seen is not None
    return {each.step: each.state for each in seen.stages}


def after(*reports: Went | Moving) -> Progress:
    """What has been reported."""
    progress = Progress()
    for report in reports:
        progress = progress.after(report)
    return progress


def test_no_join() -> None:
    """A record that is only collected has no view, and its document says nothing of one."""
    assert view(life(None)) is None
    assert document(life(None), None).keys() == {"id", "state", "deliveries"}


def test_in_line() -> None:
    """Nothing has begun, whatever was reported of another time; how many come before is told."""
    seen = view(life(Join(Phase.WAITING)), after(Went("found", "done")), ahead=2)

    assert seen is not None
    assert (seen.state, seen.ahead, seen.next, seen.final) == ("waiting", 2, "wait", False)
    assert {each.state for each in seen.steps} == {"todo"}


def test_as_it_happens() -> None:
    """Each step by its last report; a stage has begun between two of its steps."""
    progress = after(Went("found", "begun"), Went("found", "done"), Went("authenticated", "begun"),
                     Went("authenticated", "done"), Moving("announce", 11))  # fmt: skip

    assert [*marks(TRYING, progress).values()][:4] == ["done", "done", "todo", "todo"]
    assert stages(TRYING, progress) == {
        "found": "done", "accepted": "begun", "address": "todo", "internet": "todo", "kept": "todo",
    }  # fmt: skip
    seen = view(life(TRYING), progress)
    assert seen is not None
    assert seen.moving == Moving("announce", 11)


@pytest.mark.parametrize("internet", [True, False, None])
def test_connected(internet: bool | None) -> None:  # noqa: FBT001 - a case, no switch
    """All done; the Internet was skipped where nobody looked for it."""
    found = marks(Join(Phase.CONNECTED, 1, "connected", "kept", {"internet": internet}))

    assert found.pop("internet") == ("skipped" if internet is None else "done")
    assert set(found.values()) == {"done"}


@pytest.mark.parametrize("step", STEPS)
def test_failed(step: str) -> None:
    """What came before is done, the step is where it failed, nothing after it has begun."""
    found = [*marks(Join(Phase.FAILED, 1, "lost", step)).values()]
    at = STEPS.index(step)

    assert found == ["done"] * at + ["failed"] + ["todo"] * (7 - at)
    assert [*stages(Join(Phase.FAILED, 1, "lost", step)).values()].count("failed") == 1


def test_every_outcome_has_a_next_step() -> None:
    """Nobody is left standing."""
    assert NEXT.keys() == OUTCOMES
    assert {step for steps in STAGES.values() for step in steps} == set(STEPS)


@pytest.mark.parametrize(
    ("outcome", "again"),
    [("wrong_password", False), ("needs_username", False), ("not_supported", False),
     ("not_found", True), ("failed", True), (None, True)],
)  # fmt: skip
def test_the_same_once_more(outcome: str | None, *, again: bool) -> None:
    """Offered where other answers are not what is needed."""
    phase = Phase.FAILED if outcome else Phase.INTERRUPTED
    seen = view(life(Join(phase, 1, outcome, "found")))

    assert seen is not None
    assert seen.again is again


steps = st.builds(Went, st.sampled_from(STEPS), st.sampled_from(["begun", "done", "skipped"]))


@given(
    st.sampled_from(Phase),
    st.lists(steps),
    st.sampled_from([*OUTCOMES, None]),
    st.sampled_from([*STEPS, None, "of a later version"]),
)
def test_any_join(phase: Phase, reports: list[Went], outcome: str | None, step: str | None) -> None:
    """Every step and stage has a mark; only what is kept is ever final; the document is JSON."""
    told = life(Join(phase, 1, outcome, step))
    seen = view(told, after(*reports))

    assert seen is not None
    assert [each.step for each in seen.steps] == [*STEPS]
    assert {each.state for each in (*seen.steps, *seen.stages)} <= {
        "begun", "done", "skipped", "failed", "todo",
    }  # fmt: skip
    assert seen.final is (phase not in {Phase.WAITING, Phase.TRYING})
    assert json.loads(event(told, seen).removeprefix(b"data: ")) == document(told, seen)
    assert seen.next in {*NEXT.values(), "wait"}


def test_an_event() -> None:
    """One line of data and an empty one (HTML, 9.2.6), whatever is in it."""
    told = life(Join(Phase.FAILED, 1, "failed", "found", {"what": "a\nb"}))
    seen = view(told)
    assert seen is not None
    text = event(told, seen)

    assert text.startswith(b"data: {")
    assert text.endswith(b"}\n\n")
    assert text.count(b"\n") == 2
    assert replace(told) == told
