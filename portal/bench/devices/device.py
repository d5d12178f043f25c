"""One device of a job: what its row says, and what has been learned of it since.

A frozen value with a JSON of its own; `cells` are the row of the manifest as it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Final

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State


@dataclass(frozen=True, slots=True)
class Device:
    """`mac` is the one by whose lease it is known now, `strength` what it was bound by
    (`matching.Strength`), `was` the version it had when its attempt began.

    `record` is what the office is told of it, until that has been delivered everywhere.
    `artifact` is the SHA-256 of what its attempt installs and `code` its ticket's; `reported` is
    its last step by its own word, `tap` what a person types to claim it. One that is not `kept`
    is a stranger: in memory only, until a person has said what is to become of it.
    """

    id: str
    cells: Mapping[str, str] = field(default_factory=dict, repr=False)
    kept: bool = True
    state: State = State.EXPECTED
    attempt: int = 0
    reason: Reason | None = None
    detail: str = ""
    evidence: str = ""
    mac: str = ""
    strength: int = 0
    protocol: str = ""
    product_said: str = ""
    version: str = ""
    was: str = ""
    artifact: str = ""
    code: str = field(default="", repr=False)
    reported: str = ""
    tap: str = ""
    note: str = ""
    technician: str = ""
    done_at: str = ""
    record: str = ""
    given: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in ("cells", "attributes"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def name(self) -> str:
        """Its final name."""
        return self.cells.get("name") or self.id

    @property
    def macs(self) -> tuple[str, ...]:
        """The MACs its row names."""
        return tuple(self.cells.get("mac", "").split())


# What the ledger keeps of it apart from its cells.
_LEARNED: Final = tuple(
    each.name for each in fields(Device) if each.name not in {"id", "cells", "kept"}
)


def learned(device: Device) -> dict[str, Any]:
    """What has been learned of it, as plain values; what says nothing is left out."""
    found = {name: getattr(device, name) for name in _LEARNED}
    found["given"], found["attributes"] = list(device.given), dict(device.attributes)
    return {name: value for name, value in found.items() if value or name == "state"}


def restored(id_: str, cells: Mapping[str, str], known: Mapping[str, Any]) -> Device:
    """The device of `learned`'s values. What a later version has added is left aside."""
    values = {name: known[name] for name in _LEARNED if name in known}
    values["state"] = State(values.get("state", State.EXPECTED))
    if values.get("reason"):
        values["reason"] = Reason(values["reason"])
    values["given"] = tuple(values.get("given", ()))
    return Device(id_, cells, **values)
