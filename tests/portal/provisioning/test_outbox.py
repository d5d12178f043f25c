"""The port the portal uses: kept first, then rung."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from portal.provisioning.keeping.store import Full, Limits, Store
from portal.provisioning.life import State
from portal.provisioning.outbox import DurableOutbox, Outbox
from tests.portal.provisioning.fakes import a_record


def test_kept_then_rung(tmp_path: Path) -> None:
    """When the bell rings, the record is in the store for every delivery."""
    record = a_record()
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell,
        Store(tmp_path / "records.db") as store,
        Store(tmp_path / "records.db") as elsewhere,
    ):
        bell.bind(str(tmp_path / "deliver.sock"))
        bell.settimeout(10)
        outbox: Outbox = DurableOutbox(store, ["fleet", "keep"], tmp_path / "deliver.sock")
        outbox.accept(record)

        assert len(bell.recv(100)) == 1
        life = elsewhere.state(record.id)
        assert life is not None
        assert [each.name for each in life.deliveries] == ["fleet", "keep"]
        assert outbox.state(record.id) == life
        assert outbox.state("unknown") is None


def test_nobody_hears(tmp_path: Path) -> None:
    """Without a delivery the record is as safe."""
    record = a_record()
    with Store(tmp_path / "records.db") as store:
        outbox = DurableOutbox(store, ["keep"], tmp_path / "nowhere" / "deliver.sock")
        outbox.accept(record)
        life = outbox.state(record.id)

    assert life is not None
    assert life.state is State.ACCEPTED


def test_what_was_not_kept_is_not_rung(tmp_path: Path) -> None:
    """A refusal reaches the portal, and no bell."""
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell,
        Store(tmp_path / "records.db", limits=Limits(records=0)) as store,
    ):
        bell.bind(str(tmp_path / "deliver.sock"))
        with pytest.raises(Full):
            DurableOutbox(store, ["keep"], tmp_path / "deliver.sock").accept(a_record())
        bell.setblocking(False)
        with pytest.raises(BlockingIOError):
            bell.recv(1)
