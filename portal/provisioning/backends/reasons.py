"""What a broker, or whoever reads behind it, says about a record.

Law: an acknowledgement is a delivery only where somebody took the message; a reason code is a
rejection only where it is about the message. The codes are those of MQTT 5.0, 3.4.2.1.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from portal.provisioning.backend import Delivered, Outcome, Rejected, Retry

SUCCESS: Final = 0x00
NO_SUBSCRIBERS: Final = 0x10
_QUOTA: Final = 0x97
# Topic name invalid, packet too large, payload format invalid.
_ABOUT_THE_MESSAGE: Final = frozenset({0x90, 0x95, 0x99})
_QUOTA_SECONDS: Final = 60.0
_LONGEST: Final = 86_400
_SHOWN: Final = 200


def acknowledged(code: int, words: str, *, unheard: str) -> Outcome:
    """The outcome of a PUBACK; `unheard`: what a message without a subscriber counts as."""
    if code == SUCCESS or (code == NO_SUBSCRIBERS and unheard == "delivered"):
        return Delivered()
    if code == NO_SUBSCRIBERS:
        return Retry(None, "the broker has it, but nobody has subscribed to its topic")
    if code in _ABOUT_THE_MESSAGE:
        return Rejected(f"the broker refuses it: {words}")
    why = f"the broker refuses it: {words}"
    return Retry(_QUOTA_SECONDS, why, whole=True) if code == _QUOTA else Retry(None, why)


def verdict(payload: bytes, redact: Callable[[str], str]) -> Outcome:
    """What a reader says on the response topic: see docs/fleet.md."""
    try:
        found: Any = json.loads(payload)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        found = {}
    said = found.get("verdict")
    # Redacted before it is cut: half a secret would not be found.
    why = redact(str(found.get("why", "no reason given")))[:_SHOWN]
    if said == "delivered":
        return Delivered()
    if said == "rejected":
        return Rejected(f"the reader rejects it: {why}")
    if said == "retry":
        return Retry(_seconds(found), f"the reader says: {why}")
    return Retry(None, "the reader's verdict cannot be read")


def _seconds(found: Mapping[str, Any]) -> float | None:
    after = found.get("after")
    if isinstance(after, int | float) and not isinstance(after, bool):
        return float(after) if 0 <= after <= _LONGEST else None
    return None
