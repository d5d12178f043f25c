"""The bench's own protocol: three requests, and whatever else may come."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.bench.devices.states import State
from portal.bench.port import Document, Step, Turn, Verb
from portal.provisioning.keeping.database import Unwritable
from tests.portal.bench.protocols.house import ESP32_C3, MAC, House

ME = "/bench/v1/me"
HOST = "http://updates.acme.example"


def house() -> House:
    """A bench that expects one lamp by its serial number, with a document for it."""
    here = House()
    here.bench.expect("a", serial="SN-1")
    here.stock(ESP32_C3)
    return here


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/bench/v1/nothing", 404),
        ("POST", "/bench/v1/me", 405),
        ("GET", "/ci/other", 404),
        ("GET", "/DEFAULT/controller/v1/", 404),
        ("PUT", "/DEFAULT/controller/v1/SN-1", 405),
        ("GET", f"/bench/files/{'ab' * 32}/x/", 404),
    ],
)
def test_what_is_no_success_is_one_plain_line(method: str, path: str, status: int) -> None:
    """Also where there is no such request: a device's log has no use for a page."""
    answer = house().client().open(path, method=method)

    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert (answer.text.count("\n"), answer.text[-1]) == (1, "\n")
    assert ("Allow" in answer.headers) is (status == 405)


def test_a_full_disk_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """503, by which a device asks again."""
    here = house()

    def full(_: object) -> Turn:
        raise Unwritable("database or disk is full")

    monkeypatch.setattr(here.bench, "see", full)
    answer = here.client().get(f"{ME}?serial=SN-1")

    assert (answer.status_code, answer.mimetype) == (503, "text/plain")


def test_three_requests_make_a_device_done() -> None:
    """Its image, then its document, then its word that both are there."""
    here = house()
    secret = Document("lamp.json", "application/json", b'{"key":"correct horse"}')
    here.bench.documents["a"] = {"config": secret}
    client = here.client()

    first = client.get(f"{ME}?serial=SN-1&hw=lamp&fw=1.0&free=2000000&flash=4194304").json
    assert first is not None
    second = client.get(f"{ME}?serial=SN-1&hw=lamp&fw=2.0").json
    assert second is not None
    document = client.get(second["config"]["url"])
    report = {"serial": "SN-1", "attempt": 1, "step": "configured", "ok": True, "log": "fine"}
    told = client.post("/bench/v1/report", json=report)
    repeated = client.post("/bench/v1/report", json=report)

    image = here.shelf[0]
    assert (first["do"], first["attempt"], first["config"]) == ("flash", 1, None)
    assert first["firmware"] == {
        "url": f"{HOST}/bench/files/{image.sha256}/a-1/app.bin",
        "size": image.size,
        "sha256": image.sha256,
        "md5": image.md5,
        "version": "2.0",
    }
    seen = here.bench.seen[0]
    assert (seen.product, seen.version, seen.free, seen.flash) == ("lamp", "1.0", 2000000, 4194304)
    assert (second["do"], second["firmware"]) == ("configure", None)
    assert (document.data, document.mimetype) == (secret.body, "application/json")
    assert "lamp.json" in document.headers["Content-Disposition"]
    assert told.json == {"open": True}
    assert repeated.json == {"open": False}
    assert here.bench.devices["a"].state is State.PROVISIONED


def test_who_is_not_claimed_gets_a_code() -> None:
    """401 with what a person types; nothing else of the bench."""
    answer = house().client().get(f"{ME}?serial=other")

    assert (answer.status_code, answer.json) == (
        401,
        {"reason": "not claimed", "code": "K7M2", "sleep": 5},
    )


def test_a_device_is_asked_to_blink() -> None:
    """Where a technician wants to see which one it is; otherwise there is no such word."""
    here = house()
    here.bench.given["a"] = Turn(Verb.WAIT, "a", detail="identify")

    told = here.client().get(f"{ME}?serial=SN-1").json
    here.bench.given["a"] = Turn(Verb.WAIT, "a", detail="identify yourself")
    other = here.client().get(f"{ME}?serial=SN-1").json

    assert told is not None
    assert told["identify"] is True
    assert "identify" not in (other or {})


def test_a_document_is_for_its_device() -> None:
    """Whoever does not prove to be it gets none."""
    here = house()
    here.bench.documents["a"] = {"config": Document("x", "text/plain", b"secret")}
    client = here.client()

    for query in ("", "?serial=SN-2", "?id=a", "?serial=", "?mac=" + MAC):
        answer = client.get(f"/bench/v1/config{query}")
        assert answer.status_code == 404
        assert b"secret" not in answer.data


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"serial": "SN-1", "step": "dancing"}, 400),
        ({"serial": "SN-1"}, 400),
        ({"serial": "SN-2", "step": "success"}, 401),
        ({"step": "success"}, 401),
        ([], 400),
        (b"\xff", 400),
        (b"[" * 60000, 400),
        ({"serial": ["SN-1"], "step": "success", "log": {"a": 1}, "attempt": "x"}, 401),
    ],
)
def test_odd_reports(said: Any, status: int) -> None:
    """Each is told what is wrong with it, and changes nothing."""
    here = house()
    body = {"data": said} if isinstance(said, bytes) else {"json": said}

    answer = here.client().post("/bench/v1/report", **body)

    assert answer.status_code == status
    assert here.bench.reported == []


def test_a_failure_has_its_reason_and_its_log() -> None:
    """Whichever step it was at."""
    here = house()
    client = here.client()
    client.get(f"{ME}?serial=SN-1")
    log = "E (4711) ota: \x1b[31mwrite failed\n" * 400
    said = {"serial": "SN-1", "attempt": 1, "step": "installing", "ok": False,
            "reason": "flash_write", "log": log}  # fmt: skip

    client.post("/bench/v1/report", json=said)

    [(_, report)] = here.bench.reported
    assert (report.step, report.code) == (Step.FAILURE, "flash_write")
    assert len(report.text) <= 4096
    assert "\x1b" not in report.text


NAMES = st.sampled_from(["mac", "serial", "hw", "fw", "claim", "token", "id", "free", "digest"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(NAMES, st.text(max_size=200)))
def test_any_query_has_an_answer(query: dict[str, str]) -> None:
    """200 or 401, in JSON."""
    answer = house().client().get(ME, query_string=query)

    assert answer.status_code in {200, 401}
    assert answer.is_json


@pytest.mark.parametrize("host", ["", "a b", "evil.example/x?", "a:b:c", "[::1]", "a" * 300])
def test_urls_lead_only_to_a_host_that_is_one(host: str) -> None:
    """What a device says of our name comes back to it in URLs, so it has to look like a name."""
    here = house()

    answer = here.client().get(f"{ME}?serial=SN-1", headers={"Host": host})

    assert answer.status_code == 400
