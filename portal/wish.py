"""What the radio agent is asked to join, from a record: the parts that are there, SSID in hex."""

from __future__ import annotations

from typing import Any

from portal.provisioning.record import Record


def network(record: Record) -> dict[str, Any]:
    """The "network" of a join request; it holds the secrets."""
    wish: dict[str, Any] = {"ssid": record.ssid.hex(), "hidden": False}
    if record.passphrase:
        wish["passphrase"] = str(record.passphrase)
    return wish
