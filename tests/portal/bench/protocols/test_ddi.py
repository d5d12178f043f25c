"""DDI over HTTP: what a hawkBit device asks, from the first poll to the end of its job."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Step, Turn, Verb
from tests.portal.bench.protocols.house import Client, House
from tests.portal.bench.protocols.test_hal import SWU

HOST = "http://updates.acme.example"
BASE = "/DEFAULT/controller/v1/SN-1"


def house(name: str = "lamp.swu") -> House:
    """A bench that expects one device, by its serial number and its token."""
    here = House(gateway="gate" * 8)
    here.bench.expect("a", serial="SN-1", token="t" * 32)
    here.stock(SWU, name)
    return here


def links(client: Client, base: str = BASE, **more: Any) -> dict[str, str]:
    """The links that a poll is answered with."""
    answer = client.get(base, **more)
    assert answer.status_code == 200
    assert answer.json is not None
    return {name: link["href"] for name, link in answer.json["_links"].items()}


def say(
    execution: str, finished: str = "none", *details: str, progress: dict[str, int] | None = None
) -> dict[str, Any]:
    """A feedback."""
    result = {"finished": finished, **({"progress": progress} if progress else {})}
    return {"status": {"execution": execution, "result": result, "details": list(details)}}


def test_a_job_from_the_first_poll_to_the_last() -> None:
    """Attributes once, the job, its bytes with a resumed range, and `closed` as evidence."""
    here = house()
    client = here.client()
    first = links(client)
    assert first["configData"] == f"{HOST}{BASE}/configData"
    config = {"mode": "merge", "data": {"hw": "rev2", "serial": "SN-1"}}
    assert client.put(first["configData"], json=config).status_code == 200
    assert here.bench.said["a"] == config["data"]

    again = links(client)
    job = client.get(again["deploymentBase"]).json
    assert job is not None
    [described] = job["deployment"]["chunks"][0]["artifacts"]
    href = described["_links"]["download-http"]["href"]
    whole = client.get(href)
    rest = client.get(href, headers={"Range": "bytes=10-"})
    sum_ = client.get(described["_links"]["md5sum-http"]["href"])
    listed = client.get(href.rpartition("/")[0]).json
    path = again["deploymentBase"].partition("?")[0].removeprefix(HOST)
    done = client.post(f"{path}/feedback", json=say("closed", "success", "done"))

    assert "configData" not in again
    assert job["deployment"]["update"] == "forced"
    assert path == f"{BASE}/deploymentBase/{job['id']}"
    assert href.startswith(f"{HOST}{BASE}/softwaremodules/")
    assert href.endswith("/lamp.swu")
    assert (whole.data, rest.status_code, rest.data) == (SWU, 206, SWU[10:])
    assert sum_.text == f"{here.shelf[0].md5}  lamp.swu\n"
    assert listed == [described]
    assert done.status_code == 200
    assert here.bench.devices["a"].state is State.PROVISIONED
    assert links(client) == {}


def test_what_is_installed_is_not_installed_again() -> None:
    """swupdate, not started anew, closes it as skipped; started anew it is done on its word."""
    here = house()
    client = here.client()
    path = links(client)["deploymentBase"].partition("?")[0]
    client.post(f"{path}/feedback", json=say("proceeding", progress={"cnt": 1, "of": 1}))

    waiting = {
        **vars_of(here, "a"),
        "verb": Verb.WAIT,
        "state": State.REBOOTING,
    }
    here.bench.given["a"] = Turn(**waiting)
    job = client.get(links(client)["deploymentBase"]).json
    skipped = client.post(f"{path}/feedback", json=say("closed", "success", "Skipped Update."))

    assert here.bench.reported[-1][1].step is Step.INSTALLED
    assert job is not None
    assert job["deployment"]["update"] == "skip"
    assert skipped.status_code == 200
    assert state(here) is State.REBOOTING

    tested = client.post(f"{path}/feedback", json=say("closed", "success", "Update Installed."))
    assert tested.status_code == 200
    assert state(here) is State.PROVISIONED
    assert "deploymentBase" not in links(client)
    assert client.post(f"{path}/feedback", json=say("closed", "success")).status_code == 410


def state(here: House) -> State:
    """Where the device is."""
    return here.bench.devices["a"].state


def vars_of(here: House, device: str) -> dict[str, Any]:
    """The turn that a device has last been given, as words."""
    row = here.bench.devices[device]
    ticket = next(each for each in here.bench.tickets.values() if each.device == device)
    return {"device": device, "action": 1000 + row.attempt, "ticket": ticket, "state": row.state}


def test_a_device_that_is_set_aside_is_told_to_stop() -> None:
    """Cancelling goes before deploying, and ends with the device's word."""
    here = house()
    client = here.client()
    path = links(client)["deploymentBase"].partition("?")[0]
    here.bench.act("a", "set_aside", "Ann")
    here.bench.given["a"] = Turn(Verb.REST, "a", state=State.REJECTED)

    stop = links(client)
    order = client.get(stop["cancelAction"])
    client.post(f"{stop['cancelAction']}/feedback", json=say("closed", "success"))

    assert set(stop) == {"cancelAction", "configData"}
    assert order.json == {"id": "1001", "cancelAction": {"stopId": "1001"}}
    assert set(links(client)) == {"configData"}
    assert client.get(path).status_code == 404


