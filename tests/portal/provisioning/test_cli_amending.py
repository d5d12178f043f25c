"""The commands that change records: what was rejected is offered again, what is over forgotten."""

from __future__ import annotations

import io
import json
import socket
from pathlib import Path

import pytest

from portal.provisioning.__main__ import main
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import Event
from tests.portal.provisioning import typed
from tests.portal.provisioning.fakes import a_record
from tests.portal.provisioning.typed import CANARY, said

records = typed.records


@pytest.fixture
def rejected(tmp_path: Path) -> list[str]:
    """The ids of three records in a store: two that were rejected, one that waits."""
    records = [a_record(ssid=f"home {n}".encode(), passphrase=CANARY) for n in range(3)]
    with Store(tmp_path / "records.db") as store:
        for number, record in enumerate(records):
            store.accept(record, ["keep"])
            task = store.due(["keep"])
            assert task is not None
            store.happen(task, Event.BEGUN)
            if number < 2:
                store.happen(task, Event.REJECTED, reason="no such\x1b site")
            else:
                store.happen(task, Event.DEFERRED, reason="away", delay=0.1)
    return [record.id for record in records]


def test_retry(tmp_path: Path, rejected: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Rejected ones are offered again, the deliverer is rung, and they arrive."""
    place = ("--state", str(tmp_path), "--runtime", str(tmp_path))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.bind(str(tmp_path / "deliver.sock"))
        said(capsys, "records", "retry", rejected[0], *place)
        assert bell.recv(8, socket.MSG_DONTWAIT) == b"\n"
    answer = json.loads(said(capsys, "records", "retry", "--rejected", "--json", *place))
    assert main(["deliver", "--state", str(tmp_path)]) == 0

    assert answer == {"retried": {rejected[1]: ["keep"]}, "left": {}}
    assert len([*(tmp_path / "delivered").iterdir()]) == 3


def test_retry_by_delivery(
    tmp_path: Path, rejected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """By the name of a delivery: those that it has rejected."""
    ask = ("records", "retry", "--json", "--state", str(tmp_path), "--delivery")

    assert json.loads(said(capsys, *ask, "fleet")) == {"retried": {}, "left": {}}
    assert json.loads(said(capsys, *ask, "keep"))["retried"].keys() == set(rejected[:2])


def test_retry_what_was_not_rejected(
    tmp_path: Path, rejected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One that waits, and one that is not there, are left as they are, and that is told."""
    place = ("--state", str(tmp_path))
    assert main(["records", "retry", rejected[2], "nonsense", *place]) == 1

    heard = capsys.readouterr().err
    assert f"record {rejected[2]}: nothing was rejected" in heard
    assert "record nonsense: nothing was rejected" in heard


@pytest.mark.parametrize("verb", ["retry", "forget"])
def test_which_has_to_be_said(
    tmp_path: Path, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither verb means everything when it is told nothing; and no store is made."""
    assert main(["records", verb, "--state", str(tmp_path)]) == 2
    assert main(["records", verb, "--rejected", "--state", str(tmp_path)]) == 0
    assert main(["records", verb, "nonsense", "--state", str(tmp_path)]) == 1
    assert "--rejected" in capsys.readouterr().err
    assert not (tmp_path / "records.db").exists()


def test_forget(tmp_path: Path, rejected: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What may still arrive stays; the others go, told one by one, harmless to a terminal."""
    ask = ("records", "forget", *rejected, "--yes", "--json", "--state", str(tmp_path))
    assert main(ask) == 1
    out, heard = capsys.readouterr()

    assert json.loads(out) == {
        "forgotten": rejected[:2],
        "left": {rejected[2]: 'its delivery "keep" is still to come'},
    }
    assert "forgotten on purpose: keep: rejected (no such\\x1b site)" in heard
    with Store(tmp_path / "records.db") as store:
        assert [each.life.id for each in store.records()] == rejected[2:]


@pytest.mark.parametrize(("answer", "left"), [("y\n", 1), ("n\n", 3), ("\n", 3), ("", 3)])
def test_forgetting_is_asked_for(
    tmp_path: Path,
    rejected: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    left: int,
) -> None:
    """At a terminal what is lost is shown, and only a yes counts."""
    assert len(rejected) == 3
    terminal = io.StringIO(answer)
    terminal.isatty = lambda: True  # type: ignore[method-assign] # as a terminal answers
    monkeypatch.setattr("sys.stdin", terminal)
    assert main(["records", "forget", "--rejected", "--state", str(tmp_path)]) == (left == 3)
    heard = capsys.readouterr().err

    assert "home 0" in heard
    assert "the answers of these 2 people are lost" in heard.lower()
    assert "[y/N]" in heard
    with Store(tmp_path / "records.db") as store:
        assert len(list(store.records())) == left


def test_nobody_to_ask(
    tmp_path: Path,
    rejected: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a terminal and without --yes, nothing is forgotten."""
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main(["records", "forget", rejected[0], "--state", str(tmp_path)]) == 1
    assert "--yes" in capsys.readouterr().err
    with Store(tmp_path / "records.db") as store:
        assert len(list(store.records())) == 3
