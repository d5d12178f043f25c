"""What a response says: any response at all is an outcome."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.provisioning.backend import Delivered, Outcome, Rejected, Retry
from portal.provisioning.backends.statuses import Answer, verdict

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "date", "content-type"]), st.text(max_size=40), max_size=3
)


def outcome(status: int, body: bytes | None = b"", **headers: str) -> Outcome:
    """The verdict on a response."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return verdict(Answer(status, named, body), wants_json=True, now=NOW, redact=str)


@given(st.integers(100, 999), HEADERS, st.none() | st.binary(max_size=60), st.booleans())
def test_any_response(status: int, headers: dict[str, str], body: bytes | None, json: bool) -> None:  # noqa: FBT001 - a drawn value
    """Nothing escapes; only 2xx and 409 deliver, only 4xx rejects."""
    found = verdict(Answer(status, headers, body), wants_json=json, now=NOW, redact=str)

    assert isinstance(found, Delivered | Retry | Rejected)
    assert isinstance(found, Delivered) <= (status // 100 == 2 or status == 409)
    assert isinstance(found, Rejected) <= (status // 100 == 4)


@pytest.mark.parametrize("status", [401, 403, 407, 408, 421, 423, 425, 429, 500, 302, 304, 101])
def test_not_about_the_record(status: int) -> None:
    """A status about us, the way or the time does not set a record aside."""
    found = outcome(status)

    assert isinstance(found, Retry)
    assert found.whole is (status in {401, 407, 429})


@pytest.mark.parametrize("status", [400, 404, 405, 410, 413, 415, 422])
def test_about_the_record(status: int) -> None:
    """A status about the request does."""
    assert outcome(status) == Rejected(f"status {status}")


def test_a_moment_by_the_servers_clock() -> None:
    """Retry-After as a date is measured from the server's own Date: ours may be of 1970."""
    served = NOW + timedelta(days=20_000)
    later = format_datetime(served + timedelta(minutes=5), usegmt=True)

    assert outcome(503, retry_after=later, date=format_datetime(served, usegmt=True)) == Retry(
        300.0, "status 503"
    )
    assert outcome(503, retry_after=format_datetime(NOW + timedelta(seconds=9), usegmt=True)) == (
        Retry(9.0, "status 503")
    )
    assert outcome(503, retry_after=format_datetime(NOW - timedelta(days=9), usegmt=True)) == (
        Retry(0.0, "status 503")
    )
