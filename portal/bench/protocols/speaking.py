"""All that devices speak, for the app that is to understand it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint

from portal.bench.protocols import ddi, esphome, httpupdate, nocloud, ours
from portal.bench.protocols.hatch import Hatch


def blueprints(at: Hatch) -> Iterator[Blueprint]:
    """One a protocol. HTTPUpdate, whose requests have any path, comes before all others."""
    for protocol in (httpupdate, ours, ddi, nocloud, esphome):
        yield protocol.blueprint(at)
