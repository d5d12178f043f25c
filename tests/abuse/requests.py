"""Real requests changed at random, and what must hold for whatever comes back.

`bombard` sends them to a portal over real sockets, one connection each, as whole requests, in
pieces, cut off, or given up in the middle.
"""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Iterator
from typing import Final

from tests import mutating
from tests.dnsd.running import memory
from tests.mutating import cut, drop, flip, insert, repeating, splicing
from tests.portal.serving import Portal

DEADLINE: Final = 10.0  # seconds
GROWTH: Final = 8.0  # MiB a process may gain once it has warmed up
_FORM: Final = b"network=other&ssid=%C3%A9&passphrase=short&fields.room=4"
_JSON: Final = b'{"ssid":"x","passphrase":"short","fields":{"room":"4"}}'

CORPUS: Final = (
    b"GET /hotspot-detect.html HTTP/1.0\r\nHost: captive.apple.com\r\nConnection: close\r\n\r\n",
    (
        b"GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck.gstatic.com\r\n"
        b"User-Agent: Mozilla/5.0\r\nAccept-Encoding: gzip\r\nConnection: Keep-Alive\r\n\r\n"
    ),
    b"HEAD /connecttest.txt HTTP/1.1\r\nHost: www.msftconnecttest.com\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nCookie: a=b; c=d\r\n\r\n",
    b"GET /api/v1/networks?x=%00%ff HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n",
    b"GET /setup/00000000-0000-0000-0000-000000000000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET http://captive.apple.com/ HTTP/1.1\r\nHost: captive.apple.com\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"POST /setup HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\n%b" % (len(_FORM), _FORM),
    (
        b"POST /setup HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 69\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        b'--b\r\nContent-Disposition: form-data; name="ssid"\r\n\r\nHome\r\n--b--\r\n'
    ),
    b"POST /api/v1/setup HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n%b" % (len(_JSON), _JSON),
    (
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"4\r\nabcd\r\n0\r\n\r\n"
    ),
)
# Octets and words that mean something somewhere in HTTP.
TELLING: Final = (
    *(bytes([octet]) for octet in b"\r\n\0\t :,;%?#/\\\"'&=+\x7f\x80\xff"),
    *(b"\r\n", b"\r\n\r\n", b"\n\n", b"\r\n ", b"\r\r\n", b"HTTP/1.1", b"HTTP/0.9", b"HTTP/9.9"),
    *(b"Host: a\r\n", b"Content-Length: 5\r\n", b"Content-Length: 4\r\n"),
    *(b"Content-Length: -0\r\n", b"Content-Length: 4, 4\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding:\x0bchunked\r\n", b"TE: trailers\r\n"),
    *(b"Transfer-Encoding: gzip, x\r\n", b"Transfer-Encoding : chunked\r\n", b"Upgrade: h2c\r\n"),
    *(b"Expect: 100-continue\r\n", b"Connection: upgrade, close\r\n", b"Range: bytes=0-0\r\n"),
    *(b"//evil.example", b"/../../etc/passwd", b"%2e%2e%2f", b"[::1", b"://", b"@", b"a" * 9000),
    *(b"X: " + b"y" * 5000 + b"\r\n", b"X: y\r\n" * 70, b"Cookie: " + b"=;" * 500 + b"\r\n"),
)


def tell(request: bytearray, chance: random.Random) -> None:
    """Put a telling word anywhere, in the place of up to two octets."""
    at = chance.randint(0, len(request))
    request[at : at + chance.randint(0, 2)] = chance.choice(TELLING)


def say_more(request: bytearray, chance: random.Random) -> None:
    """One more line in the head, where lines are expected."""
    ends = [match.end() for match in re.finditer(rb"\r\n", request)]
    if ends:
        at = chance.choice(ends)
        request[at:at] = chance.choice(TELLING)


CHANGES: Final = (
    *(flip, tell, tell, say_more, say_more, cut, drop, insert),
    *(repeating(80, 3), splicing(CORPUS)),
)


def mutations(count: int, chance: random.Random) -> Iterator[bytes]:
    """`count` requests, each changed in one to four places."""
    return mutating.mutations(CORPUS, CHANGES, count, chance)


def bombard(portal: Portal, count: int, *, seed: int) -> float:
    """Send `count` mutations; every answer is as it must be. Returns the MiB the portal gained."""
    chance = random.Random(seed)
    host = portal.url.split("/")[2].encode()
    # Flask's and SQLite's first use of everything is no growth.
    warm = count // 10
    before = 0.0
    for number, mutated in enumerate(mutations(count, chance)):
        if number == warm:
            before = memory(portal.process.pid)
        request = mutated.replace(b"Host: 127.0.0.1", b"Host: " + host)
        check(request, _send(portal, request, chance))
        assert portal.process.poll() is None, f"gone after {request!r}: {portal.stderr()}"
    return memory(portal.process.pid) - before


def check(request: bytes, answer: bytes | None) -> None:
    """2xx to 4xx, whole as far as can be told, or a polite end without a word."""
    if not answer:
        return
    assert re.match(rb"HTTP/1\.[01] ([2-4]\d\d|100) ", answer), f"{request!r} got {answer[:80]!r}"
    for status in re.findall(rb"HTTP/1\.[01] (\d+) ", answer):
        assert b"200" <= status < b"500" or status == b"100", f"{request!r} got {status!r}"


def _send(portal: Portal, request: bytes, chance: random.Random) -> bytes | None:
    """All that comes back; a reset or 10 s of silence raises. None for who does not wait."""
    with portal.connect() as client:
        client.settimeout(DEADLINE)
        if chance.random() < 0.1:
            at = chance.randint(0, len(request))
            client.sendall(request[:at])
            client.sendall(request[at:])
        else:
            client.sendall(request)
        if chance.random() < 0.02:
            return None
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(65536), b""))
