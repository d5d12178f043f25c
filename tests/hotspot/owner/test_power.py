"""The power goes while a home network is kept or forgotten in a file of wpa_supplicant's."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hotspot.owner import configuration
from hotspot.owner.port import Kept
from hotspot.owner.wpa_supplicant import WpaSupplicant
from tests.hotspot.owner.disk import Disk, PowerCut
from tests.hotspot.owner.networks import KINDS

FORMER = b'network={\n\tssid="Werkstatt"\n\tpsk="a bench in the hall"\n}\n'

Act = Callable[[WpaSupplicant], object]


@dataclass(frozen=True)
class Machine:
    """One whose /etc can be put back to where a story begins."""

    root: Path

    @property
    def owner(self) -> WpaSupplicant:
        """The owner, as a process that has just started sees it."""
        return WpaSupplicant("DE", self.root / "own", self.root)

    @property
    def place(self) -> Path:
        """The file that counts."""
        return self.root / "etc/wpa_supplicant/wpa_supplicant-wlan0.conf"

    @property
    def file(self) -> bytes | None:
        """What it holds now, if it is there."""
        return self.place.read_bytes() if self.place.exists() else None

    def begin(self) -> None:
        """Remember how it is."""
        shutil.copytree(self.root / "etc", self.root / "begin")

    def again(self) -> None:
        """Back to that."""
        shutil.rmtree(self.root / "etc")
        shutil.copytree(self.root / "begin", self.root / "etc")

    def cuts(self, act: Act) -> Iterator[Disk]:
        """The power goes before each operation of `act` in turn; last, not at all."""
        for lasts in itertools.count():
            self.again()
            with pytest.MonkeyPatch.context() as monkeypatch:
                disk = Disk(self.root / "etc", monkeypatch, lasts)
                with contextlib.suppress(PowerCut):
                    act(self.owner)
            yield disk
            if disk.operations < lasts:
                return


# Somebody's file or none, ours over it or not, and whether systemd-networkd runs.
BEGINNINGS = [
    (None, False, True),
    (FORMER, False, False),
    (None, True, True),
    (FORMER, True, False),
]


@pytest.fixture(params=BEGINNINGS, ids=["bare", "somebody's", "ours", "both"])
def machine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Machine:
    """A machine as one of them says."""
    former, ours, networkd = request.param
    for folder in ("etc/wpa_supplicant", "proc", "own", "bin", "run/systemd/netif"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    if networkd:
        (tmp_path / "run/systemd/netif/state").touch()
    machine = Machine(tmp_path)
    if former:
        machine.place.write_bytes(former)
    if ours:
        machine.owner.keep(KINDS["wpa2"], "one", "wlan0")
    machine.begin()
    return machine


def keeps(owner: WpaSupplicant) -> None:
    """A network is kept."""
    owner.keep(KINDS["peap"], "two", "wlan0")


ACTS: list[Act] = [keeps, WpaSupplicant.forget]


@pytest.mark.parametrize("act", ACTS)
def test_the_old_file_or_the_new_one(machine: Machine, act: Act) -> None:
    """After every operation, and whatever of it is on the disk: the file is whole, the old one or
    the new one; and the new one for certain once the act is over.
    """
    before = machine.file
    act(machine.owner)
    after = machine.file
    for disk in machine.cuts(act):
        left = {files.get(machine.place) for files in disk.after_a_cut()}

        assert left <= {before, after}
    assert left == {after}


@pytest.mark.parametrize("act", ACTS)
def test_somebody_elses_file_is_never_lost(machine: Machine, act: Act) -> None:
    """Under one name or another every disk has what it had of theirs."""
    if any(path.read_bytes() == FORMER for path in machine.place.parent.iterdir()):
        for disk in machine.cuts(act):
            assert all(FORMER in files.values() for files in disk.after_a_cut())


@pytest.mark.parametrize("act", ACTS)
def test_the_address_comes_with_the_file(machine: Machine, act: Act) -> None:
    """Whichever of our files a disk has, systemd-networkd's for the same network is there too."""
    if (machine.root / "run/systemd/netif/state").exists():
        for disk in machine.cuts(act):
            for files in disk.after_a_cut():
                kept = configuration.read(files.get(machine.place, b"").decode())
                named = {path.name for path, text in files.items() if b"[Network]" in text}
                assert kept is None or f"05-vestibule-wlan0-{kept.key}.network" in named


def test_the_key_tells(machine: Machine) -> None:
    """After a cut `kept` names the join whose file is in place, and all can be done again."""
    before = machine.owner.kept()
    for _ in machine.cuts(keeps):
        assert machine.owner.kept() in {before, Kept("two", b"eduroam")}
        keeps(machine.owner)
        assert machine.owner.kept() == Kept("two", b"eduroam")
        machine.owner.forget()
        assert machine.file in {None, FORMER}
