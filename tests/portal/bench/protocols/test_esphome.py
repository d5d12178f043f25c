"""ESPHome's manifest: the asking device's own ticket in it."""

from __future__ import annotations

from portal.bench.devices.states import State
from tests.portal.bench.protocols.house import ADDRESS, ESP32_C3, MAC, House

URL = "/bench/esphome/lamp/manifest.json"


def house() -> House:
    """A bench that expects one lamp, at the address it asks from."""
    here = House(leases={ADDRESS: MAC})
    here.bench.expect("a", mac=MAC)
    here.stock(ESP32_C3)
    return here


def test_an_update_is_offered_and_proven() -> None:
    """Its chip, the MD5 and an absolute URL; then its own version, which is no update."""
    here = house()
    client = here.client()

    offer = client.get(f"{URL}?version=1.0")
    after = client.get(f"{URL}?version=2.0")

    image = here.shelf[0]
    assert offer.json == {
        "name": "lamp",
        "version": "2.0",
        "builds": [
            {
                "chipFamily": "ESP32-C3",
                "ota": {
                    "md5": image.md5,
                    "path": f"http://updates.acme.example/bench/files/{image.sha256}/a-1/app.bin",
                },
            }
        ],
    }
    assert len(offer.data) < 512
    assert after.json is not None
    assert after.json["version"] == "2.0"
    assert here.bench.devices["a"].state is State.PROVISIONED
    assert here.bench.seen[0].product == "lamp"


def test_who_has_to_wait_is_told_its_own_version() -> None:
    """For every chip, so that it finds itself; or 503 where it did not say its version."""
    here = house()
    here.bench.most = 0
    client = here.client()

    told = client.get(f"{URL}?version=1.0").json

    assert told is not None
    assert told["version"] == "1.0"
    assert {"ESP8266", "ESP32", "ESP32-S3"} <= {build["chipFamily"] for build in told["builds"]}
    assert client.get(URL).status_code == 503


def test_odd_products() -> None:
    """Printable or nothing; a path goes nowhere."""
    client = house().client()

    assert client.get("/bench/esphome/%2e%2e/manifest.json?version=1").status_code == 200
    assert client.get("/bench/esphome/..%2f..%2fx/manifest.json").status_code == 404
    assert client.get(f"/bench/esphome/{'x' * 5000}/manifest.json?version=1").status_code == 200
