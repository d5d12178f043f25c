"""HTTPUpdate: one GET of any path, and what a device would refuse is refused before."""

from __future__ import annotations

import gzip

import pytest

from portal.bench.devices.reasons import Reason
from portal.bench.port import Step
from tests.portal.bench.protocols.house import ADDRESS, ESP32_C3, ESP8266, MAC, House

HTTP10 = {"SERVER_PROTOCOL": "HTTP/1.0", "REMOTE_ADDR": ADDRESS}


def asked(family: str = "ESP32", **more: str) -> dict[str, str]:
    """The headers of one of the two cores; `more` with underscores for dashes."""
    said = {"STA-MAC": MAC.upper(), "free-space": "1310720", "chip-size": "4194304",
            "version": "1.0", "mode": "sketch", "sketch-size": "900000",
            **{name.replace("_", "-"): value for name, value in more.items()}}  # fmt: skip
    headers = {f"x-{family}-{name}": value for name, value in said.items() if value}
    return {"User-Agent": f"{family}-http-Update", "Connection": "close", **headers}


def house(body: bytes = ESP32_C3, name: str = "lamp.bin") -> House:
    """A bench that expects one lamp, at the address it asks from."""
    made = House(leases={ADDRESS: MAC})
    made.bench.expect("a", mac=MAC)
    made.stock(body, name)
    return made


def test_an_update_is_fetched_and_proven_by_the_next_poll() -> None:
    """200 with length and MD5; then the new version, and 304 for good."""
    here = house()
    client = here.client()

    answer = client.get("/any/path", headers=asked(), environ_base=HTTP10)
    again = client.get("/any/path", headers=asked(version="2.0"))

    image = here.shelf[0]
    assert (answer.status_code, answer.data) == (200, ESP32_C3)
    assert answer.headers["Content-Length"] == str(len(ESP32_C3))
    assert answer.headers["x-MD5"] == image.md5
    seen = here.bench.seen[0]
    assert (seen.claims.mac, seen.claims.mac_claimed) == (MAC, MAC)
    assert (seen.version, seen.free, seen.flash) == ("1.0", 1310720, 4194304)
    assert (again.status_code, again.data) == (304, b"")
    assert here.bench.devices["a"].evidence == "version seen"


def test_a_digest_proves_it_too() -> None:
    """Of the sketch that runs, in either case of letters."""
    here = house(ESP8266)
    client = here.client()
    client.get("/", headers=asked("ESP8266"))

    digest = here.shelf[0].md5.upper()
    answer = client.get("/", headers=asked("ESP8266", sketch_md5=digest))

    assert answer.status_code == 304
    assert here.bench.seen[-1].digest == here.shelf[0].md5


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (ESP32_C3, asked(free_space="1000"), Reason.NO_SPACE),
        (ESP8266, asked(), Reason.WRONG_PRODUCT),
        (ESP32_C3, asked("ESP8266"), Reason.WRONG_PRODUCT),
        (ESP8266, asked("ESP8266", chip_size="1048576"), Reason.WRONG_IMAGE),
        (b"<html>not an image</html>", asked(), Reason.WRONG_IMAGE),
        (gzip.compress(ESP32_C3), asked(), Reason.WRONG_IMAGE),
    ],
)
def test_what_it_would_refuse_is_refused_before(
    body: bytes, headers: dict[str, str], reason: Reason
) -> None:
    """403 with words, the reason on the wall, and not a byte of the image sent."""
    here = house(body)

    answer = here.client().get("/", headers=headers)

    [(device, report)] = here.bench.reported
    assert answer.status_code == 403
    assert report.text in answer.text
    assert (device, report.step, report.code, report.attempt) == ("a", Step.FAILURE, reason, 1)
    assert here.sent == []


def test_an_esp8266_takes_a_compressed_image() -> None:
    """Its boot loader unpacks it."""
    here = house(gzip.compress(ESP8266, mtime=0), "lamp.bin.gz")

    assert here.client().get("/", headers=asked("ESP8266")).status_code == 200


def test_tasmotas_names_get_their_own_files() -> None:
    """NAME.bin.gz and NAME-minimal.bin, where they are on the shelf; the product by the name."""
    here = house(ESP8266, "tasmota.bin")
    minimal = here.stock(ESP8266[:400], "tasmota-minimal.bin")
    packed = here.stock(gzip.compress(ESP8266, mtime=0), "tasmota.bin.gz")
    client = here.client()

    got = [
        client.get(f"/release/{name}", headers=asked("ESP8266")).headers["x-MD5"]
        for name in ("tasmota.bin", "tasmota-minimal.bin", "tasmota.bin.gz", "tasmota-de.bin")
    ]

    assert got == [here.shelf[0].md5, minimal.md5, packed.md5, here.shelf[0].md5]
    assert [seen.product for seen in here.bench.seen] == ["lamp", "lamp", "lamp", ""]


def test_short_of_space_a_smaller_form_will_do() -> None:
    """An ESP8266 gets the packed one unasked; a minimal one is only a step on the way."""
    here = house(ESP8266, "tasmota.bin")
    packed = here.stock(gzip.compress(ESP8266, mtime=0), "tasmota.bin.gz")
    client = here.client()

    tight = asked("ESP8266", free_space=str(packed.size))
    assert client.get("/tasmota.bin", headers=tight).headers["x-MD5"] == packed.md5
    assert here.bench.seen[-1].free is None
    minimal = here.stock(ESP8266[:30], "tasmota-minimal.bin")
    tighter = asked("ESP8266", free_space="30")
    answer = client.get("/tasmota-minimal.bin", headers=tighter)

    assert answer.headers["x-MD5"] == minimal.md5
    assert [ticket.code for ticket in here.sent] == ["a-1", "step-a-1"]
    refused = client.get("/tasmota.bin", headers=tighter)
    assert refused.status_code == 403
    assert here.bench.reported[-1][1].code == Reason.NO_SPACE


def test_who_has_to_wait_is_told_nothing() -> None:
    """No slot, or not known yet: 304, by which it asks again."""
    here = house()
    here.bench.most = 0
    stranger = house()
    stranger.leases.clear()

    assert here.client().get("/", headers=asked()).status_code == 304
    assert stranger.client().get("/", headers=asked()).status_code == 304


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", asked(), 405),
        ("GET", asked(STA_MAC="no mac"), 400),
        ("GET", {"User-Agent": "ESP32-http-Update"}, 400),
        ("GET", asked(mode="spiffs"), 304),
        ("GET", asked(free_space="9" * 400, version="\t" * 900), 200),
    ],
)
def test_odd_requests(method: str, headers: dict[str, str], status: int) -> None:
    """Each has its plain answer, on whatever path, and never another view's."""
    here = house()

    for path in ("/", "/bench/wall", "/%2e%2e/etc/passwd"):
        assert here.client().open(path, method=method, headers=headers).status_code == status


def test_other_paths_are_left_to_their_own_protocol() -> None:
    """An Arduino may fetch a ticket's URL, or ask in our own protocol, with the same client."""
    here = house()

    answer = here.client().get("/bench/v1/me", headers=asked())

    assert answer.json is not None
    assert answer.json["id"] == "a"
