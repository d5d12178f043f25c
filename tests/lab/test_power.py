"""The power goes while a home network is made permanent, in a guest with a disk of its own."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.lab import guestrun, power, telling
from tests.lab.guestrun import Job
from tests.lab.power import Cut, Cuts
from tests.lab.telling import Theatre

FORMER: Final = 'network={\n\tssid="Werkstatt"\n\tpsk="a bench in the hall"\n}\n'
# A virtio disk each, in a machine with 32 slots.
CUTS: Final = 12
TEN: Final = 10

WRITER: Final = """
import itertools, sys, time
image, told = open(sys.argv[1], "r+b", buffering=0), open(sys.argv[2], "w", buffering=1)
for number in itertools.count(1):
    image.seek(0)
    image.write(number.to_bytes(8, "big"))
    print('{"kept": %d}' % number, file=told)
    time.sleep(0.0005)
"""

# Of the steps before the last one these are enough; then all that happens.
MATTERS: Final[list[dict[str, str]]] = [
    {"step": "found", "state": "done"},
    {"step": "authenticated", "state": "done"},
    {"step": "lease", "state": "done"},
    {"step": "stable", "state": "begun"},
    {"step": "kept", "state": "begun"},
    {"step": "kept", "state": "done"},
    {"event": "outcome"},
    {"event": "files"},
    {"event": "state"},
]

Told = list[dict[str, Any]]


@pytest.fixture
def logs(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Where the guests' logs stay and the disks do not."""
    folder = telling.LOGS / request.node.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    for image in folder.rglob("*.img"):
        image.unlink()


def machine(folder: Path) -> Path:
    """The disk of a machine that somebody has set up before."""
    tree = folder / "tree"
    for name in ("state", "wpa_supplicant", "connections"):
        (tree / name).mkdir(parents=True)
    former = tree / "wpa_supplicant" / "wpa_supplicant-wlan0.conf"
    former.write_text(FORMER)
    former.chmod(0o600)
    return power.disk(folder / "disk.img", tree)


def run(theatre: Theatre, job: Job, started: Callable[..., None] = lambda _: None) -> None:
    """A guest from its boot to its end, which must be a good one."""
    with (job.share.parent / f"{job.share.name}.log").open("wb") as output:
        status = guestrun.run(
            theatre.image, theatre.accelerator, job, stdout=output, started=started
        )
    assert status == 0, (job.share.parent / f"{job.share.name}.log").read_text()


class AllOver:
    """Due after every few lines, each time a greater part of the way to the line after."""

    def __init__(self, lines: int, cuts: int) -> None:
        self._lines = lines
        self._parts = [number / cuts for number in range(cuts)]
        self._times: list[float] = []
        self._at = math.inf

    def __call__(self, told: Told) -> bool:
        """Whether it is now."""
        now = time.monotonic()
        for _ in told[len(self._times) :]:
            self._times.append(now)
            if len(self._times) % self._lines == 0 and self._parts and self._at == math.inf:
                # It takes as long as the last time, about.
                took = now - self._times[-self._lines]
                self._at = now + took * self._parts.pop(0)
        due, self._at = (True, math.inf) if now >= self._at else (False, self._at)
        return due


def numbers(cut: Cut) -> tuple[int, int]:
    """The last network that was kept for certain, and the last that may be."""
    kept = max((line["kept"] for line in cut.told if "kept" in line), default=0)
    begun = max((line["begins"] for line in cut.told if "begins" in line), default=0)
    return kept, begun


def test_a_cut_is_of_one_instant(tmp_path: Path) -> None:
    """Nothing is written while the disk is copied, and afterwards the guest goes on."""
    image, told = tmp_path / "disk.img", tmp_path / "told.jsonl"
    image.write_bytes(bytes(8))
    cuts = Cuts(image, told)
    with subprocess.Popen([sys.executable, "-c", WRITER, str(image), str(told)]) as process:
        cuts.whenever(lambda lines: len(lines) > 0, 3)(process)
        made = cuts.over()
        process.kill()

    for cut in made:
        written, kept = int.from_bytes(cut.image.read_bytes(), "big"), numbers(cut)[0]
        assert kept <= written <= kept + 1
    assert numbers(made[0])[0] < numbers(made[1])[0] < numbers(made[2])[0]


@pytest.mark.lab
@pytest.mark.long
@pytest.mark.parametrize("owner", ["wpa_supplicant", "networkmanager"])
def test_what_was_kept_is_there(theatre: Theatre, logs: Path, owner: str) -> None:
    """At any instant the machine has the old network or the new one, whole, and says which; one
    that was said to be kept is never lost, and neither is what somebody else had there.
    """
    disk = machine(logs)
    cuts = Cuts(disk, logs / "keeping" / "told.jsonl")
    module = "tests.lab.guest.keeping"
    job = Job((sys.executable, "-m", module, owner), logs / "keeping", 1, 240, disks=(disk,))
    run(theatre, job, cuts.whenever(AllOver(2, CUTS), CUTS))
    made = cuts.over()
    assert len(made) == CUTS

    images = tuple(cut.image for cut in made)
    words = ("-m", "tests.lab.guest.survivors", owner, str(len(made)))
    run(theatre, Job((sys.executable, *words), logs / "survivors", 1, 300, disks=images))
    survived = power.said(logs / "survivors" / "survived.jsonl")

    for cut, found in zip(made, survived, strict=True):
        least, most = numbers(cut)
        kept = int(found["kept"][0].partition("-")[2]) if found["kept"] else 0
        assert least <= kept <= most, (cut, found)
        assert found["kept"] in (None, [f"key-{kept}", f"home {kept}"])
        assert owner == "networkmanager" or FORMER in found["files"].values()


class AtEvents:
    """Due at what a set-up tells that matters: a step done, a file changed, the outcome."""

    def __init__(self) -> None:
        self._seen = 0

    def __call__(self, told: Told) -> bool:
        """Whether it is now."""
        fresh, self._seen = told[self._seen :], len(told)
        return any(line.items() >= one.items() for line in fresh for one in MATTERS)


@pytest.mark.lab
@pytest.mark.long
def test_the_record_never_lies(theatre: Theatre, logs: Path) -> None:
    """At any instant of a set-up, from the form to its outcome: after the cut the record says
    that it is connected if its network is permanent, and only then.
    """
    disk = machine(logs)
    cuts = Cuts(disk, logs / "setting_up" / "told.jsonl")
    job = Job(
        (sys.executable, "-m", "tests.lab.guest.cut_off"),
        logs / "setting_up", 2, 560, disks=(disk,),
    )  # fmt: skip
    run(theatre, job, cuts.whenever(AtEvents(), 2 * CUTS))
    made = cuts.over()
    assert len(made) >= TEN

    images = tuple(cut.image for cut in made)
    words = ("-m", "tests.lab.guest.survivors", "records", str(len(made)))
    run(theatre, Job((sys.executable, *words), logs / "survivors", 1, 900, disks=images))
    survived = power.said(logs / "survivors" / "survived.jsonl")

    for cut, found in zip(made, survived, strict=True):
        accepted = [line["record"] for line in cut.told if "record" in line]
        kept = found["kept"][0] if found["kept"] else None
        assert set(accepted) <= found["records"].keys()
        for record, state in found["records"].items():
            assert (state == "connected") is (record == kept), (cut, found)
        if any(line.get("outcome") == "connected" for line in cut.told):
            assert kept in found["records"]
        assert FORMER in found["files"].values()
    states = [state for found in survived for state in found["records"].values()]
    assert set(states) >= {"interrupted", "connected"}, states
