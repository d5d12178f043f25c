"""The wheel holds all that the appliance needs, and works where nothing else is."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

RENDER = """
import http.client, subprocess, sys, time
portal = subprocess.Popen(
    [sys.executable, "-m", "portal", "--state", "state", "--runtime", "runtime", "--demo",
     "--bind", "127.0.0.1:{port}", "--url", "http://127.0.0.1:{port}/"])
try:
    deadline = time.monotonic() + 60
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", {port}, timeout=20)
            connection.request("GET", "/")
            break
        except ConnectionRefusedError:
            assert portal.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
    answer = connection.getresponse()
    page = answer.read()
    assert answer.status == 200, answer.status
    assert b"<form" in page and b"</html>" in page, page[:500]
finally:
    portal.terminate()
    portal.wait(30)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a release is."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
        timeout=300,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.mark.wheel
def test_the_wheel_mirrors_the_tree(wheel: Path) -> None:
    """Every module and template of the checkout is in the archive, and nothing beside them."""
    tracked = subprocess.run(
        ["git", "ls-files", "dnsd", "hotspot", "portal", "templates"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.split()
    packed = [n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n]

    assert sorted(packed) == sorted(tracked)


@pytest.mark.wheel
def test_the_wheel_renders_a_page(wheel: Path, tmp_path: Path, free_port: int) -> None:
    """In an environment of its own, far from the checkout, the portal serves its page."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    install: list[str | Path] = [
        python,
        "-m",
        "pip",
        "-q",
        "--disable-pip-version-check",
        "install",
        wheel,
    ]
    subprocess.run(install, check=True, capture_output=True, timeout=600)

    subprocess.run(
        [python, "-I", "-c", RENDER.format(port=free_port)], check=True, cwd=tmp_path, timeout=120
    )
    version = subprocess.run(
        [tmp_path / "venv/bin/vestibule", "--version"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "0.1.0" in version.stdout


def test_our_names_are_ours_alone() -> None:
    """No other distribution here owns portal, dnsd or hotspot (PyPI has a `portal` too)."""
    owners = packages_distributions()

    assert {name: owners.get(name) for name in ("portal", "dnsd", "hotspot")} == {
        "portal": ["vestibule"],
        "dnsd": ["vestibule"],
        "hotspot": ["vestibule"],
    }
