"""What to answer a client that checks whether it is behind a captive portal.

One table for every vendor, and one answer for a client that still has to see the page. The
answers are values: the WSGI app reads their parts, a worker of our own may send `wire` as is.
Sources are the vendors' clients themselves: Apple's prober, AOSP's NetworkMonitor, Windows
NCSI, Chromium, Firefox, NetworkManager, ConnMan. Bodies marked "any" are not compared by the
client, only the status or a header is.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, NamedTuple

Headers = tuple[tuple[str, str], ...]

HTML: Final = "text/html; charset=utf-8"
TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole HTTP answer. `headers` leave out the framing, which follows from the body."""

    status: HTTPStatus
    body: bytes = b""
    headers: Headers = ()

    @property
    def status_line(self) -> str:
        """Code and phrase, as WSGI and the status line have them."""
        return f"{self.status.value} {self.status.phrase}"

    @property
    def fields(self) -> Headers:
        """The headers to send, with the exact length; none on 204 (RFC 9110 8.6)."""
        if self.status == HTTPStatus.NO_CONTENT:
            return self.headers
        return (*self.headers, ("Content-Length", str(len(self.body))))

    def wire(self, *, head: bool = False) -> bytes:
        """The answer as HTTP/1.1 bytes that end the connection; `head` leaves out the body."""
        lines = [f"HTTP/1.1 {self.status_line}"]
        lines += [f"{name}: {value}" for name, value in (*self.fields, ("Connection", "close"))]
        start = "\r\n".join([*lines, "", ""]).encode("latin-1")
        return start if head else start + self.body


def captive(url: str) -> Answer:
    """The way to the page at `url`, for any probe of any client that has not been released.

    A 302 with a body: AOSP takes 200 to 399 for a portal but a 200 of at most 4 bytes for a
    failure; Apple's prober evaluates a redirect that has a body at once and without a second
    request. The body is well-formed XML without TITLE "Success", which would mean "online".
    """
    link = html.escape(url)
    body = (
        "<!DOCTYPE html><html><head><title>Vestibule</title>"
        f'<meta http-equiv="refresh" content="0;url={link}"/></head>'
        f'<body><a href="{link}">Open the set-up page</a></body></html>'
    )
    headers = (("Location", url), ("Content-Type", HTML), ("Cache-Control", "no-store"))
    return Answer(HTTPStatus.FOUND, body.encode("ascii"), headers)


def misdirected(url: str) -> Answer:
    """The refusal of anything but GET and HEAD under a name that is not ours (RFC 9110 15.5.20)."""
    body = f"Nothing is sent on from here. The set-up page is at {url}\n".encode("ascii")
    return _page(body, TEXT, HTTPStatus.MISDIRECTED_REQUEST)


def authority(text: str) -> str:
    """A Host value in the one form in which two of them can be compared."""
    host, colon, port = text.strip().lower().rpartition(":")
    if not colon or not port.isdecimal():
        host, port = text.strip().lower(), ""
    host = host.removesuffix(".")
    return host if port in {"", "80"} else f"{host}:{port}"


def own_authority(url: str) -> str:
    """The `authority` under which the portal's own pages are served."""
    return authority(url.split("/")[2])


class Probe(NamedTuple):
    """One row: what a platform asks, and the answer that means "online" to it.

    `path` is None where a vendor asks for random paths, so that only the host counts.
    """

    platform: str
    host: str
    path: str | None
    online: Answer


def online(host: str, path: str) -> Answer | None:
    """The vendor's own answer to its probe, or None where the portal is still the answer.

    `host` as the client sent it; `path` without a query.
    """
    name = authority(host)
    return _TABLE.get((name, None)) or _TABLE.get((name, path))


def probes() -> Iterator[Probe]:
    """Every row of the table."""
    for platform, paths, answer, hosts in _ROWS:
        for host in hosts.split():
            for path in paths.split() if paths else [None]:
                yield Probe(platform, host, path, answer)


def _page(
    body: bytes, kind: str = HTML, status: HTTPStatus = HTTPStatus.OK, *headers: tuple[str, str]
) -> Answer:
    return Answer(status, body, (("Content-Type", kind), ("Cache-Control", "no-store"), *headers))


_OK: Final = HTTPStatus.OK
_NM: Final = ("X-NetworkManager-Status", "online")
_CONNMAN: Final = ("X-ConnMan-Status", "online")
_NINTENDO: Final = ("X-Organization", "Nintendo")

# Apple compares the element's name in upper case, so these bytes are the only right ones.
_SUCCESS: Final = _page(b"<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>")
_NO_CONTENT: Final = Answer(HTTPStatus.NO_CONTENT, b"", (("Cache-Control", "no-store"),))
_NO_CONTENT_NM: Final = Answer(HTTPStatus.NO_CONTENT, b"", (("Cache-Control", "no-store"), _NM))
_FIREFOX: Final = _page(
    b'<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'
)
_KINDLE: Final = _page(b"<html><body>81ce4465-7167-4dcb-835b-dcc9e44c112a</body></html>")
_NM_LINE: Final = _page(b"NetworkManager is online\n", TEXT, _OK, _NM)
_NM_BARE: Final = _page(b"NetworkManager is online", TEXT, _OK, _NM)
_ANY: Final = _page(b"OK\n", TEXT)

_204: Final = "/generate_204 /gen_204"
_CHECK: Final = "/check_network_status.txt"

