"""The answers to captive checks, against what each vendor's client compares."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import probes

URL = "http://100.64.64.1/"
# An Ethernet frame's 1,500 bytes less 40 of IPv4 and TCP headers and 12 of TCP's timestamps.
SEGMENT = 1448

APPLE = b"<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
FIREFOX = (
    b'<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'
)
NM = {"X-NetworkManager-Status": "online"}
CONNMAN = {"X-ConnMan-Status": "online"}
NINTENDO = {"X-Organization": "Nintendo"}

ANDROID = [
    "connectivitycheck.gstatic.com",
    "www.google.com",
    "play.googleapis.com",
    "clients3.google.com",
    "connectivitycheck.android.com",
    "android.clients.google.com",
    "clients4.google.com",
    "www.gstatic.com",
    "www.androidbak.net",
    "connectivitycheck.gstatic.cn",
    "www.googleapis.cn",
    "connectivitycheck.samsung.com",
    "connectivity.samsung.com",
    "connectivitycheck.samsungdm.com",
    "d2uzsrnmmf6tds.cloudfront.net",
    "connectivitycheck.platform.hicloud.com",
    "connectivitycheck.cbg-app.huawei.com",
    "connectivitycheck.platform.hihonorcloud.com",
    "connect.rom.miui.com",
    "conn1.oppomobile.com",
    "conn2.oppomobile.com",
    "connectivitycheck.oppomobile.com",
    "wifi.coloros.com",
    "wifi.vivo.com.cn",
    "connectivitycheck.grapheneos.network",
    "grapheneos.online",
    "divestos.org",
    "safebrowsing.google.com",
    "www.googleapis.com",
    "fireoscaptiveportal.com",
    "freetimecaptiveportal.com",
]

# host, path, status, body (None: not compared by the client), headers it looks for
VENDORS: list[tuple[str, str, int, bytes | None, dict[str, str]]] = [
    ("captive.apple.com", "/hotspot-detect.html", 200, APPLE, {}),
    ("captive.apple.com", "/", 200, APPLE, {}),
    ("netcts.cdn-apple.com", "/", 200, APPLE, {}),
    ("www.apple.com", "/library/test/success.html", 200, APPLE, {}),
    ("www.appleiphonecell.com", "/Xb3/q8/zz.html", 200, APPLE, {}),
    ("www.airport.us", "/a/b/c.html", 200, APPLE, {}),
    ("www.ibook.info", "/a/b/c.html", 200, APPLE, {}),
    ("www.itools.info", "/a/b/c.html", 200, APPLE, {}),
    ("www.thinkdifferent.us", "/a/b/c.html", 200, APPLE, {}),
    ("apple.com", "/", 200, APPLE, {}),
    *((host, "/generate_204", 204, b"", {}) for host in ANDROID),
    ("www.google.com", "/gen_204", 204, b"", {}),
    ("grapheneos.online", "/gen_204", 204, b"", {}),
    ("204.ecloud.global", "/", 204, b"", {}),
    ("captiveportal.kuketz.de", "/", 204, b"", {}),
    ("cp.cloudflare.com", "/", 204, b"", {}),
    ("204.pop-os.org", "/", 204, b"", {}),
    ("edge-http.microsoft.com", "/captiveportal/generate_204", 204, b"", {}),
    ("edge.microsoft.com", "/captiveportal/generate_204", 204, b"", {}),
    ("tabletcaptiveportal.com", "/generate204", 204, b"", {}),
    (
        "detectportal.firefox.com",
        "/canonical.html",
        200,
        FIREFOX,
        {},
    ),
    ("detectportal.firefox.com", "/success.txt", 200, b"success\n", {}),
    ("www.msftconnecttest.com", "/connecttest.txt", 200, b"Microsoft Connect Test", {}),
    ("ipv6.msftconnecttest.com", "/connecttest.txt", 200, b"Microsoft Connect Test", {}),
    ("www.msftncsi.com", "/ncsi.txt", 200, b"Microsoft NCSI", {}),
    ("ipv6.msftncsi.com", "/ncsi.txt", 200, b"Microsoft NCSI", {}),
    ("nmcheck.gnome.org", "/check_network_status.txt", 200, b"NetworkManager is online\n", NM),
    ("nmcheck.gnome.org", "/", 200, None, NM),
    ("network-test.debian.org", "/nm", 200, b"NetworkManager is online\n", NM),
    ("connectivity-check.ubuntu.com", "/", 204, b"", NM),
    ("fedoraproject.org", "/static/hotspot.txt", 200, b"OK", NM),
    ("ping.archlinux.org", "/nm-check.txt", 200, b"NetworkManager is online\n", NM),
    ("www.archlinux.org", "/check_network_status.txt", 200, b"NetworkManager is online\n", NM),
    ("ping.manjaro.org", "/check_network_status.txt", 200, b"NetworkManager is online", NM),
    ("networkcheck.kde.org", "/", 200, b"OK\n", {}),
    ("conncheck.opensuse.org", "/", 200, b"NetworkManager is online", NM),
    ("nmcheck.opensuse.org", "/", 200, None, NM),
    ("ipv4.connman.net", "/online/status.html", 200, None, CONNMAN),
    ("ipv6.connman.net", "/online/status.html", 200, None, CONNMAN),
    ("connman.vn.tesla.services", "/online/status.html", 200, None, CONNMAN),
    ("connman.vn.cloud.tesla.cn", "/online/status.html", 200, None, CONNMAN),
    ("conntest.nintendowifi.net", "/", 200, None, NINTENDO),
    ("ctest.cdn.nintendo.net", "/", 200, b"ok", NINTENDO),
    ("ena.net.playstation.net", "/netstart/ps4", 403, None, {}),
    ("ena.net.playstation.net", "/netstart/icst", 200, None, {}),
    ("captive.roku.com", "/ok", 200, None, {}),
    ("test.steampowered.com", "/", 200, None, {}),
]


@pytest.mark.parametrize(("host", "path", "status", "body", "headers"), VENDORS)
def test_a_released_client_gets_the_vendors_own_answer(
    host: str, path: str, status: int, body: bytes | None, headers: dict[str, str]
) -> None:
    """Status, bytes and headers are those the vendor's client takes for "online"."""
    answer = probes.online(host, path)

    assert answer is not None
    assert answer.status == status
    assert body is None or answer.body == body
    assert headers.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("path", ["/kindle-wifi/wifistub.html", "/kindle-wifi/wifistub-eink.html"])
