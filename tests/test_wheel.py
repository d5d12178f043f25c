"""The wheel holds all that the appliance needs, and works where nothing else is."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import version
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
            connection.request("GET", "/", headers={{"Accept-Language": "de"}})
            break
        except ConnectionRefusedError:
            assert portal.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
    answer = connection.getresponse()
    page = answer.read()
    assert answer.status == 200, answer.status
    assert b"<form" in page and b"</html>" in page, page[:500]
    assert b"Anderes Netz" in page, page[:500]
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
    """Every module and template of the checkout is in the archive, every catalogue compiled, and
    nothing beside them.
    """
    tracked = subprocess.run(
        ["git", "ls-files", "dnsd", "hotspot", "portal", "templates"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.split()
    packed = [n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n]

    expected = [re.sub(r"\.po$", "/LC_MESSAGES/portal.mo", name) for name in tracked]
    assert sorted(packed) == sorted(expected)


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder, with_pip=True)
    install: list[str | Path] = [folder / "bin/python", "-m", "pip", "-q", "install", wheel]
    subprocess.run(install, check=True, capture_output=True, timeout=600)
    return folder / "bin/python"


@pytest.mark.wheel
def test_the_wheel_renders_a_page(python: Path, tmp_path: Path, free_port: int) -> None:
    """In an environment of its own, far from the checkout, the portal serves its page in German."""
    code = RENDER.format(port=free_port)

    subprocess.run([python, "-I", "-c", code], check=True, cwd=tmp_path, timeout=120)


@pytest.mark.wheel
def test_the_command_is_there(python: Path, tmp_path: Path) -> None:
    """`vestibule --version` says which."""
    command: list[str | Path] = [python.parent / "vestibule", "--version"]
    said = subprocess.run(command, check=True, capture_output=True, cwd=tmp_path, timeout=60)

    assert version("vestibule").encode() in said.stdout


@pytest.mark.wheel
def test_our_names_are_ours_alone(python: Path, tmp_path: Path) -> None:
    """No other distribution there owns portal, dnsd or hotspot (PyPI has a `portal` too)."""
    code = """
from importlib.metadata import packages_distributions
owners = packages_distributions()
print({owner for name in ("portal", "dnsd", "hotspot") for owner in owners[name]})
"""
    said = subprocess.run(
        [python, "-I", "-c", code], check=True, capture_output=True, cwd=tmp_path, timeout=60
    )

    assert said.stdout.decode().strip() == "{'vestibule'}"