def test_who_has_to_wait_finds_no_job() -> None:
    """No slot: a poll without links, with the time to sleep."""
    here = house()
    here.bench.most = 0

    answer = here.client().get(BASE)

    assert answer.json is not None
    assert answer.json["config"] == {"polling": {"sleep": "00:00:05"}}
    assert "deploymentBase" not in answer.json["_links"]


def test_a_restart_of_ours_loses_no_job() -> None:
    """The same action, closed at another process than the one that gave it."""
    here = house()
    path = links(here.client())["deploymentBase"].partition("?")[0]

    done = here.client().post(f"{path}/feedback", json=say("closed", "success"))

    assert done.status_code == 200
    assert here.bench.devices["a"].state is State.PROVISIONED


def test_who_comes_back_after_a_restart_of_ours_can_close_its_job() -> None:
    """It is offered once more, to be closed and not to be done."""
    here = house()
    links(here.client())
    waiting = {**vars_of(here, "a"), "verb": Verb.WAIT, "state": State.VERIFYING}
    here.bench.given["a"] = Turn(**waiting)

    client = here.client()
    job = client.get(links(client)["deploymentBase"]).json

    assert job is not None
    assert job["deployment"]["update"] == "skip"


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ({"Authorization": f"TargetToken {'t' * 32}"}, 200),
        ({"Authorization": f"GatewayToken {'gate' * 8}"}, 200),
        ({"Authorization": "GatewayToken wrong"}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic d3Jvbmc="}, 401),
    ],
)
def test_tokens(token: dict[str, str], status: int) -> None:
    """A device's own, and a gateway's for all of its devices; any other is 401, everywhere."""
    here = house()
    here.client().get(BASE)
    ticket = next(iter(here.bench.tickets))
    artifact = f"{BASE}/softwaremodules/{ticket}/artifacts/lamp.swu"
    client = here.client()

    assert client.get(BASE, headers=token).status_code == status
    assert client.get(f"{BASE}/deploymentBase/1001", headers=token).status_code == status
    assert client.get(artifact, headers=token).status_code == status
    if status == 401:
        assert "token" in client.get(BASE, headers=token).text


def test_no_gateway_no_token_of_it() -> None:
    """Where none is set, an empty one is wrong too."""
    here = house()
    here.gateway = ""

    for token in ("", "x"):
        answer = here.client().get(BASE, headers={"Authorization": f"GatewayToken {token}"})
        assert answer.status_code == 401


def test_the_benchs_own_word_about_a_token_is_401() -> None:
    """A row that has a token is nobody's who does not say it."""
    here = house()
    here.bench.given["a"] = Turn(Verb.WAIT, "a", reason=Reason.AUTH_WRONG)

    assert here.client().get(BASE).status_code == 401


