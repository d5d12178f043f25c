"""Vestibule into a card image, neither mounted nor booted; and the first start that installs it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.image.__main__ import main
from hotspot import identity
from tests.deploy import images
from tests.deploy.conftest import ROOT
from tests.deploy.copies import CLEAN, Copy

PLACE = "/var/lib/vestibule-install"
KEY = "/var/lib/vestibule/access-point.json"
WANTS = "/etc/systemd/system/multi-user.target.wants"

pytestmark = pytest.mark.skipif(
    not (shutil.which("mkfs.vfat", path="/sbin:/usr/sbin") and shutil.which("apt-get")),
    reason="dosfstools or apt is not installed",
)


@pytest.fixture(scope="module")
def _card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card")
    (folder / "archive").mkdir()
    return images.image(folder / "rpios.img", images.archive(folder / "archive"))


@pytest.fixture
def card(_card: Path, tmp_path: Path) -> Path:
    """An image of a card, never used."""
    return Path(shutil.copy(_card, tmp_path / "rpios.img"))


def test_what_add_puts_in(card: Path, package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The package and what the image lacks for it, for its own kind of machine; settings, and a
    unit for the first start; the radio is no longer kept off. All root's, and the image is sound.
    """
    before = card.read_bytes()[: images.EXT4[0]]

    assert main(["add", str(card), "--package", str(package), "--country", "DE"]) == 0

    said = capsys.readouterr().out
    assert f"{package.name} is in it, for armhf" in said
    put = images.listed(card, PLACE)
    assert {name.partition("_")[0] for name in put if name.endswith(".deb")} == {
        *images.OFFERED,
        "vestibule",
    }
    assert put["install"] == ("100755", "0/0")
    assert {one for name, one in put.items() if name != "install"} == {("100644", "0/0")}
    settings = images.debugfs(card, "cat /etc/vestibule/config.toml")
    assert settings == '[radio]\ncountry = "DE"\n'
    unit = images.listed(card, "/etc/systemd/system")["vestibule-install.service"]
    assert unit == ("100644", "0/0")
    assert images.listed(card, WANTS)["vestibule-install.service"][0].startswith("12")
    assert images.debugfs(card, "cat /var/lib/systemd/rfkill/platform-3f300000.mmcnr:wlan") == "0\n"
    assert "WirelessEnabled=true" in images.debugfs(
        card, "cat /var/lib/NetworkManager/NetworkManager.state"
    )
    assert images.is_sound(card)
    assert card.read_bytes()[: images.EXT4[0]] == before


def test_again_changes_what_is_there(card: Path, package: Path, tmp_path: Path) -> None:
    """A second time, with other settings and nothing to fetch: they take the place of the first."""
    wanted = tmp_path / "my.toml"
    wanted.write_text('[radio]\ncountry = "FR"\nssid = "Pump 7"\n')
    words = ["add", str(card), "--package", str(package), "--no-fetch"]

    assert main([*words, "--country", "DE"]) == 0
    assert main([*words, "--settings", str(wanted)]) == 0

    assert images.debugfs(card, "cat /etc/vestibule/config.toml") == wanted.read_text()
    assert set(images.listed(card, PLACE)) == {package.name, "install"}
    assert images.is_sound(card)


def test_each_card_gets_its_own_key(card: Path, package: Path, tmp_path: Path) -> None:
    """Name and key as the first start would make them, root's alone, and on the label what is on
    the card; asked again, the key stays, for it may be printed already.
    """
    label = tmp_path / "label.pdf"
    assert main(["add", str(card), "--package", str(package), "--no-fetch", "--country", "DE"]) == 0

    assert main(["key", str(card), "--label", str(label), "--serial", "A-0042"]) == 0

    kept = identity.decode(images.debugfs(card, f"cat {KEY}").encode())
    assert images.listed(card, "/var/lib/vestibule")["access-point.json"] == ("100600", "0/0")
    printed = subprocess.run(
        ["pdftotext", label, "-"], check=True, capture_output=True, text=True, timeout=60
    ).stdout.split()
    assert {f"Vestibule-{kept.suffix}", str(kept.passphrase), "A-0042"} <= {*printed}
    assert label.stat().st_mode & 0o777 == 0o600
    assert main(["key", str(card)]) == 0
    assert identity.decode(images.debugfs(card, f"cat {KEY}").encode()) == kept
    assert images.is_sound(card)


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """The words of a refusal."""
    assert main(list(map(str, words))) == 1
    return capsys.readouterr().err


