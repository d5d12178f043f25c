"""HTTP servers for the backend `http`: one that is honest, and some that lie."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.certificates import Issued


class Sink(ThreadingHTTPServer):
    """Takes records as a backend should: `effects` by idempotency key, `requests` as they came.

    `answers`: what it says instead, first come first: (status, headers, body). `look` is called
    in the middle of each request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.effects: dict[str, Any] = {}
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0
        self.look: Callable[[], None] = lambda: None
        self.answers: list[tuple[int, dict[str, str], bytes]] = []

    def get_request(self) -> tuple[socket.socket, Any]:
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one segment, or Nagle holds the second back for 40 ms
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        self.server.look()
        status, headers, answer = self._answer(body)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(answer)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    do_PUT = do_POST  # noqa: N815 - the names http.server looks for

    def _answer(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.server.answers:
            return self.server.answers.pop(0)
        known = self.server.effects
        status = 200 if self.headers["Idempotency-Key"] in known else 201
        known.setdefault(self.headers["Idempotency-Key"], json.loads(body))
        return status, {"Content-Type": "application/json"}, b'{"ok": true}'

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def sink(site: Issued, *, clients: Path | None = None) -> Iterator[Sink]:
    """A running `Sink` under TLS; with `clients` only for those whom that authority knows."""
    with Sink() as server:
        server.socket = _context(site, clients).wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _context(site: Issued, clients: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(site.certificate, site.key)
    if clients:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@contextmanager
def liar(
    site: Issued, lie: Callable[[socket.socket], None], *, plain: bool = False
) -> Iterator[int]:
    """The port of a server that hears a request out and then does `lie` with the connection."""
    context = _context(site)

    def hear_and_lie(accepted: socket.socket) -> None:
        with accepted if plain else context.wrap_socket(accepted, server_side=True) as link:
            _hear(link)
            lie(link)

    with accepting(hear_and_lie) as port:
        yield port


@contextmanager
def accepting(meet: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that does `meet` with one connection after the other."""

    def serve() -> None:
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            with accepted, suppress(OSError):
                meet(accepted)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _hear(link: socket.socket) -> None:
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += link.recv(65_536) or b"\r\n\r\n"
    head, _, body = heard.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += link.recv(65_536) or bytes(length)