# (platform, paths or "" for every path, the answer that means "online", hosts)
_ROWS: Final = (
    (
        "Apple",
        "",
        _SUCCESS,
        """
            captive.apple.com netcts.cdn-apple.com www.apple.com apple.com www.appleiphonecell.com
            www.airport.us www.ibook.info www.itools.info www.thinkdifferent.us
        """,
    ),
    (
        "Android, Chromium, ChromeOS, LineageOS, Quest",
        _204,
        _NO_CONTENT,
        """
            connectivitycheck.gstatic.com www.gstatic.com www.google.com play.googleapis.com
            clients3.google.com clients4.google.com connectivitycheck.android.com
            android.clients.google.com www.androidbak.net connectivitycheck.gstatic.cn
            www.googleapis.cn www.googleapis.com safebrowsing.google.com
        """,
    ),
    (
        "Samsung",
        _204,
        _NO_CONTENT,
        """
            connectivitycheck.samsung.com connectivity.samsung.com connectivitycheck.samsungdm.com
            d2uzsrnmmf6tds.cloudfront.net
        """,
    ),
    (
        "Huawei, Honor",
        _204,
        _NO_CONTENT,
        """
            connectivitycheck.platform.hicloud.com connectivitycheck.cbg-app.huawei.com
            connectivitycheck.platform.hihonorcloud.com
        """,
    ),
    (
        "Xiaomi, Oppo, OnePlus, Vivo",
        _204,
        _NO_CONTENT,
        """
            connect.rom.miui.com conn1.oppomobile.com conn2.oppomobile.com
            connectivitycheck.oppomobile.com wifi.coloros.com wifi.vivo.com.cn
        """,
    ),
    (
        "GrapheneOS, DivestOS",
        _204,
        _NO_CONTENT,
        "connectivitycheck.grapheneos.network grapheneos.online divestos.org",
    ),
    ("/e/OS", "/", _NO_CONTENT, "204.ecloud.global"),
    ("Android, set by hand", "/", _NO_CONTENT, "captiveportal.kuketz.de cp.cloudflare.com"),
    (
        "Edge",
        "/captiveportal/generate_204",
        _NO_CONTENT,
        "edge-http.microsoft.com edge.microsoft.com",
    ),
    ("Firefox", "/canonical.html", _FIREFOX, "detectportal.firefox.com"),
    ("Firefox", "/success.txt", _page(b"success\n", TEXT), "detectportal.firefox.com"),
    (
        "Windows, Xbox",
        "/connecttest.txt",
        # 22 bytes, no newline; /redirect on the same host stays with the portal.
        _page(b"Microsoft Connect Test", TEXT),
        "www.msftconnecttest.com ipv6.msftconnecttest.com",
    ),
    (
        "Windows Vista to 8",
        "/ncsi.txt",
        _page(b"Microsoft NCSI", TEXT),
        "www.msftncsi.com ipv6.msftncsi.com",
    ),
    ("GNOME", f"{_CHECK} /", _NM_LINE, "nmcheck.gnome.org"),
    ("Debian", "/nm", _NM_LINE, "network-test.debian.org"),
    ("Ubuntu", "/", _NO_CONTENT_NM, "connectivity-check.ubuntu.com"),
    ("Fedora", "/static/hotspot.txt", _page(b"OK", TEXT, _OK, _NM), "fedoraproject.org"),
    ("Arch Linux", "/nm-check.txt", _NM_LINE, "ping.archlinux.org"),
    ("Arch Linux", _CHECK, _NM_LINE, "www.archlinux.org"),
    ("Manjaro", _CHECK, _NM_BARE, "ping.manjaro.org"),
    ("KDE", "/", _ANY, "networkcheck.kde.org"),
    ("openSUSE", "/", _NM_BARE, "conncheck.opensuse.org nmcheck.opensuse.org"),
    ("Pop!_OS", "/", _NO_CONTENT, "204.pop-os.org"),
    (
        "ConnMan, Tesla",
        "/online/status.html",
        _page(b"<html><body>online</body></html>", HTML, _OK, _CONNMAN),
        "ipv4.connman.net ipv6.connman.net connman.vn.tesla.services connman.vn.cloud.tesla.cn",
    ),
    (
        "Fire OS, Kindle",
        "/kindle-wifi/wifistub.html /kindle-wifi/wifistub-eink.html",
        _KINDLE,
        "spectrum.s3.amazonaws.com",
    ),
    ("Fire OS", "/generate_204", _NO_CONTENT, "fireoscaptiveportal.com freetimecaptiveportal.com"),
    ("Amazon tablets", "/generate204", _NO_CONTENT, "tabletcaptiveportal.com"),
    (
        "Nintendo",
        "/",
        _page(b"<html><body>This is test.html page</body></html>", HTML, _OK, _NINTENDO),
        "conntest.nintendowifi.net",
    ),
    ("Nintendo Switch", "/", _page(b"ok", TEXT, _OK, _NINTENDO), "ctest.cdn.nintendo.net"),
    # The real service answers 403, and the console takes that for "reached".
    (
        "PlayStation 4",
        "/netstart/ps4",
        _page(b"Forbidden\n", TEXT, HTTPStatus.FORBIDDEN),
        "ena.net.playstation.net",
    ),
    ("PlayStation 5", "/netstart/icst", _ANY, "ena.net.playstation.net"),
    ("Roku", "/ok", _ANY, "captive.roku.com"),
    ("Steam", "/", _ANY, "test.steampowered.com"),
)

_TABLE: Final = {(probe.host, probe.path): probe.online for probe in probes()}
