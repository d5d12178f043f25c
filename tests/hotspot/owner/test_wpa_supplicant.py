"""wpa_supplicant's own file as the owner of the home network."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hotspot.errors import Refused
from hotspot.owner.port import Kept
from hotspot.owner.wpa_supplicant import WpaSupplicant
from hotspot.uplink.wanted import Wanted
from tests.hotspot.daemons import FakeDaemon
from tests.hotspot.owner.networks import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMER = b'network={\n\tssid="Werkstatt"\n\tpsk="a bench in the hall"\n}\n'
HOME = KINDS["wpa2"]
OTHER = KINDS["peap"]
SOCKET = "run/wpa_supplicant/wlan0"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine's root with next to nothing in it, and a PATH without systemctl."""
    for folder in ("etc/wpa_supplicant", "proc", "run/wpa_supplicant", "own", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


@pytest.fixture
def owner(root: Path) -> WpaSupplicant:
    """The owner there."""
    return WpaSupplicant("DE", root / "own", root)


@pytest.fixture
def place(root: Path) -> Path:
    """Where the file is, unless wpa_supplicant was told another."""
    return root / "etc/wpa_supplicant/wpa_supplicant-wlan0.conf"


def runs(root: Path, *argv: str) -> None:
    """Somebody's wpa_supplicant runs."""
    (root / "proc/77").mkdir(exist_ok=True)
    (root / "proc/77/cmdline").write_bytes(b"\0".join(map(str.encode, argv)) + b"\0")


def networkd(root: Path) -> None:
    """systemd-networkd runs."""
    (root / "run/systemd/netif").mkdir(parents=True)
    (root / "run/systemd/netif/state").touch()


def tree(root: Path) -> dict[str, bytes]:
    """All files below /etc, and what they hold."""
    files = (path for path in (root / "etc").rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_nothing_kept(owner: WpaSupplicant) -> None:
    """On a machine that was never set up there is nothing, and nothing to forget."""
    assert owner.kept() is None
    assert owner.forget() is None
    assert not owner.is_home("wlan0")


def test_kept_and_forgotten(owner: WpaSupplicant, root: Path, place: Path) -> None:
    """The file says whose it is, is root's alone, and leaves nothing behind."""
    owner.keep(HOME, "one", "wlan0")

    assert owner.kept() == Kept("one", b"Zuhause")
    assert place.stat().st_mode & 0o777 == 0o600
    assert owner.forget() == b"Zuhause"
    assert owner.kept() is None
    assert tree(root) == {}


def test_somebody_elses_file_comes_back(owner: WpaSupplicant, root: Path, place: Path) -> None:
    """It stays beside ours however often we keep, with its mode, and is put back in the end."""
    place.write_bytes(FORMER)
    place.chmod(0o640)
    before = tree(root)
    owner.keep(HOME, "one", "wlan0")
    owner.keep(OTHER, "two", "wlan0")

    assert owner.kept() == Kept("two", b"eduroam")
    assert FORMER in tree(root).values()
    assert owner.forget() == b"eduroam"
    assert tree(root) == before
    assert place.stat().st_mode & 0o777 == 0o640
    assert owner.forget() is None
    assert tree(root) == before


def test_two_files_of_somebody_else(owner: WpaSupplicant, root: Path, place: Path) -> None:
    """One put over ours by hand is theirs too: neither it nor the first is ever lost."""
    place.write_bytes(FORMER)
    owner.keep(HOME, "one", "wlan0")
    place.unlink()
    place.write_bytes(b"network={}\n")

    assert owner.kept() is None
    assert owner.forget() is None
    assert place.read_bytes() == b"network={}\n"
    owner.keep(OTHER, "two", "wlan0")
    owner.forget()
    assert place.read_bytes() == b"network={}\n"
    assert FORMER in tree(root).values()


STARTED = [
    # dhcpcd's hook; ifupdown; by hand. Then what is none of ours.
    (["wpa_supplicant", "-B", "-c/etc/wpa_supplicant/wpa_supplicant.conf", "-iwlan0"], ""),
    (["/sbin/wpa_supplicant", "-i", "wlan0", "-c", "/etc/wpa_supplicant/wpa_supplicant.conf"], ""),
    (["wpa_supplicant", "-c", "/etc/wpa_supplicant/wpa_supplicant.conf", "-iwlan1"], "-wlan0"),
    (["wpa_supplicant", "-u", "-s", "-O", "DIR=/run/wpa_supplicant GROUP=netdev"], "-wlan0"),
    (["wpa_supplicant", "-iwlan0", "-cwpa.conf"], "-wlan0"),
    (["vi", "-iwlan0", "-c/etc/wpa_supplicant/wpa_supplicant.conf"], "-wlan0"),
]


@pytest.mark.parametrize(("argv", "ending"), STARTED)
def test_the_file_that_is_read(
    owner: WpaSupplicant, root: Path, argv: list[str], ending: str
) -> None:
    """Where this interface's wpa_supplicant reads another file, it is that one."""
    runs(root, *argv)
    owner.keep(HOME, "one", "wlan0")

    assert set(tree(root)) == {f"etc/wpa_supplicant/wpa_supplicant{ending}.conf"}
    assert owner.kept() == Kept("one", b"Zuhause")


def test_a_file_elsewhere(owner: WpaSupplicant, root: Path) -> None:
    """Also one outside /etc/wpa_supplicant is found again."""
    runs(root, "wpa_supplicant", "-iwlan0", "-c/etc/wifi.conf")
    (root / "etc/wifi.conf").write_bytes(FORMER)
    owner.keep(HOME, "one", "wlan0")

    assert owner.kept() == Kept("one", b"Zuhause")
    owner.forget()
    assert tree(root) == {"etc/wifi.conf": FORMER}


def test_another_file_is_read_now(owner: WpaSupplicant, root: Path, place: Path) -> None:
    """The one that nobody reads any more goes, and what it took the place of comes back."""
    place.write_bytes(FORMER)
    owner.keep(HOME, "one", "wlan0")
    runs(root, "wpa_supplicant", "-iwlan0", "-c/etc/wifi.conf")
    owner.keep(OTHER, "two", "wlan0")

    assert place.read_bytes() == FORMER
    assert owner.kept() == Kept("two", b"eduroam")
    owner.forget()
    assert tree(root) == {"etc/wpa_supplicant/wpa_supplicant-wlan0.conf": FORMER}


def test_an_address_by_networkd(owner: WpaSupplicant, root: Path) -> None:
    """Where systemd-networkd runs it is told too, for this network only, and no longer after."""
    networkd(root)
    owner.keep(KINDS["fixed"], "one", "wlan0")
    folder = root / "etc/systemd/network"

    assert (folder / "05-vestibule-wlan0-one.network").read_text().splitlines()[1:] == [
        "[Match]",
        "Name=wlan0",
        "SSID=Zuhause",
        "[Network]",
        "Address=192.168.1.5/24",
        "Gateway=192.168.1.1",
        "DNS=192.168.1.1",
        "DNS=9.9.9.9",
    ]
    owner.keep(KINDS["binary"], "two", "wlan0")
    (file,) = folder.iterdir()
    assert file.read_text().splitlines()[3:] == [
        "SSID=*network*ssid*evil*",
        "[Network]",
        "DHCP=yes",
    ]
    owner.forget()
    assert tree(root) == {}


def test_nobody_to_set_an_address(owner: WpaSupplicant, root: Path) -> None:
    """A fixed address is refused beforehand where nothing would ever set it."""
    with pytest.raises(Refused, match="fixed address"):
        owner.check(KINDS["fixed"])
    with pytest.raises(Refused, match="fixed address"):
        owner.keep(KINDS["fixed"], "one", "wlan0")
    assert tree(root) == {}
    owner.check(HOME)


UNKEPT = [Wanted(ssid=b"x", security="wep"), Wanted(ssid=b"x", security="wpa2")]


@pytest.mark.parametrize("wanted", UNKEPT)
def test_what_cannot_be_kept(owner: WpaSupplicant, wanted: Wanted) -> None:
    """Refused before anybody tries it."""
    with pytest.raises(Refused, match="cannot be kept"):
        owner.check(wanted)


def test_a_disk_that_refuses(owner: WpaSupplicant, place: Path) -> None:
    """Said with the file's name, and no network's."""
    place.mkdir()

    with pytest.raises(Refused, match=r"wpa_supplicant-wlan0\.conf.*directory"):
        owner.keep(HOME, "one", "wlan0")


@pytest.fixture
def systemctl(root: Path) -> Path:
    """A systemd that does what it is told; the file of what that was."""
    script, notes = root / "bin/systemctl", root / "notes"
    script.write_text(f'#!{shutil.which("sh", path="/bin")}\necho "$*" >> {notes}\n')
    script.chmod(0o755)
    return notes


def test_a_machine_without_supplicant(owner: WpaSupplicant, systemctl: Path) -> None:
    """Where nobody starts wpa_supplicant on the interface, systemd will, until it is forgotten."""
    unit = "wpa_supplicant@wlan0.service"
    owner.keep(HOME, "one", "wlan0")
    owner.keep(OTHER, "two", "wlan0")
    owner.forget()

    assert systemctl.read_text().splitlines() == [f"enable {unit}"] * 2 + [f"disable {unit}"]


def test_somebody_elses_supplicant(
    owner: WpaSupplicant, systemctl: Path, supplicant: FakeDaemon
) -> None:
    """Where one is started already, nothing is enabled or disabled."""
    assert supplicant
    owner.keep(HOME, "one", "wlan0")
    owner.forget()

    assert not systemctl.exists()


@pytest.fixture
def supplicant(root: Path) -> Iterator[FakeDaemon]:
    """A wpa_supplicant on wlan0, told to sit still."""
    replies = dict.fromkeys(("RECONFIGURE", "RECONNECT"), "OK\n")
    replies["STATUS"] = "wpa_state=DISCONNECTED\n"
    with FakeDaemon(root / SOCKET, replies) as daemon:
        yield daemon


def test_settled(owner: WpaSupplicant, supplicant: FakeDaemon) -> None:
    """It reads the file anew and joins; home is the kept network, and no other one."""
    owner.keep(HOME, "one", "wlan0")
    assert not owner.is_home("wlan0")
    supplicant.replies["STATUS"] = "ssid=Werkstatt\nwpa_state=COMPLETED\n"
    assert not owner.is_home("wlan0")
    supplicant.replies["STATUS"] = "ssid=Zuhause\nwpa_state=COMPLETED\n"

    assert owner.settle("wlan0", 20)
    assert owner.is_home("wlan0")
    assert [word for word in supplicant.asked if word.startswith("RECON")] == [
        "RECONFIGURE",
        "RECONNECT",
    ]


def test_not_settled(owner: WpaSupplicant, supplicant: FakeDaemon, root: Path) -> None:
    """A network that is away now is no reason to lose it, or what was before."""
    owner.keep(HOME, "one", "wlan0")
    before = tree(root)

    assert not owner.settle("wlan0", 0.3)
    assert "RECONFIGURE" in supplicant.asked
    assert tree(root) == before


def test_nobody_to_settle_with(owner: WpaSupplicant, systemctl: Path) -> None:
    """The unit is started where nobody answers, and in the end it is said that nobody does."""
    assert not owner.settle("wlan0", 0)
    owner.keep(HOME, "one", "wlan0")

    assert not owner.settle("wlan0", 0.1)
    assert "restart wpa_supplicant@wlan0.service" in systemctl.read_text().splitlines()
