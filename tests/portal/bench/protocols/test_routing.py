"""Which requests are a device's, whatever name they ask under: one predicate, two readers."""

from __future__ import annotations

import socket

import pytest

from portal import probes
from portal.bench.protocols import routing
from portal.door.detect import FrontDoor
from portal.door.ready import Ready

URL = "http://100.64.64.1/"
PEER = b"\x02\x00\xc0\x01" + socket.inet_aton("100.64.64.20") + bytes(8)

DEVICES = [
    ("/DEFAULT/controller/v1/SN-1", {}),
    ("/default/controller/v1/SN-1/deploymentBase/7?c=1", {}),
    ("/ci/meta-data", {}),
    ("/bench/v1/me?mac=02", {}),
    (f"/bench/files/{'ab' * 32}/cd/app.bin", {}),
    ("/bench/esphome/lamp/manifest.json", {}),
    ("/update.bin", {"User-Agent": "ESP8266-http-Update"}),
    ("/", {"user-agent": "ESP32-http-Update"}),
    ("/a/b", {"X-ESP32-STA-MAC": "02:00:00:00:00:01", "User-Agent": "mine"}),
]
NO_DEVICES = [
    ("/", {}),
    ("/bench", {}),
    ("/bench/", {}),
    ("/bench/api/changes", {}),
    ("/bench/files", {}),
    ("/bench/files/drop", {}),
    ("/d/K7M2", {}),
    ("/generate_204", {"User-Agent": "Mozilla/5.0 ESP32-http-Update"}),
    ("/x/DEFAULT/controller/v1/SN-1", {}),
    ("/controller/v1/SN-1", {}),
    ("/%62ench/v1/me", {}),
    ("/setup", {"X-ESP32-STA-MAC": ""}),
]


def enters(path: str, headers: dict[str, str], *, is_on: bool = True) -> tuple[bool, bool]:
    """Whether the event loop, and the WSGI function, let a request under a foreign name in."""
    is_device = routing.is_device if is_on else None
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"GET {path} HTTP/1.1\r\nHost: updates.acme.example\r\n{lines}\r\n".encode()
    entered: list[str] = []

    def inner(environ: dict[str, str], _start: object) -> list[bytes]:
        entered.append(environ["RAW_URI"])
        return []

    door = FrontDoor(inner, URL, lambda _: False, is_device=is_device)
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    environ |= {"REQUEST_METHOD": "GET", "RAW_URI": path, "HTTP_HOST": "updates.acme.example"}
    door(environ, lambda *_: lambda _: None)
    return Ready(URL, is_device=is_device)(head, PEER) is None, bool(entered)


@pytest.mark.parametrize(("path", "headers"), DEVICES)
def test_a_device_is_let_in_under_any_name(path: str, headers: dict[str, str]) -> None:
    """By both readers, and only where there is a bench."""
    assert enters(path, headers) == (True, True)
    assert enters(path, headers, is_on=False) == (False, False)


@pytest.mark.parametrize(("path", "headers"), NO_DEVICES)
def test_everything_else_is_a_probe_as_before(path: str, headers: dict[str, str]) -> None:
    """The bench's own pages too: under a rebound name nobody gets at them."""
    assert enters(path, headers) == (False, False)


@pytest.mark.parametrize("probe", list(probes.probes()), ids=lambda probe: probe.host)
def test_no_captive_check_is_taken_for_a_device(probe: probes.Probe) -> None:
    """With a bench, every row of the table is answered as without."""
    path = probe.path or "/some/random/path.html"
    head = f"GET {path} HTTP/1.1\r\nHost: {probe.host}\r\nUser-Agent: x\r\n\r\n".encode()

    assert Ready(URL, is_device=routing.is_device)(head, PEER) == Ready(URL)(head, PEER)
    assert Ready(URL)(head, PEER) is not None


def test_under_tls_no_device_is_let_in() -> None:
    """There nobody asks under a foreign name."""
    door = FrontDoor(lambda *_: [b"in"], URL, lambda _: False, is_device=routing.is_device)
    environ = {"REQUEST_METHOD": "GET", "RAW_URI": "/ci/meta-data", "HTTP_HOST": "a.example",
               "wsgi.url_scheme": "https"}  # fmt: skip

    assert door(environ, lambda *_: lambda _: None) != [b"in"]
