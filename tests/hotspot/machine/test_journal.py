"""The journal: what was before, and what was done, on file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.errors import Refused
from hotspot.machine import journal, steps
from hotspot.machine.journal import Journal
from hotspot.machine.steps import Address, State
from tests.hotspot.test_plan import FRESH, records, states

if TYPE_CHECKING:
    from pathlib import Path

WORDS = st.text(max_size=20)
STEPS = st.one_of(
    st.builds(steps.Unmanage, WORDS),
    st.builds(steps.Manage, WORDS),
    st.just(steps.SetUp()),
    st.just(steps.SetDown()),
    st.builds(steps.SetType, WORDS),
    st.builds(steps.SetCountry, WORDS),
    st.builds(steps.SetSysctl, WORDS, WORDS),
    st.builds(steps.AddAddress, WORDS, WORDS),
    st.builds(steps.RemoveAddress, WORDS, WORDS),
    st.builds(steps.AddRoute, WORDS),
    st.builds(steps.RemoveRoute, WORDS),
    st.just(steps.LoadTable()),
    st.just(steps.UnloadTable()),
)


@given(states(), st.lists(STEPS))
def test_what_is_written_is_read(before: State, done: list[steps.Step]) -> None:
    """Any state and any steps come back as they were, the kernel's records with them."""
    found = journal.decode(journal.encode(Journal(before, tuple(done))))

    assert found == Journal(before, tuple(done))
    assert records(found.before) == records(before)


def test_the_file_comes_and_goes(tmp_path: Path) -> None:
    """None before, the journal in between, none after; removing twice is no error."""
    before = Journal(FRESH, (steps.SetUp(),))

    assert journal.read(tmp_path) is None
    journal.write(tmp_path, before)
    assert journal.read(tmp_path) == before
    assert (tmp_path / journal.FILE).stat().st_mode & 0o777 == 0o600
    journal.remove(tmp_path)
    journal.remove(tmp_path)
    assert journal.read(tmp_path) is None


DAMAGED = [
    "", "{}", "[]", "null", '{"before": {}, "done": []}', '{"before": null, "done": []}',
    journal.encode(Journal(FRESH, (steps.SetUp(),))).replace("SetUp", "SetFire"),
    journal.encode(Journal(FRESH, (steps.SetUp(),)))[:-5],
    journal.encode(Journal(FRESH)).replace('"type"', '"kind"'),
]  # fmt: skip


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_journal_is_a_refusal(tmp_path: Path, text: str) -> None:
    """Nothing is put back by guessing."""
    (tmp_path / journal.FILE).write_text(text)

    with pytest.raises(Refused, match="damaged"):
        journal.read(tmp_path)


def test_a_step_is_noted_once() -> None:
    """A repair after hostapd's crash does what was done before: the journal does not grow."""
    found = Journal(FRESH).with_step(steps.SetUp()).with_step(steps.SetUp())

    assert found.done == (steps.SetUp(),)


def test_who_was_told_is_remembered() -> None:
    """The neighbours that were told to let go are those in the journal."""
    done = (steps.Unmanage("NetworkManager"), steps.AddAddress("10.0.0.1/24"))

    assert Journal(FRESH, done).told == {"NetworkManager"}
    assert Address("10.0.0.1/24") not in Journal(FRESH, done).before.addresses
