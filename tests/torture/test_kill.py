"""kill -9 before calls of every kind: the count for every day; `make torture` has all of them."""

from __future__ import annotations

import shutil
import socket
from collections import Counter
from pathlib import Path

import pytest

from portal.provisioning.keeping.store import Store
from tests.portal.provisioning.fakes import a_record
from tests.torture.kill import DISK, NETWORK, Place, Toll, amiss, by_http, by_mqtt, killed

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def test_submit_and_deliver(tmp_path: Path) -> None:
    """At whichever call the process dies, before it is made, the next start makes it good."""
    toll = killed(tmp_path, "submit", Place(), 20, DISK | NETWORK)

    assert toll.kills > 25
    assert toll.calls.keys() >= (DISK | {"sendto"}) - {"connect"}
    assert toll.wrong == []


def test_join_and_deliver(tmp_path: Path) -> None:
    """The same where a network proves itself in between."""
    toll = killed(tmp_path, "join", Place(), 40, frozenset({"write", "fdatasync", "ftruncate"}))

    assert toll.kills > 10
    assert toll.wrong == []


def test_connect_and_send_http(tmp_path: Path) -> None:
    """Killed before it connects or sends: a server that knows the key has every record once."""
    with by_http(tmp_path) as place:
        toll = killed(tmp_path, "submit", place, 1, NETWORK)

    assert toll.calls["connect"] >= 1  # the connection is kept for the second record
    assert toll.calls["sendto"] >= 2
    assert toll.wrong == []


def test_connect_and_send_mqtt(tmp_path: Path, free_port: int) -> None:
    """The same with a broker."""
    if shutil.which("mosquitto") is None and not Path("/usr/sbin/mosquitto").exists():
        pytest.skip("mosquitto is not installed")
    with by_mqtt(tmp_path, free_port) as place:
        toll = killed(tmp_path, "submit", place, 1, NETWORK)

    assert toll.kills >= 3
    assert toll.wrong == []


def test_a_loss_is_seen(tmp_path: Path) -> None:
    """An id that was told and is nowhere, or arrived as something else: this test can fail."""
    with Store(tmp_path / "records.db") as store:
        store.accept(kept := a_record(), ["keep"])
    told = a_record().id

    assert amiss(tmp_path, [kept.id], Place()) == ""
    assert "lost" in amiss(tmp_path, [kept.id, told], Place())
    other = Place(arrived=lambda: {kept.id: a_record()})
    assert "not what was kept" in amiss(tmp_path, [kept.id], other)
    assert Toll() == Toll(0, Counter(), [])


def test_a_start_that_does_not_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is amiss, and what it waits for is shown: here a server that takes and never answers."""
    monkeypatch.setattr("tests.torture.kill.PATIENCE", 3.0)
    with Store(tmp_path / "records.db") as store:
        store.accept(kept := a_record(), ["keep"])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = tmp_path / "config.toml"
        config.write_text(
            '[radio]\ncountry = "DE"\n[delivery.keep]\nbackend = "http"\n'
            f'tls = false\nlocal = true\nurl = "http://127.0.0.1:{silent.getsockname()[1]}/"\n'
        )
        assert "do not go on" in amiss(tmp_path, [kept.id], Place(("--config", str(config))))

    told = capfd.readouterr().err
    assert "deliver does not end" in told
    assert "http.py" in told
