"""Do our own servers answer? Asked before the access point is on the air, with a phone's questions.

The access point's link has no carrier yet, so nothing can be sent out over it and come back.
But a packet from our address to our address, out of a socket bound to the interface, is handed
round by the kernel, and to the receiver it has come in by that interface (`ipv4_pktinfo_prepare`
and `__mkroute_output` in Linux): dnsmasq, dnsd and the portal see a client there. It does not
pass the firewall's rules for the interface, which match the loopback it really took.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from typing import TYPE_CHECKING, Final

from hotspot.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# How long one question waits for its answer, and how long after it the next one is put.
_ANSWER_SECONDS: Final = 2.0
_AGAIN_SECONDS: Final = 0.1
_LARGEST: Final = 4096

# RFC 1035 4.1.1: a header and one question, an Apple device's first.
_DNS: Final = struct.Struct("!HHHHHH")
_RECURSION, _RESPONSE, _RCODE = 0x0100, 0x8000, 0x000F
_QUESTION: Final = b"\x07captive\x05apple\x03com\0" + struct.pack("!HH", 1, 1)

_REQUEST: Final = (
    b"GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck.gstatic.com\r\n"
    b"User-Agent: vestibule-selftest\r\nConnection: close\r\n\r\n"
)

_API: Final = (
    "GET /captive-portal/api HTTP/1.1\r\nHost: {name}\r\n"
    "User-Agent: vestibule-selftest\r\nConnection: close\r\n\r\n"
)

# RFC 2131 figure 1 without its options, and the cookie before them (section 3).
_DHCP: Final = struct.Struct("!BBBBIHH4s4s4s4s16s192s4s")
_COOKIE: Final = b"\x63\x82\x53\x63"
_BOOTREQUEST, _BOOTREPLY, _ETHERNET = 1, 2, 1
_MESSAGE_TYPE, _INFORM, _ACK, _END = 53, 8, 5, 255
_SERVER_PORT, _CLIENT_PORT = 67, 68
# The least a BOOTP message has (RFC 1542 2.1).
_LEAST: Final = 300


def dns(address: str, port: int, seconds: float) -> None:
    """Ask for a name by UDP and by TCP. Raises `Refused` when no answer comes in `seconds`."""
    deadline = time.monotonic() + seconds
    place = (address, port)
    _ask(f"DNS by UDP on {address}:{port}", deadline, lambda left: _by_udp(place, left))
    _ask(f"DNS by TCP on {address}:{port}", deadline, lambda left: _by_tcp(place, left))


def http(address: str, port: int, seconds: float) -> None:
    """Probe as a phone does. Raises `Refused` when no answer comes in `seconds`."""
    deadline = time.monotonic() + seconds
    _ask(f"HTTP on {address}:{port}", deadline, lambda left: _by_http((address, port), left))


def tls(address: str, port: int, name: str, seconds: float) -> None:
    """Ask the captive portal API of `name`. Raises `Refused` when no answer comes in `seconds`.

    Whom phones trust is not the question here: `hotspot.checks.certificate` has asked that.
    """
    deadline = time.monotonic() + seconds
    place = (address, port)
    _ask(f"https://{name}/ on {address}:{port}", deadline, lambda left: _by_tls(place, name, left))


def dhcp(address: str, interface: str, seconds: float) -> None:
    """Ask the DHCP server on `interface`, whose own address is `address`, for its settings.

    A DHCPINFORM (RFC 2131 4.4.3), as from a client that has this address already: the one
    question whose answer goes to an address, and for which no lease is taken. Raises `Refused`
    when no answer comes in `seconds`.
    """
    deadline = time.monotonic() + seconds
    what = f"DHCP on {interface} ({address}:{_SERVER_PORT})"
    _ask(what, deadline, lambda left: _by_dhcp(address, interface, left))


def _ask(what: str, deadline: float, question: Callable[[float], bool]) -> None:
    """Put a question again and again until it is answered; each time with the seconds it has."""
    why = "no answer"
    while (left := deadline - time.monotonic()) > 0:
        try:
            if question(min(left, _ANSWER_SECONDS)):
                return
            why = "not the answer it should be"
        except OSError as error:
            why = error.strerror or "no answer"
        # A refusal comes at once, and the server may only be starting.
        time.sleep(min(left, _AGAIN_SECONDS))
    raise Refused(f"{what} does not work ({why})", "see that server's own lines above")


def _by_udp(place: tuple[str, int], seconds: float) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(seconds)
        client.connect(place)
        query = _query()
        client.send(query)
        return _answers(query, client.recv(_LARGEST))


def _by_tcp(place: tuple[str, int], seconds: float) -> bool:
    with socket.create_connection(place, seconds) as client, client.makefile("rb") as reply:
        query = _query()
        client.sendall(len(query).to_bytes(2, "big") + query)
        length = int.from_bytes(reply.read(2), "big")
        return _answers(query, reply.read(length))


def _by_http(place: tuple[str, int], seconds: float) -> bool:
    with socket.create_connection(place, seconds) as client, client.makefile("rb") as reply:
        client.sendall(_REQUEST)
        status = reply.readline(_LARGEST)
        # To the end, so that we do not reset a connection in the middle of its answer.
        while reply.read(_LARGEST):
            pass
        return status.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3"))


def _by_tls(place: tuple[str, int], name: str, seconds: float) -> bool:
    import ssl  # noqa: PLC0415 - most runs have no certificate

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(place, seconds) as raw,
        context.wrap_socket(raw, server_hostname=name) as client,
        client.makefile("rb") as reply,
    ):
        client.sendall(_API.format(name=name).encode("ascii"))
        answer = reply.read(_LARGEST)
        return answer.startswith(b"HTTP/1.1 200") and b"application/captive+json" in answer


def _by_dhcp(address: str, interface: str, seconds: float) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        # A DHCP client of another interface may hold port 68 for all addresses.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        client.settimeout(seconds)
        client.bind((address, _CLIENT_PORT))
        transaction = os.urandom(4)
        client.sendto(inform(transaction, address), (address, _SERVER_PORT))
        return is_ack(transaction, client.recv(_LARGEST))


def _query() -> bytes:
    identifier = int.from_bytes(os.urandom(2), "big")
    return _DNS.pack(identifier, _RECURSION, 1, 0, 0, 0) + _QUESTION


def _answers(query: bytes, reply: bytes) -> bool:
    """Whether a DNS message answers our query, with at least one record."""
    if len(reply) < _DNS.size or reply[:2] != query[:2]:
        return False
    _, flags, _, records, _, _ = _DNS.unpack_from(reply)
    return bool(flags & _RESPONSE) and not flags & _RCODE and records > 0


def inform(transaction: bytes, address: str) -> bytes:
    """A DHCPINFORM from a client at `address`; `transaction` are four bytes."""
    own = socket.inet_aton(address)
    # Locally administered, so that it is no real station's.
    hardware = b"\x02" + own + transaction[:1]
    head = _DHCP.pack(
        *(_BOOTREQUEST, _ETHERNET, 6, 0, int.from_bytes(transaction, "big"), 0, 0),
        *(own, b"", b"", b"", hardware, b"", _COOKIE),
    )
    options = bytes([_MESSAGE_TYPE, 1, _INFORM, 55, 3, 1, 3, 6, 255])
    return (head + options).ljust(_LEAST, b"\0")


def is_ack(transaction: bytes, reply: bytes) -> bool:
    """Whether a DHCP message acknowledges our question."""
    if len(reply) < _DHCP.size or reply[0] != _BOOTREPLY or reply[4:8] != transaction:
        return False
    return dict(_options(reply[_DHCP.size :])).get(_MESSAGE_TYPE) == bytes([_ACK])


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Code and value of each DHCP option (RFC 2132 2), up to the end or what is cut off."""
    at = 0
    while at + 1 < len(data) and data[at] != _END:
        length = data[at + 1] if data[at] else -1  # a pad is one byte alone
        yield data[at], data[at + 2 : at + 2 + length]
        at += 2 + length
