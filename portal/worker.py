"""gunicorn's gthread worker with our own front door (portal.door.front), and without an arbiter.

gunicorn keeps what it is good at: the strict request parser, WSGI, threads. What it does with
sockets is replaced, for two measured reasons: since release 26 gthread waits for the client's
FIN in its accept loop, so eight clients that never close stop the portal; and fifty that dribble
their headers hold all its threads. Here a thread is given a complete request as bytes and gives
back a complete answer as bytes; it never sees a socket. The arbiter would keep one worker alive,
which the supervisor does already, and cost 13 to 15 MiB.

The internals this leans on (ThreadWorker.handle, handle_request, method_queue, tpool, and how a
Response writes) are those of the gunicorn release pinned in pyproject.toml; tests/portal/
test_worker.py fails if they change.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from types import FrameType, MappingProxyType
from typing import Any, Final

from gunicorn.http import RequestParser
from gunicorn.http import errors as refused
from gunicorn.http.message import Message
from gunicorn.workers.gthread import ThreadWorker

from portal import systemd
from portal.door.connection import Connection
from portal.door.descriptors import allowed
from portal.door.paper import Paper, Reply
from portal.door.sending import SendingFront
from portal.door.streams import News
from portal.tls import handover

BODY_LIMIT: Final = 64 * 1024
# Each may hold a head and a body: 80 KiB at most, so 70 MiB in all.
CONNECTION_LIMIT: Final = 900
# 20,000 probes a second keep 400 connections on the doorstep, and what a thread opens must never
# meet a full table: then it answers 503.
DESCRIPTORS: Final = 4096
# Among them the files that are being sent, or granted (portal.door.sending, portal.door.grants).
_OTHERS: Final = 120 + 256 + 128
# A connection on which nothing comes stays in the kernel, at no cost, this long. Then it is
# handed over all the same, so a browser's idle pre-connections go on working (tcp(7)).
DEFER_SECONDS: Final = 2
_TICK: Final = 1.0
# As often as the loop looks whether the last answer has come, while it makes way for another.
_GLANCE: Final = 0.05
_VERSION: Final = (1, 1)

_STATUS: Final = {
    refused.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    refused.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    refused.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    refused.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}


def refusal(status: int) -> bytes:
    """The ready answer for a request that reaches no view; it says nothing of the request."""
    phrase = HTTPStatus(status).phrase
    body = f"{status} {phrase}\n".encode()
    return (
        f"HTTP/1.1 {status} {phrase}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    ).encode() + body


class SecureParser(RequestParser):  # type: ignore[misc]  # gunicorn ships no types
    """For requests that came by TLS: gunicorn knows only of TLS that it has ended itself."""

    def __next__(self) -> Any:  # noqa: ANN401 - gunicorn's own Request
        """The next request, with the scheme the client has used."""
        request = super().__next__()
        request.scheme = "https"
        return request


class Exchange:
    """One request on its way through gunicorn: the shape ThreadWorker.handle asks of a TConn."""

    initialized = True
    data_ready = True
    is_http2 = False

    def __init__(
        self, worker: PoliteWorker, request: bytes, client: tuple[str, int], *, secure: bool
    ) -> None:
        self.sock = Paper()
        self.client = client
        self.server = worker.server_address
        parser = SecureParser if secure else RequestParser
        self.parser = parser(worker.cfg, iter([request]), client)

    def init(self) -> None:
        """Nothing to do: the request is here."""


class PoliteWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """The worker that `python -m portal` is.

    Its app is a `portal.server.Site`: gunicorn's `wsgi`, and `ready` (portal.door.ready), `chores`,
    `rest`, and `publish`, which it is given.
    `channel` is where the process that ends TLS hands its connections over (portal.tls.handover).
    `asides` are further descriptors, and what to do when one is readable.
    `reloading` says after `run` that a successor is to take this process's place.
    """

    server_address: tuple[str, int] = ("", 0)
    reloading = False
    channel: socket.socket | None = None
    asides: Mapping[int, Callable[[], None]] = MappingProxyType({})
    front: SendingFront
    tpool: ThreadPoolExecutor
    chores: Future[None] | None = None
    chores_due = 0.0
    beat_due = 0.0

    def init_signals(self) -> None:
        """TERM and INT end it when everybody has been served, HUP replaces it."""
        super().init_signals()
        signal.signal(signal.SIGINT, self.handle_exit)
        signal.signal(signal.SIGHUP, self.handle_hup)

    def handle_hup(self, number: int, frame: FrameType | None) -> None:
        """Make way for a successor."""
        self.reloading = self.reloading or self.alive
        self.handle_exit(number, frame)

    def notify(self) -> None:
        """Nobody waits for a sign of life: there is no arbiter."""

    def run(self) -> None:
        """Serve until told to stop, then until everybody inside has been answered."""
        self.front = SendingFront(
            ready=self.app.ready,
            submit=self.hand_over,
            refusal=refusal,
            clock=time.monotonic,
            body_limit=BODY_LIMIT,
            connection_limit=min(CONNECTION_LIMIT, allowed(DESCRIPTORS) - _OTHERS),
        )
        self.front.watch(self.method_queue.fileno(), self.take_replies)
        if self.channel is not None:
            self.front.watch(self.channel.fileno(), self.take_handed)
        for descriptor, act in self.asides.items():
            self.front.watch(descriptor, act)
        for listener in self.sockets:
            # The newcomers are to bring their request along (TCP_DEFER_ACCEPT, tcp(7)).
            with contextlib.suppress(OSError):
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, DEFER_SECONDS)
        self.server_address = self.sockets[0].getsockname()
        self.app.publish = self.publish
        self.front.listen(self.sockets)
        systemd.notify("READY=1")
        while self.alive and self.is_parent_alive():
            self.front.turn(_TICK)
            self.see_to_chores()
            self.beat()
        self.front.stop_listening()
        for descriptor in self.asides:
            self.front.forget(descriptor)
        if self.channel is not None:
            # What is handed over from now on is the successor's.
            self.front.forget(self.channel.fileno())
        if self.reloading:
            self.make_way()
        else:
            self.see_out()

    def beat(self) -> None:
        """Say that the loop turns, where systemd waits for that."""
        now = time.monotonic()
        if now >= self.beat_due:
            self.beat_due = now + systemd.pace()
            systemd.notify("WATCHDOG=1")

    def see_to_chores(self) -> None:
        """Once a second let a thread do what is due; nothing of it may hold up the loop."""
        now = time.monotonic()
        if now < self.chores_due or not self.app.busy:
            return
        self.chores_due = now + _TICK
        if self.chores is None or self.chores.done():
            self.chores = self.tpool.submit(self.app.chores)
            self.chores.add_done_callback(self.tell_of_chores)

    def tell_of_chores(self, done: Future[None]) -> None:
        """A failure is told; a second later it is tried again."""
        if not done.cancelled() and (failure := done.exception()):
            self.log.error("chores failed", exc_info=failure)

    def see_out(self) -> None:
        """Those inside get their answers, within the grace period."""
        deadline = time.monotonic() + self.cfg.graceful_timeout
        while len(self.front) and time.monotonic() < deadline:
            self.front.turn(_TICK)
        self.tpool.shutdown(wait=False)
        self.front.close()

    def make_way(self) -> None:
        """Leave those inside to a child, so that the successor can begin at once.

        At the moment of the fork there is one thread and no open database: SQLite forbids to
        carry a connection across (sqlite.org/howtocorrupt.html, 2.6).
        """
        while self.front.answering:
            self.front.turn(_GLANCE)
        self.tpool.shutdown(wait=True)
        self.app.rest()
        if len(self.front) and os.fork() == 0:
            self.tpool = self.get_thread_pool()
            self.see_out()
            os._exit(0)

    def take_replies(self) -> None:
        """Answers have come back from the threads."""
        self.method_queue.run_callbacks(None)

    def take_handed(self) -> None:
        """Let in who has come by TLS."""
        assert self.channel is not None  # noqa: S101 - only watched where there is one
        try:
            while (found := handover.take(self.channel)) is not None:
                self.front.let_in(*found, secure=True)
        except EOFError:
            self.front.forget(self.channel.fileno())

    def hand_over(self, connection: Connection, request: bytes) -> None:
        """Give a complete request to a thread."""
        future = self.tpool.submit(
            self.answer, request, connection.client, secure=connection.secure
        )
        future.add_done_callback(
            lambda done: self.method_queue.defer(self.give_back, connection, done)
        )

    def publish(self, topic: str, news: News) -> None:
        """Let those who follow a topic know; from any thread."""
        self.method_queue.defer(self.front.publish, topic, news)

    def give_back(self, connection: Connection, done: Future[Reply]) -> None:
        """In the loop's thread again: the answer is ready."""
        self.front.finished(connection, done.result())

    def answer(self, request: bytes, client: tuple[str, int], *, secure: bool = False) -> Reply:
        """A request's bytes to its answer's bytes, in a thread."""
        exchange = Exchange(self, request, client, secure=secure)
        keep_alive = bool(self.handle(exchange))
        return exchange.sock.reply(keep_alive=keep_alive)

    def handle_request(self, req: Message, conn: Exchange) -> bool:
        """As gunicorn does, but never claiming more of HTTP than we speak (RFC 9110 6.2).

        It would answer `HTTP/1.8` in kind.
        """
        req.version = min(req.version, _VERSION)
        return bool(super().handle_request(req, conn))

    def handle_error(
        self, _request: object, client: Paper, _address: object, exc: BaseException
    ) -> None:
        """The parser refused a request, or a view broke: a ready answer, and no word of why.

        gunicorn would quote the offending line, in the page and in the log; a passphrase can
        stand in it.
        """
        if isinstance(exc, refused.ParseException):
            status = _STATUS.get(type(exc), HTTPStatus.BAD_REQUEST)
            self.log.debug("refused a request: %s", type(exc).__name__)
        else:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            self.log.error("a request failed", exc_info=exc)
        client.sendall(refusal(status))
