"""The shape of `bench.db`.

Law: as for the records' database, a published step is never edited; a change is a new step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# A job's document is what its `job.toml` says. A device's cells are its row of the manifest, in
# the manifest's order, secrets sealed; `learned` is what has become of it, so that a start reads
# one row a device and not its whole history. An event is one line of the audit: its body is
# canonical JSON, its digest that of the one before and of this body.
_FIRST: Final = (
    """
    CREATE TABLE job (
        n INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        document TEXT NOT NULL,
        begun TEXT NOT NULL,
        current INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    """
    CREATE TABLE device (
        job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
        id TEXT NOT NULL,
        position INTEGER NOT NULL,
        cells TEXT NOT NULL,
        learned TEXT NOT NULL,
        PRIMARY KEY (job, id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE event (
        n INTEGER PRIMARY KEY,
        job INTEGER NOT NULL,
        device TEXT NOT NULL,
        body TEXT NOT NULL,
        digest BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX event_of ON event (job, device, n)",
    # What has become of a device and is not in the outbox yet: handed over, then forgotten.
    """
    CREATE TABLE parcel (
        id TEXT PRIMARY KEY,
        body TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)

STEPS: Final[Sequence[Sequence[str]]] = (_FIRST,)
