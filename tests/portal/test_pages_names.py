"""Names of networks on the page: whatever the air says, a name is only a name."""

from __future__ import annotations

import dataclasses

import pytest
from flask.testing import FlaskClient

from portal.form.networks import label, parse
from tests.portal.fakes import FakeOutbox, FakeScan, network
from tests.portal.reading import Page

HOSTILE = [
    b"<script>alert(1)</script>",
    b"</label></form><h1>hi",
    b"\"'><img src=x onerror=alert(1)",
    b"{{ 7*7 }}{% raw %}",
    b"javascript:alert(1)//",
    b"&lt;b&gt;&amp;",
    b"\0" * 32,
    b"\xff\xfe\xfd<i>",
    "\u202egnp.exe\u202c".encode(),
    "\u2066\u2069\u200b\u200d".encode(),
    b"--></style></svg><b>",
    b"\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("ssid", HOSTILE)
def test_hostile_names_are_only_names(client: FlaskClient, scan: FakeScan, ssid: bytes) -> None:
    """The same elements as for a harmless name; shown as a label, sent as its bytes."""
    scan.networks = (network("x" * 20), network("other"))
    harmless = Page(client.get("/").text)
    scan.networks = (network(ssid), network("other"))
    page = Page(client.get("/").text)

    assert page.shape() == harmless.shape()
    assert page.all("bdi")[0].text == label(ssid)
    assert page.all("input", name="network")[0].get("value") == ssid.hex()


@pytest.mark.parametrize("ssid", HOSTILE)
def test_hostile_names_are_sent_byte_for_byte(
    client: FlaskClient, scan: FakeScan, outbox: FakeOutbox, ssid: bytes
) -> None:
    """What is kept is what the air had."""
    scan.networks = (network(ssid),)
    client.post("/setup", data={"network": ssid.hex(), "passphrase": "12345678"})

    assert outbox.records[0].ssid == ssid


def test_lookalikes_show_their_bytes(client: FlaskClient, scan: FakeScan) -> None:
    """Two names that look the same are followed by their hex."""
    pair = (network("home"), dataclasses.replace(network("hоme"), signal=-60))  # noqa: RUF001 - a Cyrillic o is the point
    document = ",".join(
        f'{{"ssid":"{n.id}","signal":{n.signal},"frequency":2437,"channel":6,"security":"wpa2"}}'
        for n in pair
    )
    scan.networks = parse(f'{{"networks":[{document}]}}'.encode())
    shown = [each.text for each in Page(client.get("/").text).all("small")]

    assert {each.id for each in pair} <= set(shown)
