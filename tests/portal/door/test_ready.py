"""The ready answers, held against the app that reads the same table."""

from __future__ import annotations

import socket

import pytest

from portal import probes
from portal.door.detect import FrontDoor
from portal.door.ready import Ready

URL = "http://100.64.64.1/"
CLIENT = "100.64.64.20"
PEER = b"\x02\x00\xc0\x01" + socket.inet_aton(CLIENT) + bytes(8)
RELEASED = frozenset({socket.inet_aton(CLIENT)})


def head(host: str, path: str = "/", method: str = "GET") -> bytes:
    """A prober's request."""
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: x\r\n\r\n".encode()


def through_wsgi(
    host: str, path: str, method: str, released: str = ""
) -> tuple[str, dict[str, str], bytes]:
    """What the app answers to the same request while the client at `released` is released."""
    heard: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> object:
        heard.append((status, headers))
        return None

    def inner(*_: object) -> list[bytes]:
        raise AssertionError("a foreign host reached the app")

    environ = {"REQUEST_METHOD": method, "HTTP_HOST": host, "RAW_URI": path, "PATH_INFO": path,
               "REMOTE_ADDR": CLIENT}  # fmt: skip
    door = FrontDoor(inner, URL, released.__eq__)
    body = b"".join(door(environ, start))  # type: ignore[arg-type] # records instead of writing
    return heard[0][0], dict(heard[0][1]), body


def parts(wire: bytes) -> tuple[str, dict[str, str], bytes]:
    """Status line without version, headers, body."""
    start, _, body = wire.partition(b"\r\n\r\n")
    first, *lines = start.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert headers.pop("Connection") == "close"
    return first.removeprefix("HTTP/1.1 "), headers, body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("probe", list(probes.probes()), ids=lambda probe: probe.host)
def test_two_readers_of_one_table(probe: probes.Probe, method: str) -> None:
    """For every row, the event loop and the app say the same, captive or released."""
    path = probe.path or "/some/random/path.html"
    asked = head(probe.host, path, method)
    captive, online = Ready(URL)(asked, PEER), Ready(URL, RELEASED)(asked, PEER)

    assert captive is not None
    assert online is not None
    assert parts(captive) == through_wsgi(probe.host, path, method)
    assert parts(online) == through_wsgi(probe.host, path, method, CLIENT)
    assert captive != online
    assert max(len(captive), len(online)) < 1400, "more than one segment"


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("example.com", "/"),
        ("www.msftconnecttest.com", "/redirect"),
        ("connectivitycheck.gstatic.com", "/%67enerate_204"),
        ("connectivitycheck.gstatic.com", "/generate_204?query"),
        ("CAPTIVE.Apple.com.", "/"),
        ("captive.apple.com:80", "/"),
        ("captive.apple.com:8080", "/"),
    ],
)
def test_two_readers_beside_the_table(host: str, path: str) -> None:
    """What is nearly a row is, or is not, one for both."""
    answer = Ready(URL, RELEASED)(head(host, path), PEER)

    assert answer is not None
    assert parts(answer) == through_wsgi(host, path, "GET", CLIENT)


@pytest.mark.parametrize("probe", list(probes.probes()), ids=lambda probe: probe.host)
def test_a_released_client_is_online(probe: probes.Probe) -> None:
    """Every row's own answer, byte for byte; a HEAD without the body."""
    path = probe.path or "/some/random/path.html"
    ready = Ready(URL, RELEASED)

    assert ready(head(probe.host, path), PEER) == probe.online.wire()
    assert ready(head(probe.host, path, "HEAD"), PEER) == probe.online.wire(head=True)


def test_a_released_client_still_finds_the_portal() -> None:
    """Unknown hosts, and the page Windows opens, lead to it."""
    ready = Ready(URL, RELEASED)

    for host, path in (("example.com", "/"), ("www.msftconnecttest.com", "/redirect")):
        answer = ready(head(host, path), PEER)
        assert answer is not None
        assert answer.startswith(b"HTTP/1.1 302 ")


@pytest.mark.parametrize("host", ["100.64.64.1", "100.64.64.1:80", "100.64.64.1."])
def test_our_own_host_is_not_answered_here(host: str) -> None:
    """The page is the app's."""
    assert Ready(URL)(head(host), PEER) is None


def test_what_is_no_probe_is_not_answered_here() -> None:
    """Posts, bodies, and heads in doubt go to the app."""
    ready = Ready(URL)

    assert ready(head("a.example", method="POST"), PEER) is None
    assert ready(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", PEER) is None
    assert ready.given == 0


def test_a_thousand_hosts_do_not_fill_the_memory() -> None:
    """What is remembered of heads is bounded."""
    ready = Ready(URL)
    for number in range(2000):
        ready(head(f"h{number}.example"), PEER)

    assert len(ready._known) <= 512
    assert ready.given == 2000
