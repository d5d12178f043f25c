"""A store with records of all lives, and what can befall its file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from portal.provisioning.join import Turn
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import Event
from portal.provisioning.record import Record
from tests.portal.provisioning.fakes import a_record

NAMES = ("keep", "fleet")
RECORDS = 60
# Where there is such a place: what outlasts a power cut is not asked here.
MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of our own


class Original:
    """A sound file, and the records in it."""

    # No dataclass: Hypothesis would write all of it out.
    def __init__(self, octets: bytes, records: dict[str, Record]) -> None:
        self.octets = octets
        self.records = records


def filled(path: Path) -> dict[str, Record]:
    """A store with records of all lives: the first ten have arrived, every third one joins."""
    records = [a_record(fields={"note": "x" * (n % 5) * 1_000}) for n in range(RECORDS)]
    with Store(path) as store:
        for number, record in enumerate(records):
            store.accept(record, NAMES, joins=number % 3 == 2)
        for record in records[2::6]:
            store.turn(record.id, Turn.BEGUN)
            store.turn(record.id, Turn.CONNECTED)
        for _ in range(20):
            task = store.due(NAMES)
            assert task is not None
            store.happen(task, Event.BEGUN)
            store.happen(task, Event.DELIVERED)
    return {record.id: record for record in records}


@pytest.fixture(scope="module")
def original() -> Original:
    """The octets of such a store, and its records."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        path = Path(name) / "records.db"
        records = filled(path)
        return Original(path.read_bytes(), records)
