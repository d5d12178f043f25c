"""The port the web side hands records through, and the one that keeps them on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from portal.provisioning.doorbell import ring
from portal.provisioning.life import Life
from portal.provisioning.record import Record
from portal.provisioning.store import Store


class Outbox(Protocol):
    """Takes records for delivery and tells what became of them."""

    def accept(self, record: Record) -> None:
        """Keep `record`: durable on return. Raises `store.Full`, `store.Unwritable`."""
        ...

    def state(self, id: str) -> Life | None:  # noqa: A002 - the record's own word
        """What became of the record called `id`; None if unknown. Raises `store.Unwritable`."""
        ...


class DurableOutbox:
    """Keeps records in `store` for the named `deliveries`, then rings at `doorbell`."""

    def __init__(self, store: Store, deliveries: Sequence[str], doorbell: Path) -> None:
        self._store = store
        self._deliveries = tuple(deliveries)
        self._doorbell = doorbell

    def accept(self, record: Record) -> None:
        """Keep `record`: durable on return. Raises `store.Full`, `store.Unwritable`."""
        self._store.accept(record, self._deliveries)
        ring(self._doorbell)

    def state(self, id: str) -> Life | None:  # noqa: A002 - the record's own word
        """What became of the record called `id`; None if unknown. Raises `store.Unwritable`."""
        return self._store.state(id)
