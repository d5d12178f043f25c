"""The store's power cut at every moment: what was told to a person is there afterwards.

python -m tests.torture powercut [RECORDS]
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.provisioning.keeping.store import Store
from tests.torture import disk, trace
from tests.torture.disk import Image

# Records are accepted and acknowledged one after the other; every third one fills a page.
# PRAGMA is for the proof that this test can fail.
SUBMIT: Final = """
import os, sys
from pathlib import Path
from portal.provisioning.keeping import database
from portal.provisioning.keeping.store import Store
from tests.portal.provisioning.fakes import a_record

database.PRAGMAS = (*database.PRAGMAS, *sys.argv[3:])
with Store(Path(sys.argv[1]) / "records.db") as store:
    for number in range(int(sys.argv[2])):
        record = a_record(fields={"note": "x" * (4000 if number % 3 == 0 else 10)})
        store.accept(record, ["keep"])
        os.write(1, f"{record.id}\\n".encode())
"""


@dataclass(frozen=True, slots=True)
class Toll:
    """What came of the images: how many there were, and which of the told records were lost."""

    images: int
    lost: int
    damaged: int


def cut(records: int, chances: int, *pragmas: str) -> Toll:
    """Submit so many records, cut the power everywhere, look at what is left."""
    with tempfile.TemporaryDirectory() as name:
        state = Path(name) / "state"
        state.mkdir()
        argv = [sys.executable, "-c", SUBMIT, str(state), str(records), *pragmas]
        acts = trace.acts(argv, state, Path(name) / "trace")
        found = disk.images(acts, chances)
        verdicts = [_verdict(image, str(state)) for image in found]
    assert max(len(image.told) for image in found) == records
    return Toll(len(found), sum(lost for lost, _ in verdicts), sum(bad for _, bad in verdicts))


def _verdict(image: Image, root: str) -> tuple[int, bool]:
    """How many told records an image has lost, and whether it is damaged."""
    # On tmpfs: what outlasts a power cut has been decided before.
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of our own
    with tempfile.TemporaryDirectory(dir=memory) as name:
        image.write(root, Path(name))
        path = Path(name) / "records.db"
        try:
            with Store(path) as store:
                kept = {entry.life.id for entry in store.records() if entry.record is not None}
            with closing(sqlite3.connect(path)) as connection:
                sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        except Exception:  # noqa: BLE001 - however it shows itself, the image is damaged
            return len(image.told), True
    return len(set(image.told) - kept), not sound


def main(words: list[str], say: Callable[[str], None]) -> bool:
    """The whole count: at least 2,500 images. Whether nothing was lost."""
    toll = cut(int(words[0]) if words else 40, 3)
    say(f"powercut: {toll.images:,} images, {toll.lost} records lost, {toll.damaged} damaged")
    return toll.lost == toll.damaged == 0
