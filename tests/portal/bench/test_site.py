"""The bench in the portal's own process: asked over real sockets, killed and started again."""

from __future__ import annotations

import http.client
import json
import signal
from pathlib import Path
from typing import Any

from hotspot.settings import Bench
from portal.bench import site
from portal.bench.building import Place, shelf
from portal.bench.ledger.ledger import Ledger
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import Event
from portal.provisioning.outbox import DurableOutbox
from portal.release.released import LeaseFile
from tests.portal.bench.benches import BODY, Workshop
from tests.portal.provisioning.fakes import a_record
from tests.portal.serving import Portal, portal_process


def asked(portal: Portal, method: str, path: str, body: str = "") -> tuple[int, bytes]:
    """The answer to one request on a connection of its own."""
    client = http.client.HTTPConnection(*portal.address, timeout=20)
    client.request(method, path, body or None, {"Content-Type": "application/json"})
    answer = client.getresponse()
    found = answer.status, answer.read()
    client.close()
    return found


def me(portal: Portal, serial: str, version: str = "1.0") -> dict[str, Any]:
    """What a device is told in our own protocol."""
    status, body = asked(portal, "GET", f"/bench/v1/me?serial={serial}&fw={version}&hw=lamp")
    assert status in {200, 401}, body
    return dict(json.loads(body))


def furnished(folder: Path) -> None:
    """A job of two lamps and their firmware, in the state directory at `folder`."""
    shop = Workshop(folder / "aside")
    shop.ledger = Ledger(folder)
    shop.begin([{"id": "SN1", "serial": "SN1"}, {"id": "SN2", "serial": "SN2"}])
    shop.ledger.close()
    (folder / "bench").mkdir()
    place = Place(folder, folder, Bench(), lambda *_: None, print)
    shelf(place).add(iter([BODY]), "lamp.bin", "lamp", "2.0", override="Ann")


def told(folder: Path) -> list[str]:
    """The devices that are in the outbox."""
    with Store(folder / "records.db") as store:
        found = [each.record for each in store.records()]
    return sorted(
        each.about.device for each in found if each and each.about and each.about.kind == "device"
    )


def test_without_it_nothing_answers(tmp_path: Path) -> None:
    """Where the settings do not enable it, its paths are nobody's."""
    with portal_process(tmp_path) as portal:
        status, _ = asked(portal, "GET", "/bench/v1/me?serial=SN1")

    assert status == 404
    assert not (tmp_path / "bench.db").exists()


def test_killed_in_the_middle(tmp_path: Path) -> None:
    """A device that is killed upon goes on with the same file; what is done is told once."""
    furnished(tmp_path)
    with portal_process(tmp_path, (), "--bench") as portal:
        first = me(portal, "SN1")["firmware"]
        assert me(portal, "SN2", "2.0")["state"] == "provisioned"
        portal.process.send_signal(signal.SIGKILL)
        portal.process.wait(timeout=20)
    with portal_process(tmp_path, (), "--bench") as portal:
        again = me(portal, "SN1")["firmware"]
        path = again["url"].removeprefix(portal.url.rstrip("/"))
        assert asked(portal, "GET", path) == (200, BODY)
        done = me(portal, "SN1", "2.0")

    assert again["url"].partition("/bench/")[2] == first["url"].partition("/bench/")[2]
    assert done["state"] == "provisioned"
    with portal_process(tmp_path, (), "--bench") as portal:
        deadline = 50
        while told(tmp_path) != ["SN1", "SN2"] and deadline:
            me(portal, "SN1", "2.0")
            deadline -= 1
    assert told(tmp_path) == ["SN1", "SN2"]
    ledger = Ledger(tmp_path)
    assert ledger.verify().broken == 0
    ledger.close()


def test_who_holds_an_address(tmp_path: Path) -> None:
    """By the lease file; an empty one says nothing, because dnsmasq empties it before it writes."""
    leases = LeaseFile(tmp_path / "dnsmasq.leases")
    assert site._holder(leases, "100.64.64.9") is None

    (tmp_path / "dnsmasq.leases").write_text("0 02:00:00:00:00:01 100.64.64.9 * *\n")
    assert site._holder(leases, "100.64.64.9") == "02:00:00:00:00:01"
    assert site._holder(leases, "100.64.64.8") == ""


def test_what_has_been_delivered(tmp_path: Path) -> None:
    """By the real outbox: only once every backend has it; nobody waits for what was removed."""
    record = a_record()
    with Store(tmp_path / "records.db") as store:
        outbox = DurableOutbox(store, ["file", "mqtt"], tmp_path / "doorbell")
        outbox.accept(record)
        for name in ("file", "mqtt"):
            assert not site._delivered(outbox, record.id)
            task = store.due([name])
            assert task is not None
            assert store.happen(task, Event.BEGUN)
            assert store.happen(task, Event.DELIVERED)

        assert site._delivered(outbox, record.id)
        assert site._delivered(outbox, "removed")
