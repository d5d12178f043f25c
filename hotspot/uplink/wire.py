"""The few octets with which a home network is tried: ARP, DNS, HTTP; from values to bytes, back.

What comes in was written by strangers: it is read or it is nothing, and nothing is raised.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass
from typing import Final

IPv4 = ipaddress.IPv4Address

# RFC 826: Ethernet, IPv4, 6 and 4 octets; 1 asks, 2 answers.
_ARP: Final = struct.Struct("!HHBBH6s4s6s4s")
_ETHERNET: Final = struct.Struct("!6s6sH")
_TYPE_ARP: Final = 0x0806
_ASKS, _ANSWERS = 1, 2
_EVERYBODY: Final = b"\xff" * 6

# RFC 1035 4.1.1: identifier, flags, four counts.
_DNS: Final = struct.Struct("!6H")
_RECURSION_DESIRED: Final = 0x0100
_RESPONSE: Final = 0x8000
_CODE: Final = 0x000F
_A, _IN = 1, 1
_POINTER: Final = 0xC0
_RECORD: Final = struct.Struct("!HHIH")

_HEAD_BYTES: Final = 8192


def arp_request(hardware: bytes, own: IPv4, wanted: IPv4) -> bytes:
    """The Ethernet frame that asks everybody who has `wanted`."""
    head = _ETHERNET.pack(_EVERYBODY, hardware, _TYPE_ARP)
    body = (1, 0x0800, 6, 4, _ASKS, hardware, own.packed, bytes(6), wanted.packed)
    return head + _ARP.pack(*body)


def arp_answers(frame: bytes, wanted: IPv4) -> bool:
    """Whether the frame says who has `wanted`."""
    if len(frame) < _ETHERNET.size + _ARP.size:
        return False
    _, _, kind = _ETHERNET.unpack_from(frame)
    _, protocol, _, _, operation, _, sender, _, _ = _ARP.unpack_from(frame, _ETHERNET.size)
    is_answer = (kind, protocol, operation) == (_TYPE_ARP, 0x0800, _ANSWERS)
    return is_answer and bool(sender == wanted.packed)


def dns_query(number: int, name: str) -> bytes:
    """A query for a name's IPv4 addresses."""
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    head = _DNS.pack(number, _RECURSION_DESIRED, 1, 0, 0, 0)
    return head + labels + b"\0" + struct.pack("!2H", _A, _IN)


def dns_addresses(answer: bytes, query: bytes) -> tuple[IPv4, ...] | None:
    """The addresses in an answer to `query`; `None` if it is none to it, () if it has none."""
    if len(answer) < len(query) or answer[:2] != query[:2]:
        return None
    _, flags, questions, count, _, _ = _DNS.unpack_from(answer)
    asked = slice(_DNS.size, len(query))
    if not flags & _RESPONSE or questions != 1 or answer[asked].lower() != query[asked].lower():
        return None
    return () if flags & _CODE else tuple(_records(answer, len(query), count))


def _records(answer: bytes, at: int, count: int) -> list[IPv4]:
    """The A records, as far as the lengths are true."""
    found: list[IPv4] = []
    for _ in range(count):
        at = _after_name(answer, at)
        if at + _RECORD.size > len(answer):
            break
        kind, of, _, length = _RECORD.unpack_from(answer, at)
        at += _RECORD.size
        if at + length > len(answer):
            break
        if (kind, of, length) == (_A, _IN, 4):
            found.append(IPv4(answer[at : at + 4]))
        at += length
    return found


def _after_name(answer: bytes, at: int) -> int:
    """Where a name ends: at a pointer (RFC 1035 4.1.4) or the root."""
    while at < len(answer):
        length = answer[at]
        if length >= _POINTER:
            return at + 2
        at += 1 + length
        if length == 0:
            break
    return at


def http_request(host: str, path: str) -> bytes:
    """A request whose answer ends with the connection."""
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", "User-Agent: Vestibule", "Accept: */*")
    return "\r\n".join((*lines, "Connection: close", "", "")).encode("ascii")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, where it leads ("" if nowhere), and the beginning of its body."""

    status: int
    location: str = ""
    body: bytes = b""


def http_answer(data: bytes) -> Answer | None:
    """The answer in what a server sent; `None` when that is no whole head."""
    head, end, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    status = lines[0].split(b" ", 2)[1:2] if lines[0].startswith(b"HTTP/1.") else []
    if not end or not status or len(status[0]) != 3 or not status[0].isdigit():  # noqa: PLR2004 - RFC 9112 4: three digits
        return None
    fields = (line.partition(b":") for line in lines[1:])
    places = [value.strip() for name, _, value in fields if name.lower() == b"location"]
    location = places[0].decode("ascii", "replace") if places else ""
    return Answer(int(status[0]), location, body)
