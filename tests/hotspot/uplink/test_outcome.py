"""The events of a join: what they look like as JSON, and that nothing else is read."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.uplink import outcome
from hotspot.uplink.outcome import Ended, Event, How, Moved, Outcome, Step, Went

LINES: list[tuple[Event, dict[str, Any]]] = [
    (Moved("announce", 11), {"event": "moving", "how": "announce", "channel": 11}),
    (Went(Step.LEASE, "begun"), {"event": "step", "step": "lease", "state": "begun"}),
    (
        Ended(outcome=Outcome.WRONG_PASSWORD, step=Step.AUTHENTICATED, key="7"),
        {"event": "outcome", "outcome": "wrong_password", "step": "authenticated", "key": "7"},
    ),
    (
        Ended(
            outcome=Outcome.CONNECTED,
            step=Step.KEPT,
            key="7",
            address="192.168.77.131/24",
            gateway="192.168.77.1",
            internet=None,
            overlaps=True,
            hostname="raspberrypi",
        ),
        {
            "event": "outcome",
            "outcome": "connected",
            "step": "kept",
            "key": "7",
            "address": "192.168.77.131/24",
            "gateway": "192.168.77.1",
            "internet": None,
            "overlaps": True,
            "hostname": "raspberrypi",
        },
    ),
    (
        Ended(outcome=Outcome.UPSTREAM_PORTAL, step=Step.INTERNET, key="", url="http://a.b/"),
        {
            "event": "outcome",
            "outcome": "upstream_portal",
            "step": "internet",
            "key": "",
            "url": "http://a.b/",
        },
    ),
]


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event, with those members that its outcome tells."""
    kind = draw(st.sampled_from(("moved", "went", "ended")))
    if kind == "moved":
        how = draw(st.sampled_from(get_args(How)))
        return Moved(how, draw(st.integers()))
    step = draw(st.sampled_from(Step))
    if kind == "went":
        return Went(step, draw(st.sampled_from(("begun", "done", "skipped"))))
    which, text, key = draw(st.sampled_from(Outcome)), st.text(), draw(st.text())
    if which is Outcome.CONNECTED:
        return Ended(
            outcome=which,
            step=step,
            key=key,
            address=draw(text),
            gateway=draw(text),
            internet=draw(st.sampled_from((True, False, None))),
            overlaps=draw(st.booleans()),
            hostname=draw(text),
        )
    url = draw(text) if which is Outcome.UPSTREAM_PORTAL else ""
    what = draw(text) if which is Outcome.FAILED else ""
    return Ended(outcome=which, step=step, key=key, url=url, what=what)


@pytest.mark.parametrize(("event", "document"), LINES)
def test_an_event_as_json(event: Event, document: dict[str, Any]) -> None:
    """Each event has the members that the agent's protocol promises, and no other."""
    assert outcome.written(event) == document


@given(events())
def test_what_is_written_is_read(event: Event) -> None:
    """An event outlives its JSON."""
    assert outcome.read(json.loads(json.dumps(outcome.written(event)))) == event


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ("event", "how", "channel", "step", "state", "outcome", "key", "url", "internet")
        ),
        JSON | st.sampled_from(("moving", "step", "outcome", "lease", "begun", "lost", "announce")),
    )
)
def test_nothing_else_is_read(document: dict[str, Any]) -> None:
    """Whatever the object, it is an event that writes itself so, or a `ValueError`."""
    try:
        event = outcome.read(document)
    except ValueError:
        return
    assert outcome.written(event) == document


@pytest.mark.parametrize("more", [{"url": "http://a.b/"}, {"address": 7}, {"internet": "yes"}])
def test_members_that_do_not_belong(more: dict[str, object]) -> None:
    """A member of the wrong kind, or one that its outcome does not tell, is refused."""
    document = {**LINES[3][1], **more}

    with pytest.raises(ValueError, match=r"outcome|event"):
        outcome.read(document)
