"""The store on ext4 on a disk that loses its power: every flush noted by the kernel itself."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from portal.provisioning.keeping.store import Store
from tests.lab import guestrun, image, logged, power, telling
from tests.lab.guest.storing import RECORDS
from tests.lab.guestrun import Job
from tests.lab.logged import DISCARD, FLUSH, FUA, MARK, Entry
from tests.lab.telling import Theatre

MODULES: Final = re.compile(
    r"\./(usr/)?lib/modules/[^/]+/(modules\.[^/]+|kernel/drivers/(md/dm-.+|dax/.+))"
)
NAME: Final = "dm-log-writes"
CUTS: Final = 200
MEBIBYTES: Final = 128


def a_log(*told: Entry) -> bytes:
    """What the kernel would write of these."""
    parts = [struct.pack("<QQQI", 0x6A736677736872, 1, len(told), 512).ljust(512, b"\0")]
    for each in told:
        data = each.octets if each.flags & MARK else b""
        sizes = (each.place // 512, each.length // 512, each.flags, len(data))
        parts.append((struct.pack("<QQQQ", *sizes) + data).ljust(512, b"\0"))
        parts.append(b"" if each.flags & MARK else each.octets)
    return b"".join(parts)


def a_write(number: int, flags: int = 0) -> Entry:
    """The sector of this number, full of it."""
    return Entry(flags, number * 512, 512, bytes([number]) * 512)


TOLD: Final = [
    a_write(1),
    Entry(FLUSH, 0, 0),
    Entry(MARK, 0, 0, b"one\0"),
    a_write(2),
    a_write(3, FUA),
    Entry(DISCARD, 512, 512),
    a_write(4),
]


def test_a_log_is_read(tmp_path: Path) -> None:
    """Writes, flushes, marks and discards come back as they were; what is no log is refused."""
    (tmp_path / "log").write_bytes(a_log(*TOLD))
    assert logged.entries(tmp_path / "log") == TOLD
    assert [each.mark for each in TOLD if each.flags & MARK] == ["one"]
    (tmp_path / "log").write_bytes(bytes(512))
    with pytest.raises(ValueError, match="no log"):
        logged.entries(tmp_path / "log")


def test_a_cut_keeps_what_was_flushed() -> None:
    """All up to the last barrier is there whatever chance says; of what came later, some."""
    seen: dict[int, set[bytes]] = {2: set(), 7: set()}
    for seed in range(100):
        for at, found in seen.items():
            found.add(logged.cut(bytes(5 * 512), TOLD, at, random.Random(seed)))

    (flushed,) = seen[2]
    assert flushed[512:1024] == b"\1" * 512
    assert all(octets[1024:2048] == b"\2" * 512 + b"\3" * 512 for octets in seen[7])
    assert {octets[512] for octets in seen[7]} == {0, 1}
    assert {octets[2048] for octets in seen[7]} == {0, 4}


def guest_log(theatre: Theatre, folder: Path, before: Path, how: str) -> Path:
    """What the kernel logs while a guest uses the store on the disk `before`."""
    share, log = folder / "storing", folder / "log.img"
    share.mkdir()
    with log.open("wb") as file:
        file.truncate(MEBIBYTES << 20)
    modules = image.more(theatre.image, MODULES, NAME)
    for module in modules:
        shutil.copyfile(module, share / module.name)
    used = shutil.copyfile(before, folder / "used.img")
    names = [f"/run/lab/share/{module.name}" for module in modules]
    argv = (sys.executable, "-m", "tests.lab.guest.storing", how, *names)
    with (folder / "storing.log").open("wb") as output:
        job = Job(argv, share, 0, 300, disks=(used, log))
        status = guestrun.run(theatre.image, theatre.accelerator, job, stdout=output)
    assert status == 0, (folder / "storing.log").read_text()
    return log


def files(disk: Path, folder: Path) -> Path:
    """The store's folder on a disk after a cut, its journal replayed as at any boot."""
    done = subprocess.run(["e2fsck", "-fy", str(disk)], capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stdout
    subprocess.run(
        ["debugfs", "-R", f"rdump /state {folder}", str(disk)], capture_output=True, check=True
    )
    return folder / "state"


def amiss(state: Path, marks: Sequence[str]) -> str:
    """What is wrong with the store after a cut behind these marks, "" where nothing is."""
    acts = {word: {m.split(":")[1] for m in marks if m.startswith(f"{word}:")} for word in WORDS}
    with Store(state / "records.db") as store:
        store.check()
        if store.incidents():
            return f"damaged: {store.incidents()}"
        lives = {each.life.id: each for each in store.records()}
        if not all(each.record for each in lives.values()):
            return "one that cannot be read"
    if lost := acts["kept"] - lives.keys() - acts["forgetting"]:
        return f"lost: {lost}"
    if back := acts["forgotten"] & lives.keys():
        return f"forgotten, and there: {back}"
    for word in ("delivered", "rejected"):
        for id_ in acts[word] & lives.keys():
            if lives[id_].life.state != word:
                return f"{id_} is {lives[id_].life.state}, was {word}"
    with closing(sqlite3.connect(state / "records.db")) as connection:
        sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return "" if sound else "SQLite finds it damaged"


WORDS: Final = ("kept", "connected", "delivered", "rejected", "forgetting", "forgotten")


def cuts(theatre: Theatre, how: str, most: int) -> tuple[int, list[str]]:
    """How many times the power went in the log of such a guest, and what was amiss afterwards."""
    folder = telling.LOGS / f"storing-{how}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "tree").mkdir(parents=True)
    before = power.disk(folder / "before.img", folder / "tree")
    told = logged.entries(guest_log(theatre, folder, before, how))
    marks = [n + 1 for n, each in enumerate(told) if each.flags & MARK]
    assert len(marks) > RECORDS, "the guest has told too little"
    octets, chance, wrong = before.read_bytes(), random.Random(1), []
    places = sorted({*marks, *(chance.randrange(marks[0], len(told)) for _ in range(most))})
    for at in places:
        with tempfile.TemporaryDirectory(dir=folder) as name:
            disk = Path(name) / "disk.img"
            disk.write_bytes(logged.cut(octets, told, at, chance))
            words = amiss(files(disk, Path(name)), [each.mark for each in told[:at]])
        if words:
            wrong.append(f"behind {at} of {len(told)}: {words}")
    for each in folder.rglob("*.img"):
        each.unlink()
    sys.stderr.write(f"{how}: {len(places)} cuts in {len(told)} entries, {len(wrong)} amiss\n")
    return len(places), wrong


@pytest.mark.lab
@pytest.mark.long
def test_the_power_goes_under_the_store(theatre: Theatre) -> None:
    """After a cut behind any write, flush or acknowledgement: nothing lost, nothing damaged."""
    many, wrong = cuts(theatre, "careful", CUTS)

    assert many >= CUTS // 2
    assert wrong == []


@pytest.mark.lab
@pytest.mark.long
def test_a_store_that_does_not_sync_is_caught(theatre: Theatre) -> None:
    """The same disk under the same store without its syncs: so this test can fail."""
    _, wrong = cuts(theatre, "careless", 0)

    assert any("lost" in words for words in wrong)