def test_a_kindle_finds_its_mark(path: str) -> None:
    """Fire OS looks for a UUID in the page."""
    answer = probes.online("spectrum.s3.amazonaws.com", path)

    assert answer is not None
    assert b"81ce4465-7167-4dcb-835b-dcc9e44c112a" in answer.body


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("www.msftconnecttest.com", "/redirect"),
        ("spectrum.s3.amazonaws.com", "/kindle-wifi/wifiredirect.html"),
        ("example.org", "/generate_204"),
        ("connectivitycheck.gstatic.com", "/"),
        ("", ""),
    ],
)
def test_what_no_vendor_asks_stays_with_the_portal(host: str, path: str) -> None:
    """Unknown hosts, unknown paths, and the pages meant to show the portal, have no answer."""
    assert probes.online(host, path) is None


@pytest.mark.parametrize(
    "host", ["CAPTIVE.apple.COM", "captive.apple.com:80", "captive.apple.com."]
)
def test_a_host_is_known_in_any_spelling(host: str) -> None:
    """Case, the default port and the root's dot make no difference."""
    assert probes.online(host, "/") is not None


def test_each_row_is_in_the_table_once() -> None:
    """No two rows speak for the same host and path."""
    rows = [(probe.host, probe.path) for probe in probes.probes()]

    assert len(rows) == len(set(rows))
    assert all(probes.online(probe.host, probe.path or "/any") for probe in probes.probes())


def test_the_redirect_is_what_every_prober_understands() -> None:
    """A 302 with Location and a body of more than 4 bytes, not to be stored."""
    answer = probes.captive(URL)

    assert answer.status == HTTPStatus.FOUND
    assert dict(answer.fields) == {
        "Location": URL,
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Length": str(len(answer.body)),
    }
    assert len(answer.body) > 4


def test_apples_parser_reads_a_page_that_is_not_success() -> None:
    """From <html to </html> it is well-formed XML, and no element TITLE is there."""
    body = probes.captive("http://a.example/?x=1&y=<2>").body.decode()
    root = ET.fromstring(body[body.index("<html") :])  # noqa: S314 - our own page

    assert root.find(".//TITLE") is None
    assert "Success" not in body
    assert root.find(".//a[@href='http://a.example/?x=1&y=<2>']") is not None


def test_the_wire_form_is_one_segment_that_ends_the_connection() -> None:
    """Ready bytes: status line, headers, close, an empty line, the body; one TCP segment."""
    answer = probes.captive(URL)
    start, _, body = answer.wire().partition(b"\r\n\r\n")

    assert start.startswith(b"HTTP/1.1 302 Found\r\n")
    assert b"\r\nConnection: close" in start
    assert body == answer.body
    assert len(answer.wire()) <= SEGMENT


def test_head_has_the_same_headers_and_no_body() -> None:
    """RFC 9110 9.3.2."""
    answer = probes.captive(URL)

    assert answer.wire(head=True) == answer.wire().removesuffix(answer.body)


def test_no_content_has_no_length() -> None:
    """RFC 9110 8.6: a 204 carries no Content-Length."""
    answer = probes.online("connectivitycheck.gstatic.com", "/generate_204")

    assert answer is not None
    assert b"Content-Length" not in answer.wire()
    assert answer.wire().endswith(b"\r\n\r\n")


@given(st.text())
def test_any_host_can_be_compared(host: str) -> None:
    """Whatever a client writes into Host, comparing it neither fails nor changes its answer."""
    once = probes.authority(host)

    assert probes.authority(f"{once}:80") == once or ":" in once


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("100.64.64.1", "100.64.64.1"),
        ("100.64.64.1:80", "100.64.64.1"),
        ("100.64.64.1:8080", "100.64.64.1:8080"),
        (" Vestibule.Local. ", "vestibule.local"),
        ("[fd00::1]:80", "[fd00::1]"),
        ("a:b", "a:b"),
        ("", ""),
    ],
)
def test_one_form_to_compare(text: str, form: str) -> None:
    """Lower case, no default port, no root's dot."""
    assert probes.authority(text) == form
