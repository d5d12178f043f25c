"""A device with real sockets, on an appliance at 127.0.0.1 whose ports are not 53, 80 and 443.

It asks our resolver for every name, as phones do for A, AAAA and HTTPS records, and connects to
what that answers. A reset is never weighed as an outcome: ConnectionResetError escapes, and so
ends the test, because to a real phone it may be the one attempt there is.
"""

from __future__ import annotations

import enum
import ipaddress
import select
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dnslib import QTYPE, RCODE, DNSError, DNSRecord

from tests.clients.answers import Answers, Broken
from tests.clients.asking import NO_HEADERS, Exchange, Failure

DEADLINE = 10.0  # seconds
Address = tuple[str, int]


class Style(enum.Enum):
    """How the requests travel."""

    CLOSING = "one request a connection"
    KEEPING = "keep-alive"
    SPLIT = "in single bytes"
    PIPELINED = "twice in one write"
    OLD = "HTTP/1.0"


@dataclass(frozen=True)
class Appliance:
    """Where the portal, the resolver and port 443, which refuses, are to be found."""

    portal: Address
    resolver: Address
    refusing: Address


class Line:
    """A connection, and the answers on it."""

    def __init__(self, address: Address) -> None:
        self.socket = socket.create_connection(address, timeout=DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = Answers(lambda: self.socket.recv(65536))

    def is_open(self) -> bool:
        """Whether the other side has not ended it meanwhile."""
        return not select.select([self.socket], [], [], 0)[0]


@dataclass
class Phone:
    """A `Network` (tests/clients/asking.py) over sockets. `fetched` is what came, in order."""

    appliance: Appliance
    style: Style = Style.CLOSING
    fetched: list[tuple[str, Exchange | Failure]] = field(default_factory=list)
    _kept: dict[Address, Line] = field(default_factory=dict)

    def fetch(self, url: str, headers: Mapping[str, str] = NO_HEADERS) -> Exchange | Failure:
        answer = self._fetch("GET", url, headers)
        self.fetched.append((url, answer))
        return answer

    def head(self, url: str) -> Exchange | Failure:
        """HEAD instead of GET."""
        return self._fetch("HEAD", url, NO_HEADERS)

    def resolve(self, name: str, kind: str) -> tuple[str, ...] | Failure:
        query = DNSRecord.question(name, kind)
        with socket.socket(type=socket.SOCK_DGRAM) as asking:
            asking.settimeout(DEADLINE)
            asking.connect(self.appliance.resolver)
            asking.send(query.pack())
            try:
                reply = DNSRecord.parse(asking.recv(65535))
            except (TimeoutError, DNSError):
                return Failure.BAD_DNS
        if reply.header.id != query.header.id or reply.q != query.q:
            return Failure.BAD_DNS
        if reply.header.rcode == RCODE.NXDOMAIN:
            return Failure.NO_NAME
        if reply.header.rcode != RCODE.NOERROR:
            return Failure.BAD_DNS
        return tuple(str(each.rdata) for each in reply.rr if each.rtype == getattr(QTYPE, kind))

    def close(self) -> None:
        """Hang up."""
        while self._kept:
            self._kept.popitem()[1].socket.close()

    def _fetch(self, method: str, url: str, headers: Mapping[str, str]) -> Exchange | Failure:
        parts = urlsplit(url)
        address = self._find(parts.hostname or "", parts.port or _PORTS[parts.scheme])
        if isinstance(address, Failure):
            return address
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        request = self._request(f"{method} {path}", parts.netloc, headers)
        try:
            with self._line(address) as line:
                self._send(line.socket, request)
                answer = line.answers.next(head=method == "HEAD")
                if self._is_last(answer):
                    rest = line.answers.end()
                    assert rest == b"", "bytes behind the last answer"
                elif self.style is Style.PIPELINED:
                    line.answers.next(head=method == "HEAD")
                return answer
        except ConnectionRefusedError:
            return Failure.REFUSED
        except TimeoutError:
            return Failure.TIMED_OUT
        except Broken as broken:
            return broken.failure

    def _find(self, host: str, port: int) -> Address | Failure:
        """Where to connect for this host, by asking as a phone does."""
        if not _is_address(host):
            for kind in ("A", "AAAA", "HTTPS"):
                records = self.resolve(host, kind)
                if isinstance(records, Failure):
                    return records
                assert records == (("127.0.0.1",) if kind == "A" else ()), f"{host} {kind}"
            host = "127.0.0.1"
        known = {80: self.appliance.portal, 443: self.appliance.refusing}
        return known.get(port, (host, port))

    def _request(self, start: str, host: str, headers: Mapping[str, str]) -> bytes:
        fields = {"Host": host, "Accept": "*/*", **headers}
        if self.style is Style.CLOSING:
            fields["Connection"] = "close"
        elif self.style is not Style.OLD:
            fields.pop("Connection", None)
        lines = [f"{start} HTTP/1.{0 if self.style is Style.OLD else 1}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def _send(self, sock: socket.socket, request: bytes) -> None:
        if self.style is Style.SPLIT:
            for at in range(len(request)):
                sock.sendall(request[at : at + 1])
        else:
            sock.sendall(request * 2 if self.style is Style.PIPELINED else request)

    def _is_last(self, answer: Exchange) -> bool:
        said = (answer.get("Connection") or "").lower()
        return said == "close" or self.style in {Style.CLOSING, Style.OLD}

    @contextmanager
    def _line(self, address: Address) -> Iterator[Line]:
        """A connection to there: the kept one while it lasts, else a new one."""
        line = self._kept.pop(address, None)
        if line is not None and not line.is_open():
            line.socket.close()
            line = None
        line = line or Line(address)
        try:
            yield line
        except BaseException:
            line.socket.close()
            raise
        if line.is_open():
            self._kept[address] = line
        else:
            line.socket.close()


_PORTS = {"http": 80, "https": 443}


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
