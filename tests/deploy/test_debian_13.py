"""The package on Debian 13, which Raspberry Pi OS is of today: a whole one, made by debootstrap."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.conftest import GERMANY, ROOT
from tests.deploy.copies import Copy, can_be_made
from tests.test_wheel import RENDER

# What the package depends on.
WITH = (
    *("python3", "hostapd", "dnsmasq-base", "wpasupplicant", "iw", "nftables", "wireless-regdb"),
    *("busybox", "systemd", "debconf", "init-system-helpers"),
)
PYTHON = "/opt/vestibule/bin/python3"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def trixie() -> Path:
    """A Debian 13: 300 MB, fetched in two minutes and kept."""
    if can_be_made() or not shutil.which("debootstrap"):
        pytest.skip(can_be_made() or "debootstrap is not installed")
    place = ROOT / ".cache/debian-13"
    if not place.is_dir():
        made = place.with_suffix(".new")
        shutil.rmtree(made, ignore_errors=True)
        include = f"--include={','.join(WITH)}"
        argv = ["debootstrap", "--variant=minbase", include, "trixie", str(made)]
        done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=1800)
        if done.returncode:
            pytest.skip(f"no Debian 13 can be made here: {done.stdout[-200:]}")
        made.rename(place)
    return place


@pytest.fixture
def thirteen(trixie: Path) -> Iterator[Copy]:
    """A copy of it."""
    with tempfile.TemporaryDirectory() as name:
        yield Copy(Path(name) / "machine", trixie)


def test_installed_used_and_purged(thirteen: Copy, package: Path, free_port: int) -> None:
    """On Python 3.13 it serves its page in German, all its modules can be had, it is switched on,
    and purged it has left nothing.
    """
    (thirteen.folder / "run").mkdir(parents=True)
    (thirteen.folder / "run/answers").write_text(GERMANY)
    shutil.copy(package, thirteen.folder / "run")
    thirteen.run("debconf-set-selections", "/run/answers")

    thirteen.run("dpkg", "--install", f"/run/{package.name}")

    assert "3.13" in thirteen.run(PYTHON, "--version").stdout
    thirteen.run("env", "-C", "/run", PYTHON, "-I", "-c", RENDER.format(port=free_port))
    thirteen.run(PYTHON, "-I", "-c", "import jeepney, paho.mqtt.client, pyroute2, segno, zeroconf")
    assert thirteen.run("systemctl", "is-enabled", "vestibule.target").stdout == "enabled\n"
    assert thirteen.run("dpkg", "--verify", "vestibule").stdout == ""
    thirteen.run("dpkg", "--purge", "vestibule")
    assert thirteen.left() == []
