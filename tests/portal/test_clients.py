"""`python -m portal.clients`: who is here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from portal.clients import main
from portal.release.released import Released

LEASES = """\
1600 02:00:00:00:01:00 100.64.64.100 phone *
1600 02:00:00:00:02:00 100.64.64.20 * *
"""
TABLE = """\
ADDRESS        MAC                NAME   STATE
100.64.64.20   02:00:00:00:02:00  -      captive
100.64.64.100  02:00:00:00:01:00  phone  released
"""


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """Two clients, of which one is released."""
    (tmp_path / "dnsmasq.leases").write_text(LEASES)
    Released(tmp_path, lambda: 1000.0).release("100.64.64.100")
    return tmp_path


def test_a_table_for_people(runtime: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Everybody with a line, in the order of their addresses."""
    assert main(["--runtime", str(runtime)]) == 0
    assert capsys.readouterr().out == TABLE


def test_json_for_programs(runtime: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same, with empty text where a client has no name."""
    assert main(["--runtime", str(runtime), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "address": "100.64.64.20",
            "mac": "02:00:00:00:02:00",
            "name": "",
            "state": "captive",
        },
        {
            "address": "100.64.64.100",
            "mac": "02:00:00:00:01:00",
            "name": "phone",
            "state": "released",
        },
    ]


@pytest.mark.parametrize(("words", "said"), [([], "no clients\n"), (["--json"], "[]\n")])
def test_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    """Also where nothing runs and nothing has: to look makes nothing."""
    assert main(["--runtime", str(tmp_path / "none"), *words]) == 0
    assert capsys.readouterr().out == said
    assert not (tmp_path / "none").exists()


def test_a_reader_that_has_seen_enough(runtime: Path) -> None:
    """`vestibule clients | true` ends without a traceback."""
    argv = [sys.executable, "-m", "portal.clients", "--runtime", str(runtime)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(20) == 0
