"""What the bench remembers: whole, in order, sealed, and in nobody's way when it is damaged."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.devices.device import Device
from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.ledger import chain
from portal.bench.ledger.ledger import FILE, Change, Ledger, Line, Moved
from portal.bench.ledger.vault import Vault
from portal.provisioning.keeping.database import Unwritable
from tests.portal.bench.benches import Workshop

CANARY = "kanarienvogel-4711"
LINES = st.lists(st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=3), max_size=6)


def kept(bodies: list[str]) -> list[tuple[int, str, bytes]]:
    """A sound chain of these bodies."""
    before, lines = chain.START, []
    for number, body in enumerate(bodies, 1):
        before = chain.digest(before, body)
        lines.append((number, body, before))
    return lines


@given(LINES)
def test_a_chain_of_anything_holds(values: list[dict[str, str]]) -> None:
    """What was written as it should be is found to be so, and its head is the last digest."""
    lines = kept([chain.canonical(each) for each in values])

    verdict = chain.verify(lines)

    assert (verdict.lines, verdict.broken) == (len(lines), 0)
    assert verdict.head == (lines[-1][2] if lines else chain.START).hex()


@given(LINES.filter(bool), st.data())
def test_any_change_is_found(values: list[dict[str, str]], data: st.DataObject) -> None:
    """A line changed, taken out or put in breaks the chain there."""
    lines = kept([chain.canonical({**each, "n": n}) for n, each in enumerate(values)])
    place = data.draw(st.integers(0, len(lines) - 1))
    number, body, digest = lines[place]
    changed = [*lines[:place], (number, body + " ", digest), *lines[place + 1 :]]
    put_in = [*lines[:place], lines[place], *lines[place:]]

    assert chain.verify(changed).broken == number
    assert chain.verify(put_in).broken == number + 1
    if place < len(lines) - 1:
        assert chain.verify([*lines[:place], *lines[place + 1 :]]).broken == number


def test_a_cut_tail_is_seen_by_its_head(tmp_path: Path) -> None:
    """What no chain shows by itself, the head known elsewhere does."""
    ledger = Ledger(tmp_path)
    row = ledger.put_job("j", {}, Line("Ann", "job begun"))
    ledger.write(row.n, Change(lines=[Line("Ann", "one"), Line("Ann", "two")]), 1)
    _, head = ledger.head()
    ledger.close()
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.execute("DELETE FROM event WHERE n = 3")
        database.commit()

    assert ledger.verify().broken == 0
    assert ledger.head()[1] != head
    ledger.close()


def test_who_decided_on_old_knowledge_decides_again(tmp_path: Path) -> None:
    """Two processes write: the second one's change is refused, and nothing of it is kept."""
    one, two = Ledger(tmp_path), Ledger(tmp_path)
    row = one.put_job("j", {}, Line("Ann", "job begun"))
    known = two.head()[0]
    one.write(row.n, Change([Device("SN1")], [Line("Ann", "imported", "SN1")]), known)

    with pytest.raises(Moved):
        two.write(row.n, Change([Device("SN2")], [Line("Ben", "imported", "SN2")]), known)

    assert [each.id for each in two.devices(row.n)] == ["SN1"]
    assert two.verify().broken == 0
    one.close()
    two.close()


def test_secrets_are_sealed(tmp_path: Path) -> None:
    """Neither in the database nor beside it, and back for its own device and column only."""
    cells = {"id": "SN1", "secret.key": CANARY, "token": CANARY, "note": "plain"}
    vault = Vault(tmp_path / "bench.key")
    ledger = Ledger(tmp_path, vault=vault)
    row = ledger.put_job("j", {}, Line("Ann", "job begun"))
    ledger.write(row.n, Change([Device("SN1", cells)]), ledger.head()[0])
    ledger.close()
    octets = b"".join(path.read_bytes() for path in tmp_path.glob("bench.db*"))

    assert CANARY.encode() not in octets
    assert b"plain" in octets
    assert (tmp_path / "bench.key").stat().st_mode & 0o777 == 0o600
    assert Ledger(tmp_path, vault=Vault(tmp_path / "bench.key")).devices(1)[0].cells == cells
    sealed = vault.seal("SN1", "token", CANARY)
    assert vault.open("SN1", "token", sealed) == CANARY
    assert vault.open("SN2", "token", sealed) is None
    assert vault.open("SN1", "psk", sealed) is None


def test_without_its_key_a_secret_is_gone(tmp_path: Path) -> None:
    """After a power-off with the key in memory the row is there, its secrets are not."""
    cells = {"id": "SN1", "secret.key": CANARY}
    ledger = Ledger(tmp_path, vault=Vault(tmp_path / "run" / "bench.key"))
    row = ledger.put_job("j", {}, Line("Ann", "job begun"))
    ledger.write(row.n, Change([Device("SN1", cells)]), ledger.head()[0])
    ledger.close()
    (tmp_path / "run" / "bench.key").unlink()

    anew = Ledger(tmp_path, vault=Vault(tmp_path / "run" / "bench.key"))

    assert anew.devices(row.n)[0].cells == {"id": "SN1", "secret.key": ""}
    anew.close()


@pytest.mark.parametrize("octets", [b"no database", b"SQLite format 3\0" + bytes(4096)])
def test_a_damaged_file_is_set_aside(tmp_path: Path, octets: bytes) -> None:
    """The bench goes on with a new one, says so, and the damaged one is kept."""
    (tmp_path / FILE).write_bytes(octets)
    shop = Workshop(tmp_path)
    shop.put()

    with suppress(Unwritable):  # whoever finds it is told 503, and asks again
        shop.see(serial="SN1")

    assert shop.see(serial="SN1").device == "SN1"
    assert (tmp_path / f"{FILE}.damaged-1").read_bytes() == octets
    assert "damaged" in shop.said[0]


def test_history_and_reasons(tmp_path: Path) -> None:
    """Who did what, when and why, oldest first, and of this device only."""
    ledger = Ledger(tmp_path)
    row = ledger.put_job("j", {}, Line("Ann", "job begun"))
    told = {"state": "failed", "attempt": 2, "reason": "no_space", "detail": "7 bytes"}
    lines = [Line("device", "failed", "SN1", told), Line("Ann", "note", "SN2")]
    ledger.write(row.n, Change(lines=lines), ledger.head()[0])

    (event,) = ledger.history(row.n, "SN1")

    assert (event.who, event.what, event.state) == ("device", "failed", State.FAILED)
    assert (event.attempt, event.reason, event.detail) == (2, Reason.NO_SPACE, "7 bytes")
    assert event.at.endswith("Z")
    ledger.close()
