"""The port the web side hands records through, and the one that keeps them on disk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

from portal.provisioning.delivery.doorbell import ring
from portal.provisioning.join import Turn
from portal.provisioning.keeping.store import Attempt, Store
from portal.provisioning.life import Life
from portal.provisioning.record import Record, from_json, to_json

# Joins that may be tried again from memory; each is 1 kB or so.
_MOST_UNWRITTEN: Final = 64


class Outbox(Protocol):
    """Takes records for delivery and tells what became of them."""

    def accept(self, record: Record) -> None:
        """Keep `record`: durable on return. Raises `store.Full`, `store.Unwritable`."""
        ...

    def state(self, id: str) -> Life | None:  # noqa: A002 - the record's own word
        """What became of the record called `id`; None if unknown. Raises `store.Unwritable`."""
        ...

    def record(self, id: str) -> Record | None:  # noqa: A002 - the record's own word
        """The record called `id`, secrets and all; None if unknown. Raises `store.Unwritable`."""
        ...


class DurableOutbox:
    """Keeps records in `store` for the named `deliveries`, then rings at `doorbell`.

    Where their networks are joined first (`joins`), the deliveries are held, and the
    doorbell is rung when one has connected; what is about no network is not held. `seal` gives
    sealed forms by delivery; where every delivery has one, what the join needs stays in memory
    and is never written.
    """

    def __init__(
        self,
        store: Store,
        deliveries: Sequence[str],
        doorbell: Path,
        *,
        joins: bool = False,
        seal: Callable[[Record], Mapping[str, Record]] = lambda _: {},
    ) -> None:
        self._store = store
        self._seal = seal
        self._unwritten: OrderedDict[str, Record] = OrderedDict()
        self._deliveries = tuple(deliveries)
        self._doorbell = doorbell
        self._joins = joins

    def accept(self, record: Record) -> None:
        """Keep `record`: durable on return. Raises `store.Full`, `store.Unwritable`."""
        boxes = self._seal(record)
        joins = self._joins and record.about is None
        self._store.accept(record, self._deliveries, joins=joins, boxes=boxes)
        if not joins:
            ring(self._doorbell)
        elif boxes.keys() >= set(self._deliveries):
            self._unwritten[record.id] = record
            while len(self._unwritten) > _MOST_UNWRITTEN:
                self._unwritten.popitem(last=False)

    def hand(self, id_: str, body: str) -> None:
        """Keep a record by its JSON, which is called `id_`; the same twice is as good as once."""
        record = from_json(body.encode())
        assert record.id == id_  # noqa: S101 - who has made it knows what it is called
        self.accept(record)

    def turn(
        self,
        id: str,  # noqa: A002 - the record's own word
        turn: Turn,
        *,
        outcome: str | None = None,
        step: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> bool:
        """Let `turn` happen to a record's join, as in `store.Store`; then ring where it connects.

        A crash between the two costs nothing: deliveries are looked for at every start.
        """
        kept = self._store.turn(id, turn, outcome=outcome, step=step, detail=detail)
        if turn is Turn.CONNECTED:
            self._unwritten.pop(id, None)
            ring(self._doorbell)
        return kept

    def unsettled(self) -> list[Attempt]:
        """The records whose join is to come or under way. Raises `store.Unwritable`."""
        return [
            replace(each, body=to_json(self._unwritten[each.id]))
            if each.id in self._unwritten
            else each
            for each in self._store.unsettled()
        ]

    def latest(self) -> Life | None:
        """The record that was last to be joined, or None. Raises `store.Unwritable`."""
        return self._store.latest()

    def state(self, id: str) -> Life | None:  # noqa: A002 - the record's own word
        """What became of the record called `id`; None if unknown. Raises `store.Unwritable`."""
        return self._store.state(id)

    def record(self, id: str) -> Record | None:  # noqa: A002 - the record's own word
        """The record called `id`, secrets and all; None if unknown. Raises `store.Unwritable`."""
        return self._store.record(id)
