"""A network made of canned bytes: what a server would send, per URL, and what a resolver says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.clients.answers import Answers, Broken
from tests.clients.asking import NO_HEADERS, Exchange, Failure

Canned = bytes | Failure
SUCCESS = b"<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
PAGE = b"<!DOCTYPE html><html><head><title>Set up</title></head><body>Hello</body></html>"
PORTAL = "http://100.64.64.1/"


def answer(
    status: int, body: bytes = b"", headers: Mapping[str, str] = NO_HEADERS, *, sized: bool = True
) -> bytes:
    """An answer on the wire; not `sized` leaves its length to the end of the connection."""
    lines = [f"HTTP/1.1 {status} So be it", *(f"{name}: {headers[name]}" for name in headers)]
    if sized and status != 204:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(body: bytes = b"", status: int = 302, target: str = PORTAL) -> bytes:
    """A redirect to the portal's page."""
    return answer(status, body, {"Location": target})


class Cans:
    """A network that gives each URL its answers in order, the last one for ever.

    A URL nobody canned leads to the portal's page. `asked` is what has been fetched, `agents` by
    whom.
    """

    def __init__(
        self,
        answers: Mapping[str, Canned | Iterable[Canned]],
        names: Mapping[tuple[str, str], tuple[str, ...] | Failure] | None = None,
    ) -> None:
        self._answers = {
            url: [each] if isinstance(each, bytes | Failure) else list(each)
            for url, each in answers.items()
        }
        self._names = names or {}
        self.asked: list[str] = []
        self.agents: list[str | None] = []

    def fetch(self, url: str, headers: Mapping[str, str] = NO_HEADERS) -> Exchange | Failure:
        self.asked.append(url)
        self.agents.append(headers.get("User-Agent"))
        cans = self._answers.get(url, [answer(200, PAGE)])
        can = cans.pop(0) if len(cans) > 1 else cans[0]
        if isinstance(can, Failure):
            return can
        stream = iter([can])
        try:
            return Answers(lambda: next(stream, b"")).next()
        except Broken as broken:
            return broken.failure

    def resolve(self, name: str, kind: str) -> tuple[str, ...] | Failure:
        return self._names.get((name, kind), ("100.64.64.1",) if kind == "A" else ())