def test_what_is_refused(
    card: Path, package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No image, no Debian, no country, no Vestibule yet: each in words, and nothing is written."""
    before = card.read_bytes()
    empty = tmp_path / "empty.img"
    empty.write_bytes(bytes(4096))
    add = ("--package", package, "--no-fetch", "--country", "DE")

    assert "no partition table (is it still compressed?)" in refused(capsys, "add", empty, *add)
    assert "radio.country" in refused(capsys, "add", card, *add[:-1], "Deutschland")
    assert "python -m deploy.image add" in refused(capsys, "key", card)
    assert "No such file" in refused(capsys, "add", tmp_path / "none.img", *add)
    assert card.read_bytes() == before


def test_an_image_that_was_not_left_in_order(
    card: Path, package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What its journal still holds would be written over ours: it is refused, with what to do."""
    images.debugfs(card, "ssv state 0", "-w")

    said = refused(capsys, "add", card, "--package", package, "--no-fetch", "--country", "DE")

    assert "start it once and shut it down" in said


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_first_starts_unit(tmp_path: Path) -> None:
    """Each word of it is one that systemd knows."""
    unit = tmp_path / "vestibule-install.service"
    text = (ROOT / "deploy/image" / unit.name).read_text()
    unit.write_text(text.replace(f"ExecStart={PLACE}/install", "ExecStart=/bin/true"))
    argv = ["systemd-analyze", "verify", "--man=no", str(unit)]
    said = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)

    assert unit.name not in said.stderr


def test_what_does_not_fit_is_refused(
    card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is written, by what unpacking will take."""
    before = card.read_bytes()
    large = tmp_path / "vestibule_9_all.deb"
    large.write_bytes(bytes(20 * images.MIB))

    said = refused(capsys, "add", card, "--package", large, "--no-fetch", "--country", "DE")

    assert re.search(r"100 MiB are needed and \d+ are free", said)
    assert card.read_bytes() == before


@pytest.mark.long
def test_the_first_start(machine: Copy, package: Path) -> None:
    """Without a network: what lies there is installed, the settings and the key stay as they were
    made, and of the first start itself nothing is left.
    """
    machine.with_systemd()
    key = json.dumps({"suffix": "7KQ2", "passphrase": "k7fq-2m9x-abcd-efgh"}) + "\n"
    put = {
        f"{PLACE}/{package.name}": package.read_bytes(),
        f"{PLACE}/install": Path("deploy/image/install").read_bytes(),
        "/etc/systemd/system/vestibule-install.service": b"",
        f"{WANTS}/vestibule-install.service": b"",
        "/etc/vestibule/config.toml": b'[radio]\ncountry = "FR"\n',
        KEY: key.encode(),
    }
    for name, data in put.items():
        path = machine.written / name[1:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    # apt has a PATH of its own for what it starts, in which the fakes are not.
    (machine.folder / "run/apt.conf").write_text(f'DPkg::Path "{CLEAN["PATH"]}";')

    machine.run("unshare", "--net", "sh", f"{PLACE}/install", APT_CONFIG="/run/apt.conf")

    assert "start vestibule.target" in machine.asked()
    for name in (PLACE, f"{WANTS}/vestibule-install.service"):
        assert not (machine.written / name[1:]).exists()
    assert (machine.written / "etc/vestibule/config.toml").read_text().endswith('"FR"\n')
    assert (machine.written / KEY[1:]).read_text() == key
    assert (machine.written / KEY[1:]).parent.stat().st_mode & 0o7777 == 0o2770
    shown = json.loads(machine.run("vestibule", "qr", "--json").stdout)
    assert shown["ssid"] == "Vestibule-7KQ2"
