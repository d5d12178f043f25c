"""The backend `http` and what servers say instead of an answer: the outcome of each."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from portal.provisioning.backend import Delivered, Outcome, Rejected, Retry
from tests.certificates import Issued
from tests.portal.provisioning.backends import delivering
from tests.portal.provisioning.backends.delivering import port, why
from tests.portal.provisioning.backends.servers import Sink, liar
from tests.portal.provisioning.fakes import a_record

folder = delivering.folder
root = delivering.root
site = delivering.site
server = delivering.server
make = delivering.make


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (200, {}, b"", Delivered()),
        (204, {}, b"", Delivered()),
        (409, {}, b"known", Delivered()),
        (400, {}, b'{"detail": "no such site"}', Rejected("status 400: no such site")),
        (422, {}, b"<html>", Rejected("status 422")),
        (429, {"Retry-After": "120"}, b"", Retry(120.0, "status 429", whole=True)),
        (503, {"Retry-After": "Sun, 01 Mar 2026 10:00:00 GMT",
               "Date": "Sun, 01 Mar 2026 09:30:00 GMT"}, b"", Retry(1800.0, "status 503")),
        (408, {}, b"", Retry(None, "status 408")),
        (500, {"Retry-After": "soon"}, b"", Retry(None, "status 500")),
    ],
)  # fmt: skip
def test_statuses(
    server: Sink, make: Any, status: int, headers: dict[str, str], body: bytes, expected: Outcome
) -> None:
    """Each class of status has its outcome."""
    server.answers = [(status, headers, body)]
    outcome = make(port(server)).apply(a_record())
    # http.server sends a Date of its own, before ours.
    assert type(outcome) is type(expected)
    assert outcome == expected or "Date" in headers


def test_not_our_page(server: Sink, make: Any) -> None:
    """HTML with 200 is somebody else's sign-in page, unless any answer will do."""
    page = (200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>Welcome</html>")
    server.answers = [page, page]

    assert "its answer is not JSON (text/html)" in why(make(port(server)).apply(a_record()))
    assert make(port(server), answer="any").apply(a_record()) == Delivered()


def lies() -> dict[str, Callable[[socket.socket], None]]:
    """What a server may do instead of answering."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

    def send(*parts: bytes) -> Callable[[socket.socket], None]:
        return lambda link: link.sendall(b"".join(parts))

    return {
        "cut short": send(head + b'Content-Length: 20\r\n\r\n{"ok"'),
        "cut in a chunk": send(head + b'Transfer-Encoding: chunked\r\n\r\n20\r\n{"ok"'),
        "no last chunk": send(head + b"Transfer-Encoding: chunked\r\n\r\n4\r\ntrue\r\n"),
        "no length, half": send(head + b'\r\n{"ok": tr'),
        "no length, empty": send(head + b"\r\n"),
        "cut in the head": send(b"HTTP/1.1 200 OK\r\nContent-Le"),
        "nothing": send(),
        "no HTTP": send(b"220 smtp.example ESMTP\r\n" * 3),
        "endless head": send(head, *[b"X: " + b"y" * 60_000 + b"\r\n"] * 200),
        "endless body": send(head + b"\r\n", *[b" " * 60_000] * 10),
        "redirect": send(
            b"HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n"
            b"Location: https://169.254.169.254/latest/meta-data/\r\n\r\n"
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", lies())
def test_liars(make: Any, site: Issued, name: str) -> None:
    """Whatever is not a whole answer is no delivery, and no rejection either."""
    with liar(site, lies()[name]) as at:
        outcome = make(at).apply(a_record())

    assert isinstance(outcome, Retry), outcome
    # The request had left: it may be this record that the server cannot take.
    assert not outcome.whole


@pytest.mark.parametrize("plain", [False, True])
def test_one_byte_at_a_time(make: Any, site: Issued, plain: bool) -> None:  # noqa: FBT001 - a parameter
    """A server that never stops talking slowly is left at the deadline."""
    seen = threading.Event()

    def dribble(link: socket.socket) -> None:
        try:
            for octet in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 600:
                link.sendall(bytes([octet]))
                seen.wait(0.1)
        except OSError:
            seen.set()
            raise

    more = {"tls": False} if plain else {}
    with liar(site, dribble, plain=plain) as at:
        backend = make(at, timeout=1, **more)
        if plain:
            backend._options = {**backend._options, "url": f"http://127.0.0.1:{at}/"}
        assert why(backend.apply(a_record())) == "no whole answer within 1 s"
        assert seen.wait(20)


def test_silence_in_the_handshake(make: Any) -> None:
    """A server that accepts and says nothing does not hold us either."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        outcome = make(listener.getsockname()[1], timeout=1).apply(a_record())

    assert why(outcome) == "no whole answer within 1 s"


def test_what_a_server_repeats(server: Sink, make: Any) -> None:
    """A server that quotes a password in its reason finds it taken out."""
    record = a_record(passphrase="canary-5b21")
    said = json.dumps({"detail": "y" * 180 + "canary-5b21 is too short"}).encode()
    server.answers = [(422, {}, said)]
    outcome = make(port(server)).apply(record)

    assert isinstance(outcome, Rejected)
    assert "can" not in outcome.why
