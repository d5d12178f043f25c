"""What the radio agent is asked to join, from a record: the parts that are there, SSID in hex."""

from __future__ import annotations

from typing import Any

from portal.provisioning.record import Record


def network(record: Record) -> dict[str, Any]:
    """The "network" of a join request; it holds the secrets."""
    how = record.access
    wish: dict[str, Any] = {"ssid": record.ssid.hex(), "hidden": how.hidden}
    if how.security:
        wish["security"] = how.security
    if record.passphrase:
        wish["passphrase"] = str(record.passphrase)
    if how.user:
        wish |= {name: value for name, value in how.user.document().items() if value}
    if how.own:
        wish["address"] = how.own.document()
    return wish
