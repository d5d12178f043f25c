"""What docs/install.md and docs/factory.md have a person type is run here, as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy import images
from tests.deploy.conftest import GERMANY, ROOT
from tests.deploy.copies import CLEAN, Copy

# Made by the fixture `package`, which is the same program.
MADE = "make deb"
# These need Debian's archive, and PyPI.
NACL = "sudo apt install python3-nacl"
GENERATOR = ("sudo apt install python3-pip", "sudo pip install")
SUDO = '#!/bin/sh\nexec env "$@"\n'
FIRST_START = """
import os
from pathlib import Path
from hotspot import identity
identity.keep(Path("/var/lib/vestibule"), os.urandom)
"""


def lines(page: str) -> list[str]:
    """The page's commands, in their order."""
    text = (ROOT / "docs" / page).read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.fixture
def operator(machine: Copy, package: Path) -> Copy:
    """A machine with somebody before it, and the package beside them."""
    machine.with_systemd()
    sudo = machine.folder / "run/fakes/sudo"
    sudo.write_text(SUDO)
    sudo.chmod(0o755)
    here = machine.folder / "run/here"
    here.mkdir()
    shutil.copy(package, here)
    options = f'APT::Get::Assume-Yes "true";\nDPkg::Path "{CLEAN["PATH"]}";\n'
    (machine.folder / "run/apt.conf").write_text(options)
    return machine


def typed(machine: Copy, line: str) -> str:
    """What a line says there."""
    words = ("env", "-C", "/run/here", "bash", "-euc", line)
    return machine.run(*words, APT_CONFIG="/run/apt.conf").stdout


@pytest.mark.long
def test_install_upgrade_remove(operator: Copy) -> None:
    """From the first line of docs/install.md to its last, on one machine."""
    # What a person answers when it asks.
    (operator.folder / "run/answers").write_text(GERMANY)
    operator.run("debconf-set-selections", "/run/answers")
    for line in lines("install.md"):
        if line in {MADE, NACL} or line.startswith(GENERATOR):
            continue
        if line == "sudo vestibule qr":
            # What the units do where there is an adapter.
            operator.run("/opt/vestibule/bin/python3", "-I", "-c", FIRST_START)
        typed(operator, line)

    assert "start vestibule.target" in operator.asked()
    assert not (operator.written / "var/lib/vestibule").is_dir()


@pytest.mark.long
def test_sealing_by_the_distributions_library(operator: Copy) -> None:
    """Installed as the page says, it is found by our Python, and seals."""
    typed(operator, "sudo apt install ./vestibule_*_all.deb")
    # It says so where it is missing.
    generate = ("vestibule", "keys", "generate", "/run/private.key")
    assert "apt install python3-nacl" in operator.run(*generate, check=False).stdout
    update = operator.run("apt-get", "-qq", "update", check=False)
    if update.returncode:
        pytest.skip("Debian's archive is out of reach")

    typed(operator, NACL)

    operator.run(*generate)
    assert len((operator.folder / "run/private.key").read_text().split()[0]) >= 64


@pytest.mark.long
def test_espressifs_generator(operator: Copy) -> None:
    """Installed as the page says, it is found by our Python, and an image is made."""
    typed(operator, "sudo apt install ./vestibule_*_all.deb")
    code = """
from portal.bench.documents import nvs
print(len(nvs.image({"wifi/ssid": "Home"})))
"""
    if operator.run("apt-get", "-qq", "update", check=False).returncode:
        pytest.skip("Debian's archive is out of reach")

    for line in lines("install.md"):
        if line.startswith(GENERATOR):
            typed(operator, line)

    said = operator.run("/opt/vestibule/bin/python3", "-I", "-c", code).stdout
    assert said.splitlines()[-1] == "24576"


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("mcopy"), reason="mtools is not installed")
def test_the_factory(source: Path, package: Path, tmp_path: Path) -> None:
    """From the first line of docs/factory.md to its last, in a checkout with an image in it."""
    checkout = tmp_path / "checkout"
    shutil.copytree(source, checkout, symlinks=True)
    archive = tmp_path / "archive"
    archive.mkdir()
    image = images.image(tmp_path / "rpios.img", images.archive(archive))
    subprocess.run(["xz", "-0", image], check=True, timeout=60)
    shutil.move(f"{image}.xz", checkout)
    (checkout / "dist").mkdir()
    shutil.copy(package, checkout / "dist")
    (checkout / "config.toml").write_text('[radio]\ncountry = "FR"\n')

    for line in lines("factory.md"):
        if line == MADE:
            continue
        done = subprocess.run(
            ["bash", "-euc", line],
            cwd=checkout,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"

    assert images.listed(checkout / "card-0042.img", "/var/lib/vestibule")
    assert not (checkout / "label-0042.pdf").exists()
    listing = subprocess.run(
        ["mdir", "-b", "-i", f"{checkout / 'rpios.img'}@@4M", "::"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert {"::/user-data", f"::/{package.name}"} <= set(listing.stdout.split())


@pytest.mark.long
def test_cloud_inits_own_way(operator: Copy, package: Path) -> None:
    """The commands of deploy/image/user-data, as cloud-init runs them, but for those that need the
    network: Vestibule is installed, and on.
    """
    document = (ROOT / "deploy/image/user-data").read_text()
    bootfs = operator.written / "boot/firmware"
    bootfs.mkdir(parents=True)
    shutil.copy(package, bootfs)

    assert document.startswith("#cloud-config\n")
    for words in yaml.safe_load(document)["runcmd"]:
        if words != ["apt-get", "update"]:
            operator.run(*words, APT_CONFIG="/run/apt.conf")

    assert "start vestibule.target" in operator.asked()
    assert (operator.written / "etc/vestibule/config.toml").read_text().endswith('"DE"\n')


@pytest.mark.skipif(not shutil.which("cloud-init"), reason="cloud-init is not installed")
def test_cloud_init_takes_it() -> None:
    """cloud-init's own schema has nothing against deploy/image/user-data."""
    argv = ["cloud-init", "schema", "--config-file", str(ROOT / "deploy/image/user-data")]
    said = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=120)

    assert said.returncode == 0, said.stdout + said.stderr
