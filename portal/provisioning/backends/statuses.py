"""What an HTTP response says about a record.

Law: delivered only where the answer says so and is whole. Rejected only where the answer is about
the record; one about us, our credentials or the way is asked for again. Never a redirect.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from portal.provisioning.backend import Delivered, Outcome, Rejected, Retry

_CONFLICT: Final = 409  # the idempotency key is known: the record is there already
_UNAUTHORIZED: Final = frozenset({401, 403, 407})
# RFC 9110 15.5.9, RFC 9110 15.5.20, RFC 4918 11.3, RFC 8470 5.2, RFC 6585 4.
_AGAIN: Final = frozenset({408, 421, 423, 425, 429})
_FORBIDDEN: Final = 403
_TOO_MANY: Final = 429
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response. `body` is None where its end was not marked and it was empty."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


def verdict(
    answer: Answer, *, wants_json: bool, now: datetime, redact: Callable[[str], str]
) -> Outcome:
    """The outcome of `answer`. `now` is our own clock, for a server that tells no time."""
    status = answer.status
    kind = status // 100
    if kind == 2:  # noqa: PLR2004 - RFC 9110 15.3
        lie = _lie(answer) if wants_json else None
        return Retry(None, f"status {status}, but {lie}") if lie else Delivered()
    if status == _CONFLICT:
        return Delivered()
    words = f"status {status}{_detail(answer, redact)}"
    if kind == 3:  # noqa: PLR2004 - RFC 9110 15.4
        return Retry(None, f"status {status}: it redirects, which is not followed")
    if status in _UNAUTHORIZED:
        # But for 403, which a filter in between may say of one record's words.
        why = f"{words}: it does not take our credentials"
        return Retry(None, why, whole=status != _FORBIDDEN)
    if kind == 4 and status not in _AGAIN:  # noqa: PLR2004 - RFC 9110 15.5
        return Rejected(words)
    return Retry(_after(answer.headers, now), words, whole=status == _TOO_MANY)


def _lie(answer: Answer) -> str | None:
    """Why a success is none: the page of a captive portal, or half an answer."""
    if answer.body is None:
        return "nothing says that its empty answer is whole"
    if not answer.body:
        return None
    try:
        json.loads(answer.body)
    except (ValueError, RecursionError):
        kind = answer.headers.get("content-type", "").partition(";")[0]
        return f"its answer is not JSON ({kind or 'no type'})"
    return None


def _detail(answer: Answer, redact: Callable[[str], str]) -> str:
    """What a JSON answer says in words (RFC 9457 3.1), or nothing."""
    try:
        found: Any = json.loads(answer.body or b"")
    except (ValueError, RecursionError):
        return ""
    if not isinstance(found, dict):
        return ""
    texts = (found.get(key) for key in ("detail", "title", "error", "message"))
    words = next((text for text in texts if isinstance(text, str)), "")
    return f": {redact(words)[:_SHOWN]}" if words else ""


def _after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds of a Retry-After (RFC 9110 10.2.3), or None.

    A moment is measured from the server's own Date: our clock may never have been set.
    """
    asked = headers.get("retry-after", "").strip()
    if re.fullmatch("[0-9]{1,9}", asked):
        return float(asked)
    then = _moment(asked)
    if then is None:
        return None
    return max(0.0, (then - (_moment(headers.get("date", "")) or now)).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
