"""The commands that tell of records, as an operator types them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.provisioning.__main__ import main
from portal.provisioning.join import Turn
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import Event
from portal.provisioning.record import Record, from_json, to_json
from tests.portal.provisioning import typed
from tests.portal.provisioning.fakes import START, FakeClock, a_record
from tests.portal.provisioning.typed import CANARY, said

records = typed.records


def test_list(tmp_path: Path, records: list[Record], capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each record, oldest first, with nothing a terminal would act on."""
    lines = said(capsys, "records", "list", "--state", str(tmp_path)).splitlines()

    assert lines[0].split() == ["ID", "CREATED", "NETWORK", "STATE", "ATTEMPTS", "REASON"]
    assert [line.split()[0] for line in lines[1:]] == [record.id for record in records]
    assert "café \\x1b[2J\\nroot:\\xff  accepted" in lines[1]
    assert CANARY not in "".join(lines)


def test_list_for_programs(
    tmp_path: Path, records: list[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON array, with null for secrets that are there and "" for an open network."""
    text = said(capsys, "records", "list", "--json", "--state", str(tmp_path))
    entries = json.loads(text)

    assert [entry["id"] for entry in entries] == [record.id for record in records]
    assert [entry["record"]["passphrase"] for entry in entries] == [None, None, ""]
    assert entries[1]["record"]["fields"] == {"room": "cellar\x1b[31m", "pin": None}
    assert entries[0]["deliveries"] == [
        {"name": "keep", "state": "accepted", "attempts": 0, "reason": None, "next_try": None}
    ]
    assert CANARY not in text


def test_show(tmp_path: Path, records: list[Record], capsys: pytest.CaptureFixture[str]) -> None:
    """A record's life, step by step, secrets hidden."""
    assert main(["deliver", "--state", str(tmp_path)]) == 0
    text = said(capsys, "records", "show", records[1].id, "--state", str(tmp_path))

    assert "state     delivered" in text
    assert "field     room = cellar\\x1b[31m" in text
    assert "field     pin = (hidden)" in text
    assert "password  (not kept here)" in text
    assert [line.split()[2] for line in text.splitlines()[-3:]] == [
        "accepted",
        "begun",
        "delivered",
    ]
    assert CANARY not in text


def test_show_for_programs(
    tmp_path: Path, records: list[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    """The same as one JSON object."""
    text = said(capsys, "records", "show", records[2].id, "--json", "--state", str(tmp_path))
    shown = json.loads(text)

    assert (shown["id"], shown["state"]) == (records[2].id, "accepted")
    assert [step["event"] for step in shown["steps"]] == ["accepted"]


@pytest.fixture
def attempt(tmp_path: Path) -> str:
    """The id of an attempt that failed, in a store."""
    record = a_record(passphrase=CANARY)
    with Store(tmp_path / "records.db") as store:
        store.accept(record, ["keep"], joins=True)
        store.turn(record.id, Turn.BEGUN)
        store.turn(record.id, Turn.FAILED, outcome="wrong_password", step="authenticated")
    return record.id


def test_an_attempt_is_told(
    tmp_path: Path, attempt: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`list` and `show` say why it failed; nothing of it was delivered."""
    listed = said(capsys, "records", "list", "--state", str(tmp_path)).splitlines()[1]
    shown = said(capsys, "records", "show", attempt, "--state", str(tmp_path)).splitlines()

    assert listed.endswith("failed  1         wrong password at authenticated")
    assert "join      failed: wrong password at authenticated" in shown
    assert "delivery  keep: held" in shown
    assert [line.split()[1:3] for line in shown[-3:]] == [
        ["(join)", "asked"],
        ["(join)", "begun"],
        ["(join)", "failed"],
    ]


def test_an_attempt_for_programs(
    tmp_path: Path, attempt: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same as JSON, also in an export; an export with secrets says that it is an attempt."""
    place = ("--state", str(tmp_path))
    shown = json.loads(said(capsys, "records", "show", attempt, "--json", *place))
    exported = json.loads(said(capsys, "records", "export", *place))
    assert main(["records", "export", "--secrets", *place]) == 0

    assert shown["join"].items() >= {("state", "failed"), ("outcome", "wrong_password")}
    assert [each["turn"] for each in shown["turns"]] == ["asked", "begun", "failed"]
    assert exported["join"] == shown["join"]
    assert "has not connected: failed" in capsys.readouterr().err


def test_show_what_is_not_there(
    tmp_path: Path, records: list[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown id is refused with the way to the known ones."""
    assert len(records) == 3
    assert main(["records", "show", "nonsense", "--state", str(tmp_path)]) == 1
    assert "`vestibule records list`" in capsys.readouterr().err


def test_export(
    tmp_path: Path, records: list[Record], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """JSON Lines that become the same records again, when secrets are asked for."""
    assert main(["records", "export", "--secrets", "--state", str(tmp_path)]) == 0
    lines = capsysbinary.readouterr().out.splitlines(keepends=True)

    assert [from_json(line) for line in lines] == records
    assert lines == [to_json(record) + b"\n" for record in records]


def test_export_without_secrets(
    tmp_path: Path, records: list[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody gets passwords who has not asked for them."""
    text = said(capsys, "records", "export", "--json", "--state", str(tmp_path))

    assert len(text.splitlines()) == len(records)
    assert CANARY not in text


def test_export_to_a_file(tmp_path: Path, records: list[Record]) -> None:
    """The file is whole, and its owner's alone."""
    out = tmp_path / "out.jsonl"
    argv = ["records", "export", "--secrets", "--output", str(out), "--state", str(tmp_path)]

    assert main(argv) == 0
    assert [from_json(line) for line in out.read_bytes().splitlines()] == records
    assert out.stat().st_mode & 0o777 == 0o600


def test_looking_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before the first record there is nothing to list, and no store is made by asking."""
    state = tmp_path / "state"

    assert said(capsys, "records", "list", "--state", str(state)) == "no records yet\n"
    assert json.loads(said(capsys, "records", "list", "--json", "--state", str(state))) == []
    assert said(capsys, "records", "export", "--state", str(state)) == ""
    assert not state.exists()


def test_a_damaged_store_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is set aside, and every look at the records tells so until the file is gone."""
    (tmp_path / "records.db").write_bytes(b"nonsense" * 200)

    assert main(["records", "list", "--state", str(tmp_path)]) == 0
    assert "records.db: the database was damaged" in capsys.readouterr().err
    (aside,) = tmp_path.glob("records.db.damaged-*")
    assert main(["records", "list", "--state", str(tmp_path)]) == 0
    assert f"is now {aside.name}: 0 records kept" in capsys.readouterr().err
    aside.unlink()
    assert main(["records", "list", "--state", str(tmp_path)]) == 0
    assert capsys.readouterr().err == ""


def test_settings_name_the_deliveries(tmp_path: Path) -> None:
    """`deliver --config` hands records to the backend and folder the file names."""
    out, record = tmp_path / "usb", a_record()
    config = tmp_path / "config.toml"
    config.write_text(
        f'[radio]\ncountry = "DE"\n[delivery.usb]\nbackend = "file"\ndirectory = "{out}"\n'
    )
    with Store(tmp_path / "records.db") as store:
        store.accept(record, ["usb"])

    assert main(["deliver", "--config", str(config), "--state", str(tmp_path)]) == 0
    assert [path.stem for path in out.iterdir()] == [record.id]


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        (b"[radio]\ncountry = 7\n", 2, "radio.country = 7"),
        (b"\xff", 2, "TOML in UTF-8"),
        (None, 1, "No such file"),
    ],
)
def test_bad_settings(
    tmp_path: Path,
    text: bytes | None,
    status: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Settings that cannot be used are refused in words, and nothing is made."""
    config = tmp_path / "config.toml"
    if text is not None:
        config.write_bytes(text)
    state = tmp_path / "state"

    assert main(["deliver", "--config", str(config), "--state", str(state)]) == status
    assert words in capsys.readouterr().err
    assert not state.exists()


def test_a_reader_that_has_seen_enough(tmp_path: Path, records: list[Record]) -> None:
    """`records list | head` ends quietly."""
    assert records
    argv = [
        sys.executable,
        "-m",
        "portal.provisioning",
        "records",
        "list",
        "--state",
        str(tmp_path),
    ]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


def test_a_clock_that_was_not_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its moments are marked; once it is set, in the same boot, they are dated, and marked so."""
    clock = FakeClock()
    clock.reboot(datetime(1970, 1, 1, 0, 1, tzinfo=UTC))
    clock.is_set = False
    record, place = a_record(), ("--state", str(tmp_path))
    with Store(tmp_path / "records.db", clock=clock) as store:
        store.accept(record, ["keep"])
    before = said(capsys, "records", "show", record.id, *place)
    with Store(tmp_path / "records.db", clock=clock) as store:
        clock.pass_(60)
        clock.wall, clock.is_set = START, True
        task = store.due(["keep"])
        assert task is not None
        store.happen(task, Event.BEGUN)
    after = said(capsys, "records", "show", record.id, *place)
    first, second = json.loads(said(capsys, "records", "show", record.id, "--json", *place))[
        "steps"
    ]

    assert "1970-01-01T00:01:00Z?  keep" in before
    assert "not set yet at times marked ?" in before
    assert "2026-03-01T09:29:00Z~  keep" in after
    assert "2026-03-01T09:30:00Z   keep" in after
    assert first.items() >= {
        ("at", "1970-01-01T00:01:00.000000Z"),
        ("clock_set", False),
        ("derived", "2026-03-01T09:29:00.000000Z"),
    }
    assert (second["clock_set"], second["derived"]) == (True, None)
