"""Records that are about something else than a set-up: the same way out, and no network."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hotspot.settings import Secret
from portal.provisioning.__main__ import main
from portal.provisioning.about import About
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import State
from portal.provisioning.outbox import DurableOutbox
from portal.provisioning.record import Invalid, Record, Sealed, from_json, to_json
from portal.provisioning.secrecy import withheld
from tests.portal.provisioning.fakes import a_record

SCHEMA = json.loads(
    resources.files("portal.provisioning").joinpath("record.schema.json").read_text()
)
WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
ABOUTS = st.builds(About, st.sampled_from(["device", "audit"]), WORDS, WORDS, st.integers(0, 2**31))


def about(what: About, fields: dict[str, str]) -> Record:
    """A record about this."""
    return replace(a_record(), ssid=b"", passphrase=Secret(""), fields=fields, about=what)


@given(ABOUTS, st.dictionaries(WORDS, WORDS | WORDS.map(Secret), max_size=4), st.booleans())
def test_read_back_and_fit_for_a_reader(
    what: About,
    fields: dict[str, str],
    sealed: bool,  # noqa: FBT001 - Hypothesis gives it
) -> None:
    """What is written reads back, also without its secrets, and fits the published schema."""
    record = about(what, fields)
    if sealed:
        record = withheld.bare(record, Sealed("ab" * 32, "AAAA"))
    octets = to_json(record)

    assert from_json(octets) == record
    assert json.loads(octets)["v"] == (5 if sealed else 4)
    Draft202012Validator(SCHEMA).validate(json.loads(octets))


@pytest.mark.parametrize(
    "change",
    [
        {"v": 1}, {"v": 3}, {"v": 5}, {"v": 6}, {"about": None}, {"about": {"kind": "device"}},
        {"about": {"kind": "lamp", "job": "", "device": "", "attempt": 1}},
        {"about": {"kind": "device", "job": "", "device": "", "attempt": -1}},
        {"about": {"kind": "device", "job": "", "device": "", "attempt": True}},
    ],
)  # fmt: skip
def test_nothing_else_is_one(change: dict[str, object]) -> None:
    """Another version, or a part that is not as it is to be, is no record, here or there."""
    document = {**json.loads(to_json(about(About("device", "j", "d", 1), {}))), **change}

    with pytest.raises(Invalid):
        from_json(json.dumps(document).encode())
    assert not Draft202012Validator(SCHEMA).is_valid(document)


def test_not_held(tmp_path: Path) -> None:
    """Where set-ups wait for their network to prove itself, a device's record does not."""
    record = about(About("device", "site-7", "SN1", 1), {"serial": "SN1"})
    with Store(tmp_path / "records.db") as store:
        outbox = DurableOutbox(store, ["fleet"], tmp_path / "deliver.sock", joins=True)
        outbox.accept(record)
        outbox.accept(record)  # handed again after a crash: once in effect
        life, held = outbox.state(record.id), outbox.unsettled()
        task = store.due(["fleet"])

    assert life is not None
    assert (life.state, held) == (State.ACCEPTED, [])
    assert task is not None
    assert from_json(task.body) == record


def test_shown_to_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What it is about stands where a network would, and no password is spoken of."""
    record = about(About("device", "site-7", "SN1", 2), {"bench.evidence": "it runs version 2.0"})
    with Store(tmp_path / "records.db") as store:
        store.accept(record, ["fleet"])

    assert main(["records", "list", "--state", str(tmp_path)]) == 0
    assert main(["records", "show", record.id, "--state", str(tmp_path)]) == 0

    told = capsys.readouterr().out
    assert "device SN1, attempt 2 (site-7)" in told
    assert "about     device SN1, attempt 2 (site-7)" in told
    assert "bench.evidence = it runs version 2.0" in told
    assert "password" not in told
