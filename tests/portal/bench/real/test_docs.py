"""What docs/bench-protocol.md and docs/bench/ say, done with curl, dash, busybox and aria2."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.bench.devices.states import State
from tests.hotspot.real import program
from tests.portal.bench.real.cutting import cutting
from tests.portal.bench.shop import Shop, shop
from tests.portal.bench.simulators.test_room import IMAGE

DOCS = Path(__file__).parents[4] / "docs"
PAPERS = {"config": {"format": "json", "values": {"serial": "{{ serial }}"}}}


@contextmanager
def furnished(folder: Path) -> Iterator[Shop]:
    """A bench with one lamp, its firmware and its document."""
    with shop(folder) as here:
        here.stock(IMAGE, "lamp.bin")
        row = {"id": "SN-1", "serial": "SN-1", "product": "lamp"}
        here.furnish([row], documents=PAPERS)
        here.start()
        yield here


def test_the_walk_through_works_as_it_stands(tmp_path: Path) -> None:
    """Every command of the page, in its order, makes a device done."""
    program("curl")
    commands = re.findall(r"```sh\n(.*?)```", (DOCS / "bench-protocol.md").read_text(), re.DOTALL)
    work = tmp_path / "work"
    work.mkdir()
    with furnished(tmp_path) as here:
        done = subprocess.run(
            ["sh", "-eu", "-c", "".join(commands)], cwd=work, capture_output=True, text=True,
            env={**os.environ, "BENCH": here.url}, timeout=60, check=False,
        )  # fmt: skip
        device = here.devices()["SN-1"]

    assert (done.returncode, done.stderr) == (0, "")
    assert (work / "firmware.bin").read_bytes() == IMAGE
    assert '"SN-1"' in (work / "config.json").read_text()
    assert done.stdout.count('{"open":true}') == 2
    assert (device.state, device.attempt) == (State.PROVISIONED, 1)


def tools(folder: Path, *, is_busybox: bool) -> str:
    """A PATH with the one kind of tools only."""
    folder.mkdir()
    busybox = program("busybox")
    names = ["cat", "sed", "rm", "sleep", "sha256sum", "printf", "sh", "cp"]
    names += ["wget"] * is_busybox
    for name in names:
        (folder / name).symlink_to(busybox)
    if not is_busybox:
        (folder / "curl").symlink_to(program("curl"))
    return str(folder)


@pytest.mark.parametrize(
    ("shell", "is_busybox"),
    [
        ("dash", True),
        pytest.param("dash", False, marks=pytest.mark.long),
        pytest.param("busybox", True, marks=pytest.mark.long),
    ],
)
def test_the_shell_client(tmp_path: Path, shell: str, *, is_busybox: bool) -> None:
    """Dash with curl, and with nothing but busybox; over a line that breaks in the middle."""
    version = tmp_path / "version"
    installer = tmp_path / "installer"
    installer.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/there.bin\nprintf %s "$2" >{version}\n')
    installer.chmod(0o755)
    words = [program(shell), *(["sh"] if shell == "busybox" else [])]
    environment = {
        "PATH": tools(tmp_path / "bin", is_busybox=is_busybox), "INSTALL": str(installer),
        "VERSION_FILE": str(version), "IMAGE": str(tmp_path / "image.bin"),
        "CONFIG": str(tmp_path / "config.json"), "PAUSE": "1",
    }  # fmt: skip
    with furnished(tmp_path) as here, cutting(here.place, 100_000) as line:
        done = subprocess.run(
            [*words, str(DOCS / "bench" / "client.sh"), line.url, "SN-1", "lamp"],
            env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        device = here.devices()["SN-1"]

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "there.bin").read_bytes() == IMAGE
    assert '"SN-1"' in (tmp_path / "config.json").read_text()
    assert line.broken == 1
    assert (device.state, device.attempt, device.version) == (State.PROVISIONED, 1, "2.0")


def test_aria2_fetches_by_four_connections(tmp_path: Path) -> None:
    """Ranges on several connections at once, over a line that breaks: the same bytes."""
    name = program("aria2c")
    with furnished(tmp_path) as here, cutting(here.place, 60_000, 2) as line:
        told = subprocess.run(
            ["curl", "-sS", f"{line.url}/bench/v1/me?serial=SN-1&hw=lamp&fw=1.0"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        url = re.findall(r'"url":"([^"]*)"', told)[0]
        subprocess.run(
            [name, "-q", "-x4", "-s4", "-k", "1M", "--min-split-size=1M", "--retry-wait=1", "-m9",
             "--piece-length=1M", "-d", str(tmp_path), "-o", "image.bin", url],
            check=True, timeout=60,
        )  # fmt: skip

    assert (tmp_path / "image.bin").read_bytes() == IMAGE
    assert line.broken == 2