def test_a_token_that_proves_nobody_is_401() -> None:
    """Also where only a device's own word is taken."""
    here = house()
    wrong = {"Authorization": "TargetToken x"}

    answer = here.client().put("/DEFAULT/controller/v1/X/configData", json={"data": {}},
                               headers=wrong)  # fmt: skip

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/deploymentBase/999", None, 404),
        ("GET", "/deploymentBase/99999999999999999999", None, 404),
        ("GET", "/deploymentBase/-1", None, 404),
        ("GET", "/deploymentBase/..%2f..%2f1001", None, 404),
        ("POST", "/deploymentBase/999/feedback", say("closed"), 410),
        ("POST", "/deploymentBase/1001/feedback", {"status": "closed"}, 400),
        ("POST", "/deploymentBase/1001/feedback", [], 400),
        ("POST", "/deploymentBase/1001/feedback", b"{" * 5000, 400),
        ("POST", "/deploymentBase/1001/feedback", b"\xff\0", 400),
        ("PUT", "/configData", {"data": "x"}, 400),
        ("PUT", "/configData", {}, 400),
        ("POST", "/cancelAction/1001/feedback", {}, 400),
        ("GET", "/cancelAction/5", None, 410),
        ("GET", "/softwaremodules/x/artifacts", None, 404),
        ("GET", "/softwaremodules/x/artifacts/lamp.swu", None, 404),
        ("GET", "/softwaremodules/..%2f/artifacts/..%2f..%2fetc%2fpasswd", None, 404),
    ],
)
def test_odd_requests(method: str, path: str, body: Any, status: int) -> None:
    """Each has its status and plain words; none says anything of another device."""
    here = house()
    client = here.client()
    links(client)
    sent = {"data": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}

    answer = client.open(BASE + path, method=method, **sent)

    assert answer.status_code == status
    assert "SN-1" not in answer.text
    assert len(answer.data) < 300


def test_strangers_get_nothing() -> None:
    """A device that is not expected is polled for, and has nothing else; absurd ids are 404."""
    here = house()
    client = here.client()

    assert links(client, "/DEFAULT/controller/v1/nobody") == {}
    for path in ("/configData", "/deploymentBase/1001/feedback"):
        base = "/DEFAULT/controller/v1/nobody"
        answer = client.open(base + path, method="POST", json={"data": {}, **say("closed")})
        assert answer.status_code == 404
    assert client.get("/DEFAULT/controller/v1/" + "x" * 4000).status_code == 404


def test_a_name_too_long_for_zephyr_is_a_reason() -> None:
    """Where not even a cut name leaves room, the device fails with it."""
    here = house()
    here.bench.expect("b", serial="S" * 64)
    long = "S" * 64
    client = here.client()
    code = "c" * 130
    path = links(client, f"/DEFAULT/controller/v1/{long}")["deploymentBase"].partition("?")[0]
    assert client.get(path).status_code == 200
    ticket = here.bench.tickets.pop("b-1")
    here.bench.tickets[code] = replace(ticket, code=code)

    fresh = here.client()
    assert fresh.get(path).status_code == 404
    assert here.bench.reported[-1][1].code == Reason.BAD_NAME


def test_zephyrs_lengths() -> None:
    """Whatever a file is called, links fit the buffers that Zephyr copies them into."""
    here = house("A very long name of a file: for the lamp (production) " * 4 + ".swu")
    client = here.client()

    link = links(client)["deploymentBase"]
    job = client.get(link).json

    assert job is not None
    href = job["deployment"]["chunks"][0]["artifacts"][0]["_links"]["download-http"]["href"]
    assert len(link[link.index("deploymentBase/") :]) <= 49
    assert len(href[href.index("/DEFAULT/controller/v1") :]) <= 199
    assert client.get(href).data == SWU
    assert client.get(link).content_length is not None


def test_an_installed_version_is_a_sighting() -> None:
    """PUT installedBase, and a version among the attributes, are evidence as any other."""
    here = house()
    client = here.client()
    links(client)

    client.put(f"{BASE}/installedBase", json={"name": "lamp", "version": "2.0"})

    assert here.bench.seen[-1].version == "2.0"
    assert here.bench.devices["a"].state is State.PROVISIONED


def test_a_mac_is_taken_for_one() -> None:
    """Zephyr's and RAUC's ids are often a MAC: a claim like any other."""
    here = house()

    here.client().get("/DEFAULT/controller/v1/A0B1C2030405")

    assert here.bench.seen[-1].claims.mac_claimed == "a0:b1:c2:03:04:05"
