"""CSV of records: there and back without a loss, and no cell is a formula."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.settings import Secret
from portal.provisioning.__main__ import main
from portal.provisioning.keeping.store import Store
from portal.provisioning.record import Record, document, from_json
from portal.provisioning.telling.exporting import rows
from tests.portal.provisioning.fakes import START, a_record, octets

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs", "Co", "Cn"]),
                min_size=1, max_size=8)  # fmt: skip
RECORDS = st.builds(
    lambda ssid, passphrase, fields: Record.new(
        ssid=ssid, passphrase=Secret(passphrase), fields=fields, now=START, random=octets()
    ),
    st.binary(min_size=1, max_size=32),
    st.sampled_from(["", "=cmd|' /C calc'!A0", "correct horse", "'quoted'", "+49 30 123"]),
    st.dictionaries(NAMES, TEXT | TEXT.map(Secret), max_size=4),
)


def read(data: bytes) -> list[dict[str, Any]]:
    """The documents of a table, made by the rule alone: as somebody else would read it."""
    table = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    documents = []
    for row in table:
        cells = {
            plain(name): json.loads(text) if name in {"v", "secrets", "access"} else plain(text)
            for name, text in row.items()
            if text
        }
        del cells["network"]
        fields = {n.removeprefix("field "): c for n, c in cells.items() if n.startswith("field ")}
        rest = {n: c for n, c in cells.items() if not n.startswith("field ")}
        documents.append({**rest, "fields": fields})
    return documents


def plain(text: str) -> str:
    """Without the apostrophe that makes it no formula."""
    return text.removeprefix("'")


@given(st.lists(RECORDS, max_size=4))
def test_there_and_back(records: list[Record]) -> None:
    """From the table the same documents come, and from those the same records."""
    documents = list(map(document, records))
    found = read(b"".join(rows(documents)))

    assert found == documents
    assert [from_json(json.dumps(each).encode()) for each in found] == records


@given(st.lists(RECORDS, min_size=1, max_size=3))
def test_no_cell_is_a_formula(records: list[Record]) -> None:
    """Neither in the header, which holds names of fields, nor below it."""
    text = b"".join(rows(list(map(document, records)))).decode()
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


@pytest.mark.parametrize("secrets", [False, True])
def test_as_a_command(tmp_path: Path, secrets: bool) -> None:  # noqa: FBT001 - a parameter
    """`records export --csv` writes a whole file for a USB stick; secrets only when asked for."""
    record = a_record(passphrase="canary-5b21", fields={"pin": Secret("canary-77"), "room": "=1+1"})
    with Store(tmp_path / "records.db") as store:
        store.accept(record, ["keep"])
    out = tmp_path / "records.csv"
    more = ["--secrets"] if secrets else []
    assert (
        main(["records", "export", "--csv", f"--state={tmp_path}", f"--output={out}", *more]) == 0
    )

    assert ("canary" in out.read_text()) == secrets
    (found,) = read(out.read_bytes())
    assert found["fields"]["room"] == "=1+1"
    if secrets:
        assert found == document(record)


def test_an_empty_table() -> None:
    """Without records there is a header all the same."""
    assert b"".join(rows([])) == b"v,id,created,network\r\n"
