"""The bench by command, on a state directory of its own, as the process it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal.bench.__main__ import main
from portal.bench.ledger.ledger import FILE
from tests.portal.bench.benches import Workshop

CANARY = "kanarienvogel-4711"
JOB = """\
[job]
id = "site-7"
title = "Lamps for site 7"
product = "lamp"

[documents.config]
format = "json"
values = { name = "{{ name }}", key = "{{ key }}" }
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state directory, and beside it files to import."""
    (tmp_path / "job.toml").write_text(JOB)
    rows = f"serial,name,secret.key\nSN1,lamp-1,{CANARY}\nSN2,lamp-2,\n"
    (tmp_path / "devices.csv").write_text(rows)
    (tmp_path / "lamp.bin").write_bytes(b"firmware" * 100)
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


def asked(capsys: pytest.CaptureFixture[str], state: Path, *words: str) -> tuple[int, str, str]:
    """Status, answer and remarks of a command."""
    status = main([*words, "--state", str(state), "--runtime", str(state)])
    told = capsys.readouterr()
    return status, told.out, told.err


def told(capsys: pytest.CaptureFixture[str], state: Path, *words: str) -> Any:
    """The answer for programs."""
    status, out, err = asked(capsys, state, *words, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


def test_from_a_job_to_its_report(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Job, preview, import of what is sound, firmware, devices, export, report, audit."""
    folder = state.parent
    told(capsys, state, "import", str(folder / "job.toml"))
    status, out, _ = asked(capsys, state, "import", "--preview", str(folder / "devices.csv"))
    assert status == 1
    assert "line 3, documents 'SN2': config: key: no value" in out
    status, _, err = asked(capsys, state, "import", str(folder / "devices.csv"))
    assert (status, err) == (1, "1 rows are not sound. Correct them, or leave them out.\n")

    told(capsys, state, "import", "--partial", str(folder / "devices.csv"))
    add = ("add", str(folder / "lamp.bin"), "--product", "lamp", "--version", "2.0")
    status, _, err = asked(capsys, state, *add)
    assert (status, "has no signature" in err) == (1, True)
    assert told(capsys, state, *add, "--unsigned")["override"].endswith(" (command)")

    assert [each["state"] for each in told(capsys, state, "devices")] == ["expected"]
    (job,) = told(capsys, state, "jobs")
    assert (job["id"], job["devices"], job["current"]) == ("site-7", 1, True)
    status, out, _ = asked(capsys, state, "export")
    assert out.splitlines()[1].startswith("SN1,lamp-1,••••••••,")
    report = told(capsys, state, "report")
    assert (report["job"], report["counts"]) == ("Lamps for site 7", {"expected": 1})
    verdict = told(capsys, state, "audit", "verify")
    assert (verdict["lines"], verdict["head"]) == (4, report["audit"]["head"])
    whats = [each["what"] for each in told(capsys, state, "audit")]
    assert whats == ["job imported", "manifest imported", "imported", "file added unsigned"]


def test_no_secret_is_told(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in an answer nor on the disk, but for the vault's own key."""
    folder = state.parent
    for file in ("job.toml", "devices.csv"):
        asked(capsys, state, "import", "--partial", str(folder / file))
    said = [
        "".join(asked(capsys, state, *words)[1:])
        for words in (["devices", "--json"], ["export"], ["export", "--jsonl"], ["audit"],
                      ["report", "--jsonl"], ["jobs"])
    ]  # fmt: skip

    assert CANARY not in "".join(said)
    kept = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert CANARY.encode() not in kept


def test_a_changed_line_is_found(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`audit verify` says which line, and ends with 1."""
    told(capsys, state, "jobs", "--begin", "A first job")
    told(capsys, state, "jobs", "--begin", "A second job")
    octets = (state / FILE).read_bytes()
    (state / FILE).write_bytes(octets.replace(b"a-first-job", b"a-False-job"))

    status, out, _ = asked(capsys, state, "audit", "verify")

    assert (status, out) == (1, "broken: line 1 was changed\n")


def test_a_retry_beside_a_bench_that_runs(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a command changes counts at once for the portal's own bench, and the chain holds."""
    shop = Workshop(state)
    shop.put()
    shop.begin([{"id": "SN1", "serial": "SN1"}])
    shop.fetch(shop.see("1.0", serial="SN1"))
    shop.see("1.0", serial="SN1")
    assert shop.see("1.0", serial="SN1").state == "failed"

    assert told(capsys, state, "retry", "SN1") == ["SN1"]

    assert shop.see("1.0", serial="SN1").state == "flashing"
    assert told(capsys, state, "audit", "verify")["broken"] == 0
    status, _, err = asked(capsys, state, "retry", "SN9")
    assert (status, err) == (1, "There is no such device on this bench.\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["import", "/nowhere.csv"], "/nowhere.csv: No such file"),
        (["jobs", "--choose", "no"], "There is no such job."),
        (["jobs", "--begin", "///"], "letters or digits"),
        (["devices", "--state", "/nowhere"], "There is no bench in /nowhere"),
        (["devices", "--config", "/nowhere.toml"], "/nowhere.toml: No such file"),
    ],
)
def test_what_cannot_be_done(
    state: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    """It ends with 1, in words."""
    more = [] if "--state" in words else ["--state", str(state)]

    assert main([*words, *more]) == 1
    assert says in capsys.readouterr().err


def test_nothing_plays_with_the_terminal(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names in a hostile file are told with what a terminal would act on escaped."""
    bad = state.parent / "bad.csv"
    for text in ("serial,\x1b[2J\n1,2\n", '{"serial": "1", "\x1b[2J": [1]}\n', "serial\n\x1b[2J\n"):
        bad.write_text(text.replace("\x1b", "\\u001b") if text[0] == "{" else text)
        _, out, err = asked(capsys, state, "import", "--preview", str(bad))
        assert "\x1b" not in out + err
        assert out + err


def test_vestibule_bench(state: Path) -> None:
    """The command of the project becomes this process; paths are the caller's."""
    done = subprocess.run(
        [sys.executable, "-m", "hotspot", "bench", "import", "job.toml", "--state", "state"],
        cwd=state.parent, env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert "The job site-7: Lamps for site 7." in done.stdout


def test_it_loads_no_web_side() -> None:
    """A command pays for neither Flask nor gunicorn."""
    code = "import sys, portal.bench.__main__; print(*{'flask', 'gunicorn'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == []
