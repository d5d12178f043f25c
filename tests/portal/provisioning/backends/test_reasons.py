"""Reason codes and verdicts: what each says about a record."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.provisioning.backend import Delivered, Outcome, Rejected, Retry
from portal.provisioning.backends.reasons import acknowledged, verdict


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0x00, Delivered()),
        (
            0x10,
            Retry(None, "the broker has it, but nobody has subscribed to its topic"),
        ),
        (0x80, Retry(None, "the broker refuses it: words")),
        (0x83, Retry(None, "the broker refuses it: words")),
        (0x87, Retry(None, "the broker refuses it: words")),
        (0x90, Rejected("the broker refuses it: words")),
        (0x91, Retry(None, "the broker refuses it: words")),
        (0x97, Retry(60.0, "the broker refuses it: words", whole=True)),
        (0x99, Rejected("the broker refuses it: words")),
    ],
)
def test_every_code_of_a_puback(code: int, expected: Outcome) -> None:
    """MQTT 5.0, table 3-4; a code nobody knows is a reason to try again."""
    assert acknowledged(code, "words", unheard="retry") == expected


def test_unheard() -> None:
    """Whether a message that nobody has subscribed to has arrived is a setting."""
    assert acknowledged(0x10, "", unheard="delivered") == Delivered()


@given(st.binary() | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.dictionaries(st.sampled_from(["verdict", "after", "why"]), inner),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_payload(payload: bytes) -> None:
    """Whatever is published as a verdict, it is an outcome, and mostly another attempt."""
    assert isinstance(verdict(payload, str), Delivered | Retry | Rejected)


@pytest.mark.parametrize("after", [-1, True, "60", 1e300, None, [60]])
def test_a_time_that_is_none(after: object) -> None:
    """Of a verdict's time only a number of seconds within a day counts."""
    said = json.dumps({"verdict": "retry", "after": after, "why": "x"}).encode()

    assert verdict(said, str) == Retry(None, "the reader says: x")


def test_a_verdict_may_quote_a_secret() -> None:
    """It is redacted before it is cut."""
    said = b'{"verdict": "rejected", "why": "%scanary"}' % (b"y" * 197)

    assert verdict(said, lambda text: text.replace("canary", "?")) == Rejected(
        f"the reader rejects it: {'y' * 197}?"
    )
