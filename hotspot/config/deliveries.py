"""Where the records go: the tables [delivery.NAME], each with its backend's own options.

A backend of somebody else's is called "plugin:NAME"; its options go to it as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hotspot.config import values
from hotspot.config.options import BACKENDS, COMMON, SEAL_TO, clashes
from hotspot.config.reading import shape, shown
from hotspot.config.values import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotspot.config.reading import Reading


@dataclass(frozen=True, slots=True)
class Delivery:
    """One place the records go to. `options` are the backend's own, already checked."""

    name: str
    backend: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seal_to(self) -> str:
        """The public key to which its secrets are sealed, "" for none."""
        return str(self.options.get(SEAL_TO, ""))


# Without any [delivery.*] the records are kept as files below the state directory
# (a missing `directory` means its folder `delivered`).
KEEP: Final = Delivery("keep", "file")

# Whose files are this machine's own network settings.
OWNERS: Final = frozenset({"networkmanager", "wpa_supplicant"})

PLUGIN: Final = r"plugin:[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"


def read(reading: Reading, tables: object) -> tuple[Delivery, ...]:
    """The deliveries, in their order; problems go to `reading`."""
    if not isinstance(tables, dict):
        allowed = "tables: write [delivery.NAME] and its keys below"
        reading.refuse("delivery", shape(tables), allowed)
        return ()
    return tuple(filter(None, (_delivery(reading, name, tables[name]) for name in tables)))


def check(reading: Reading, places: tuple[Delivery, ...], owner: str) -> None:
    """Refuse a delivery to one owner of this machine's networks where they are another's."""
    for each in places:
        if each.backend in OWNERS and owner not in {"auto", each.backend}:
            found = f'"{each.backend}" beside home.owner = "{owner}"'
            reading.refuse(f"delivery.{each.name}.backend", found, "the same owner in both")


def _delivery(reading: Reading, name: str, table: object) -> Delivery | None:
    key = f"delivery.{name}"
    try:
        values.delivery(name)
    except NotAllowed as error:
        reading.refuse(key, "a delivery", str(error))
    if not isinstance(table, dict):
        reading.refuse(key, shape(table), f"a table: write [{key}] and its keys below")
        return None
    backend = table.get("backend")
    own = {option: table[option] for option in table if option != "backend"}
    if isinstance(backend, str) and re.fullmatch(PLUGIN, backend):
        reading.table(key, {o: own[o] for o in COMMON if o in own}, COMMON)
        return Delivery(name, backend, own)
    if not isinstance(backend, str) or backend not in BACKENDS:
        found = "missing" if backend is None else shown("backend", backend)
        reading.refuse(f"{key}.backend", found, f"{values.one_of(BACKENDS)}, or plugin:NAME")
        return None
    options = reading.table(key, own, BACKENDS[backend])
    for option, found, allowed in clashes(backend, own.keys(), options):
        reading.refuse(f"{key}.{option}", found, allowed)
    return Delivery(name, backend, options)
