"""A form filled in right, for the tests that send it."""

from __future__ import annotations

from tests.portal.fakes import neighbourhood

CANARY = "kanarienvogel-4711"
HOME = neighbourhood()[0]


def entries(**changes: str) -> dict[str, str]:
    """A form filled in right, with changes."""
    return {"network": HOME.id, "ssid": "", "passphrase": CANARY, **changes}
