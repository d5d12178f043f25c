"""Records in a store, and the commands as an operator types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspot.settings import Secret
from portal.provisioning.__main__ import main
from portal.provisioning.keeping.store import Store
from portal.provisioning.record import Record
from tests.portal.provisioning.fakes import a_record

CANARY = "canary-93c1d0"
HOSTILE = b"caf\xc3\xa9 \x1b[2J\nroot:\xff"


@pytest.fixture
def records(tmp_path: Path) -> list[Record]:
    """Three records in a store: a hostile name, secrets, and an open network."""
    records = [
        a_record(ssid=HOSTILE, passphrase=CANARY),
        a_record(fields={"room": "cellar\x1b[31m", "pin": Secret(CANARY)}),
        a_record(ssid=b"open", passphrase=""),
    ]
    with Store(tmp_path / "records.db") as store:
        for record in records:
            store.accept(record, ["keep"])
    return records


def said(capsys: pytest.CaptureFixture[str], *argv: str, status: int = 0) -> str:
    """What a command writes to standard output."""
    assert main(argv) == status
    return capsys.readouterr().out
