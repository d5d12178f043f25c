"""NoCloud's seed, by lease or by serial number, and the way home."""

from __future__ import annotations

import json

import pytest

from portal.bench.devices.states import State
from portal.bench.port import Document, Turn, Verb
from tests.portal.bench.protocols.house import ADDRESS, MAC, House

USER_DATA = b"#cloud-config\nhostname: gw-17\n"


def house(documents: dict[str, Document] | None = None) -> House:
    """A bench where one board is to be configured."""
    here = House(leases={ADDRESS: MAC})
    here.bench.expect("gw 17", mac=MAC, serial="SN-17")
    here.bench.documents["gw 17"] = documents or {
        "user-data": Document("user-data", "text/cloud-config", USER_DATA)
    }
    here.bench.given["gw 17"] = Turn(Verb.CONFIGURE, "gw 17", action=7, state=State.CONFIGURING)
    return here


def test_a_seed_is_whole() -> None:
    """The job's own user-data; an instance by device and attempt; a way home."""
    here = house()
    client = here.client()

    meta, user, vendor = (client.get(f"/ci/{name}-data") for name in ("meta", "user", "vendor"))

    assert meta.text == 'instance-id: "gw 17-7"\n'
    assert user.data == USER_DATA
    first, rest = vendor.text.split("\n", 1)
    assert first == "#cloud-config"
    home = json.loads(rest)["phone_home"]
    assert home == {
        "url": "http://updates.acme.example/ci/phone-home",
        "post": "all",
        "tries": 10,
    }
    assert client.get("/ci/network-config").status_code == 404
    assert client.get("/ci/other").status_code == 404


def test_a_documents_own_kind_decides() -> None:
    """A job's one document is its user-data where it is one; what is none is not given as such."""
    one = {"cloud": Document("cloud", "text/cloud-config", USER_DATA)}
    other = {"env": Document("env", "text/plain", b"KEY=secret")}

    assert house(one).client().get("/ci/user-data").data == USER_DATA
    assert house(other).client().get("/ci/user-data").data == b"#cloud-config\n"


def test_a_board_phones_home() -> None:
    """Its keys become attributes, and it is done."""
    here = house()
    here.bench.act("gw 17", "claim", "Ann")
    form = {"instance_id": "gw 17-7", "hostname": "gw-17", "pub_key_ed25519": "ssh-ed25519 AAAA"}

    answer = here.client().post("/ci/phone-home", data=form)

    assert answer.json == {"open": True}
    assert here.bench.said["gw 17"] == form
    assert here.bench.devices["gw 17"].state is State.PROVISIONED


def test_a_serial_number_in_the_seeds_address() -> None:
    """For boards whose firmware tells it; it stays in the way home."""
    here = house()
    here.leases.clear()
    client = here.client()

    assert client.get("/ci/SN-17/user-data").data == USER_DATA
    assert "/ci/SN-17/phone-home" in client.get("/ci/SN-17/vendor-data").text
    assert client.get("/ci/user-data").status_code == 503
    assert client.get("/ci/SN-18/user-data").status_code == 503


def test_an_odd_serial_number_stays_in_the_way_home() -> None:
    """Written as an address has it, so that what is fetched there is the same board's."""
    here = house()
    here.leases.clear()
    here.bench.expect("gw 18", serial="SN #18?")
    here.bench.given["gw 18"] = Turn(Verb.CONFIGURE, "gw 18")

    told = here.client().get("/ci/SN%20%2318%3F/vendor-data").text

    assert "http://updates.acme.example/ci/SN%20%2318%3F/phone-home" in told


@pytest.mark.parametrize("verb", [Verb.WAIT, Verb.REST, Verb.FLASH])
def test_who_is_not_to_be_configured_gets_nothing(verb: Verb) -> None:
    """503, which cloud-init tries again, and not a byte of its document."""
    here = house()
    here.bench.given["gw 17"] = Turn(verb, "gw 17")

    for name in ("meta-data", "user-data", "vendor-data", "network-config"):
        answer = here.client().get(f"/ci/{name}")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
    assert here.client().post("/ci/phone-home").json == {"open": False}


def test_a_stranger_does_not_phone_home() -> None:
    """401, and nothing is kept of it."""
    here = house()
    here.leases.clear()

    answer = here.client().post("/ci/x/phone-home", data={"hostname": "evil"})

    assert answer.status_code == 401
    assert here.bench.said == {}
