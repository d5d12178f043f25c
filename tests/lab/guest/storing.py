"""A guest whose store lies on a disk of which every write is logged: `… storing HOW MODULE…`.

dm-log-writes notes what reaches the disk behind ext4, flush by flush; after each acknowledgement
a mark goes into the same log. HOW is "careful" or "careless": then the store syncs nothing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from portal.provisioning.join import Turn
from portal.provisioning.keeping import amending, database, erasing
from portal.provisioning.keeping.store import Store, Task
from portal.provisioning.life import Event
from tests.portal.provisioning.fakes import a_record

RECORDS: Final = 24
_NAME: Final = "logged"
_MOUNTED: Final = Path("/run/logged")


def main() -> int:
    """Load the modules, lay the log under the disk, and use the store on it."""
    how, *modules = sys.argv[1:]
    if how == "careless":
        careless = (each.replace("FULL", "OFF") for each in database.PRAGMAS)
        vars(database)["PRAGMAS"] = tuple(careless)
    for module in modules:
        _run("insmod", module)
    _run("modprobe", "-a", "virtio_blk", "ext4")
    sectors = _run("blockdev", "--getsz", "/dev/vda").strip()
    _run("dmsetup", "create", _NAME, "--table", f"0 {sectors} log-writes /dev/vda /dev/vdb")
    _MOUNTED.mkdir()
    # No udev makes names here; the kernel's own is there.
    _run("mount", "-t", "ext4", "/dev/dm-0", str(_MOUNTED))
    with Store(_MOUNTED / "state/records.db") as store:
        for number in range(RECORDS):
            _life(store, number)
    _run("umount", str(_MOUNTED))
    _run("dmsetup", "remove", _NAME)
    return 0


def _life(store: Store, number: int) -> None:
    """A record, long or short, and what befalls it: some joined, some delivered, some forgotten."""
    record = a_record(fields={"note": "x" * (number % 4) * 1_300})
    store.accept(record, ["keep"], joins=number % 3 == 1)
    _mark(f"kept:{record.id}")
    if number % 3 == 1:
        store.turn(record.id, Turn.BEGUN)
        store.turn(record.id, Turn.CONNECTED)
        _mark(f"connected:{record.id}")
    elif number % 3 == 2:
        _settle(store, Event.REJECTED if number % 2 else Event.DELIVERED)
    if number % 6 == 5:
        (refused, *_) = store.amend(lambda c, _: amending.refused(c))
        _mark(f"forgetting:{refused}")
        store.amend(lambda c, _: amending.forget(c, refused))
        _mark(f"forgotten:{refused}")
    store.amend(erasing.lapse)


def _settle(store: Store, event: Event) -> None:
    task: Task | None = store.due(["keep"])
    assert task is not None
    store.happen(task, Event.BEGUN)
    store.happen(task, event)
    _mark(f"{event}:{task.id}")


def _mark(words: str) -> None:
    # Without a blank, at which the kernel would take them apart.
    _run("dmsetup", "message", _NAME, "0", "mark", words)


def _run(*argv: str) -> str:
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{argv}: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
