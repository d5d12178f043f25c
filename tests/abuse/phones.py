"""Phones that join at once: each a lease, six DNS queries, a captive check, the page, one submit.

One machine plays them all, each by its own MAC and the address it was leased. Like real ones
they ask again when there is no answer for a second; that is counted.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from dnslib import QTYPE, DNSRecord

from tests.abuse.appliance import OWN, Appliance
from tests.bench.web import PROBE
from tests.portal.reading import token_in

AGAIN_SECONDS: Final = 1.0
TRIES: Final = 10
_NAMES: Final = ("captive.apple.com", "connectivitycheck.gstatic.com")
_KINDS: Final = ("A", "AAAA", "HTTPS")
# RFC 2131 2, RFC 2132: op, htype, hlen; the broadcast flag; the magic cookie; message types.
_HEAD: Final = struct.Struct("!BBBxI2xH16x16s64x128x4s")
_COOKIE, _BROADCAST = b"\x63\x82\x53\x63", 0x8000
_DISCOVER, _OFFER, _REQUEST, _ACK = 1, 2, 3, 5
_SO_RCVBUFFORCE: Final = 33  # asm-generic/socket.h
_RAPID, _TYPE, _WANTED, _SERVER, _END = 80, 53, 50, 54, 255


@dataclass
class Joining:
    """What came of it. Seconds; `records` are the ids that the pages named."""

    addresses: set[str] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    pages: list[float] = field(default_factory=list)
    asked_again: int = 0
    seconds: float = 0.0

    @property
    def page_p99(self) -> float:
        """Milliseconds to the whole page."""
        return statistics.quantiles(self.pages, n=100)[98] * 1000


class Air:
    """The one socket on port 68 that hears every broadcast, and who waits for which."""

    def __init__(self) -> None:
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"sta0")
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 4 << 20)
        self._socket.bind(("", 68))
        self._socket.setblocking(False)
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        asyncio.get_running_loop().add_reader(self._socket, self._hear)

    def _hear(self) -> None:
        message = self._socket.recv(2048)
        waiting = self._waiting.pop(int.from_bytes(message[4:8], "big"), None)
        if waiting and not waiting.done():
            waiting.set_result(message)

    def ask(self, message: bytes, transaction: int) -> asyncio.Future[bytes]:
        """Broadcast it; what is answered."""
        self._waiting[transaction] = asyncio.get_running_loop().create_future()
        self._socket.sendto(message, ("255.255.255.255", 67))
        return self._waiting[transaction]

    def close(self) -> None:
        """Hear no more."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()


class Phone:
    """One of them."""

    def __init__(self, number: int, air: Air, joining: Joining) -> None:
        self._number = number
        self._air = air
        self._joining = joining
        self._mac = b"\x02\x11\x22" + number.to_bytes(3, "big")
        self._address = ""

    async def join(self) -> None:
        """All of it, one after the other."""
        self._address = await self._lease()
        self._joining.addresses.add(self._address)
        await asyncio.gather(*(self._resolve(name, kind) for name in _NAMES for kind in _KINDS))
        probe = await self._exchange(PROBE)
        assert probe.startswith(b"HTTP/1.1 302 "), probe
        began = time.monotonic()
        page = await self._exchange(_get("/"))
        self._joining.pages.append(time.monotonic() - began)
        assert page.startswith(b"HTTP/1.1 200 OK\r\n"), page[:200]
        assert page.rstrip().endswith(b"</html>")
        signed = f"token={token_in(page.decode())}"
        wish = f"ssid=Home+{self._number}&passphrase=12345678&{signed}"
        answer = await self._exchange(_post(wish))
        assert answer.startswith(b"HTTP/1.1 303 "), answer[:200]
        self._joining.records.add(answer.partition(b"/setup/")[2].partition(b"\r\n")[0].decode())

    async def _lease(self) -> str:
        """Four messages; two where both sides know rapid commit (RFC 4039), as newer phones do."""
        rapid = bytes([_RAPID, 0]) if self._number % 2 else b""
        offer = await self._dhcp(_DISCOVER, rapid)
        if _options(offer)[_TYPE] == bytes([_OFFER]):
            server = _options(offer)[_SERVER]
            wanted = bytes([_WANTED, 4]) + offer[16:20] + bytes([_SERVER, 4]) + server
            offer = await self._dhcp(_REQUEST, wanted)
        assert _options(offer)[_TYPE] == bytes([_ACK])
        return socket.inet_ntoa(offer[16:20])

    async def _dhcp(self, kind: int, options: bytes) -> bytes:
        transaction = 0x10000 * kind + self._number
        message = _HEAD.pack(1, 1, 6, transaction, _BROADCAST, self._mac.ljust(16, b"\0"), _COOKIE)
        message += bytes([_TYPE, 1, kind]) + options + bytes([_END])
        return await self._insist(lambda: self._air.ask(message.ljust(300, b"\0"), transaction))

    async def _resolve(self, name: str, kind: str) -> None:
        query = DNSRecord.question(name, kind)
        loop = asyncio.get_running_loop()
        with socket.socket(type=socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            asking.bind((self._address, 0))
            asking.connect((OWN, 53))

            def ask() -> asyncio.Future[bytes]:
                asking.send(query.pack())
                return asyncio.ensure_future(loop.sock_recv(asking, 4096))

            reply = DNSRecord.parse(await self._insist(ask))
        assert reply.header.id == query.header.id
        records = [str(each.rdata) for each in reply.rr if each.rtype == getattr(QTYPE, kind)]
        assert records == ([OWN] if kind == "A" else [])

    async def _insist(self, ask: Callable[[], asyncio.Future[bytes]]) -> bytes:
        for _ in range(TRIES):
            try:
                return await asyncio.wait_for(ask(), AGAIN_SECONDS)
            except TimeoutError:
                self._joining.asked_again += 1
        raise TimeoutError(f"phone {self._number} at {self._address or 'no address'}")

    async def _exchange(self, request: bytes) -> bytes:
        local = (self._address, 0)
        reader, writer = await asyncio.open_connection(OWN, 80, local_addr=local)
        writer.write(request)
        answer = await reader.read(-1)
        writer.close()
        await writer.wait_closed()
        return answer


def join(house: Appliance, count: int, seconds: float) -> Joining:
    """`count` phones at once, all done within `seconds`. Raises TimeoutError, AssertionError."""
    with house.station.inside():
        return asyncio.run(asyncio.wait_for(_join(count), seconds))


async def _join(count: int) -> Joining:
    joining = Joining()
    air = Air()
    began = time.monotonic()
    try:
        await asyncio.gather(*(Phone(number, air, joining).join() for number in range(count)))
    finally:
        air.close()
    joining.seconds = time.monotonic() - began
    return joining


def _options(message: bytes) -> dict[int, bytes]:
    """The options of a DHCP message (RFC 2132 2)."""
    options: dict[int, bytes] = {}
    at = _HEAD.size
    while at < len(message) and message[at] != _END:
        if message[at] == 0:
            at += 1
            continue
        length = message[at + 1]
        options[message[at]] = message[at + 2 : at + 2 + length]
        at += 2 + length
    return options


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {OWN}\r\nConnection: close\r\n\r\n".encode()


def _post(form: str) -> bytes:
    return (
        f"POST /setup HTTP/1.1\r\nHost: {OWN}\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(form)}\r\n\r\n{form}"
    ).encode()
