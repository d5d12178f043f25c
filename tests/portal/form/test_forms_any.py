"""Whatever is posted ends in a submission within the rules, or in words."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.form import forms
from portal.form.forms import Invalid, Submission
from tests.portal.form.posting import CANARY, LISTED


def ended(act: Any, given: Any) -> tuple[Submission | None, dict[str, str]]:
    """How `act` ended: with a submission, or with problems; anything else is a failure."""
    try:
        return act(given, LISTED), {}
    except Invalid as error:
        return None, dict(error.problems)


@given(st.binary())
def test_json_bytes_end_in_a_submission_or_in_words(body: bytes) -> None:
    """Only `Invalid` escapes."""
    submission, problems = ended(forms.from_json, body)

    assert (submission is None) == bool(problems)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    st.lists,
    max_leaves=3,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "ssid": VALUES,
            "network": VALUES,
            "passphrase": st.just(CANARY) | VALUES,
            "fields": st.dictionaries(st.text(), VALUES) | VALUES,
        },
    )
)
def test_a_submission_keeps_the_rules(document: dict[str, Any]) -> None:
    """What passes is within every bound; what does not is told without the password."""
    submission, problems = ended(forms.from_json, json.dumps(document).encode())

    assert CANARY not in repr(problems)
    if submission is not None:
        assert 1 <= len(submission.ssid) <= 32
        assert len(submission.passphrase) in {0, *range(8, 65)}
        assert len(submission.fields) <= 32


@given(st.lists(st.tuples(st.text(), st.text())))
def test_form_pairs_end_in_a_submission_or_in_words(pairs: list[tuple[str, str]]) -> None:
    """Only `Invalid` escapes, with at least one problem."""
    submission, problems = ended(forms.from_form, pairs)

    assert (submission is None) == bool(problems)
