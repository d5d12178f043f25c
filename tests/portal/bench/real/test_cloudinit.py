"""Debian's cloud-init before the real appliance: its seed, its document, its report.

Installed, it would take over this machine at its next start; so it is only unpacked.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from portal.bench.devices.states import State
from tests.lab import image
from tests.portal.bench.shop import Shop, shop

MAC = "02:00:00:00:00:11"
BOARD = Path(__file__).with_name("board.py")
PYTHON = "/usr/bin/python3"
NEEDED = "import configobj, jinja2, jsonpatch, jsonschema, netifaces, oauthlib, requests, yaml"
USER_DATA = "#cloud-config\nhostname: {{ name }}\n"
PAPERS = {"user-data": {"format": "cloud-config", "template": USER_DATA}}


@pytest.fixture(scope="session")
def cloud_init(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's own Python, unpacked."""
    if subprocess.run([PYTHON, "-c", NEEDED], capture_output=True, check=False).returncode:
        pytest.skip("what cloud-init needs of Python is not installed (deploy/setup test)")
    folder = tmp_path_factory.mktemp("cloud-init")
    try:
        package = image._download(folder, "cloud-init")
    except image.Missing as missing:
        pytest.skip(str(missing))
    subprocess.run(["dpkg-deb", "-x", str(package), str(folder / "root")], check=True)
    return folder / "root/usr/lib/python3/dist-packages"


def start(cloud_init: Path, folder: Path, seed: str) -> dict[str, Any]:
    """A first start of a board; what it found."""
    work = folder / "board"
    work.mkdir(exist_ok=True)
    argv = [PYTHON, str(BOARD), str(cloud_init), str(work), seed]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads((work / "told.json").read_text()))


def furnished(here: Shop) -> None:
    """A job with one board and its user-data; its lease is that of loopback."""
    (here.folder / "dnsmasq.leases").write_text(f"1999999999 {MAC} 127.0.0.1 raspberrypi *\n")
    row = {"id": "gw-17", "serial": "GW-17", "mac": MAC, "product": "gateway", "name": "gw-17"}
    here.furnish([row], documents=PAPERS, about={"product": "gateway"})
    here.start()


@pytest.mark.parametrize("path", ["/ci/", "/ci/GW-17/"])
def test_a_board_is_done_by_its_first_start(cloud_init: Path, tmp_path: Path, path: str) -> None:
    """Known by its lease or its serial number; its own document; done when it phones home."""
    with shop(tmp_path) as here:
        furnished(here)
        if path != "/ci/":
            (here.folder / "dnsmasq.leases").unlink()
        told = start(cloud_init, tmp_path, here.url + path)
        device, home = here.devices()["gw-17"], f"{here.url}{path}phone-home"

    assert told["found"]
    assert told["user"] == {"hostname": "gw-17"}
    assert told["instance"].startswith("gw-17-")
    assert told["vendor"]["phone_home"]["url"] == home
    assert (device.state, device.evidence) == (
        State.PROVISIONED,
        "it reported success by nocloud",
    )
    assert device.attributes["instance_id"] == told["instance"]
