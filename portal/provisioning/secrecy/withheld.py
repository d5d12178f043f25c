"""A record and its secrets, taken apart and put together again.

Law: values in, values out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hotspot.settings import Secret
from portal.provisioning.record import ERASED, Record, Sealed


def secrets(record: Record) -> dict[str, Any]:
    """Every secret of a record as plain values; see `portal.provisioning.secrecy.sealing`."""
    fields = {name: str(v) for name, v in record.fields.items() if isinstance(v, Secret)}
    password = str(record.access.user.password) if record.access.user else ""
    return {"passphrase": str(record.passphrase), "password": password, "fields": fields}


def bare(record: Record, sealed: Sealed = ERASED) -> Record:
    """The same without its secrets, which are `sealed`."""
    return _with(record, {}, sealed)


def whole(record: Record, found: Mapping[str, Any]) -> Record:
    """The same with what `secrets` gave."""
    return _with(record, found, None)


def _with(record: Record, found: Mapping[str, Any], sealed: Sealed | None) -> Record:
    values, how = found.get("fields", {}), record.access
    fields = {
        name: Secret(values.get(name, "")) if isinstance(value, Secret) else value
        for name, value in record.fields.items()
    }
    if how.user:
        how = replace(how, user=replace(how.user, password=Secret(found.get("password", ""))))
    passphrase = Secret(found.get("passphrase", ""))
    return replace(record, passphrase=passphrase, fields=fields, access=how, sealed=sealed)
