"""Ask an access point's services again and again, and say when each answered.

A process of its own, in whatever namespace it is started: `python -m tests.lab.guest.asking
ADDRESS SERVICE…`. One JSON line per attempt: service, when it began and ended (monotonic, the
same clock in every namespace), and whether the answer was right.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

# Long enough for emulation, short enough that a lost packet is soon asked again.
PATIENCE: Final = 2.0
PACE: Final = 0.2
COOKIE: Final = b"\x63\x82\x53\x63"  # RFC 2131 3
DISCOVER: Final = b"\x35\x01\x01\xff"  # option 53, DHCPDISCOVER; end
OFFER: Final = b"\x35\x01\x02"
BROADCAST: Final = 0x8000


def dns(address: str) -> bool:
    """A query for an address of a captive-portal probe's host gets our own address."""
    query = struct.pack("!6H", 0x1D1D, 0x0100, 1, 0, 0, 0)
    query += b"\x07captive\x05apple\x03com\0" + struct.pack("!2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE)
        client.connect((address, 53))
        client.send(query)
        return client.recv(512).endswith(socket.inet_aton(address))


def http(address: str) -> bool:
    """A probe is redirected."""
    with socket.create_connection((address, 80), timeout=PATIENCE) as client:
        client.sendall(b"GET /hotspot-detect.html HTTP/1.0\r\nHost: captive.apple.com\r\n\r\n")
        answer = b""
        while piece := client.recv(4096):
            answer += piece
    return answer.startswith((b"HTTP/1.1 302 ", b"HTTP/1.0 302 "))


def dhcp(address: str) -> bool:
    """A DHCPDISCOVER (RFC 2131), broadcast from this namespace's only wire, gets an offer."""
    del address
    interface = next(name for _, name in socket.if_nameindex() if name != "lo")
    number = os.urandom(4)
    hardware = bytes.fromhex("020000001d1d")
    fields = struct.pack("!4B4sHH16s16s", 1, 1, 6, 0, number, 0, BROADCAST, b"", hardware)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.bind(("", 68))
        client.settimeout(PATIENCE)
        client.sendto(fields + bytes(192) + COOKIE + DISCOVER, ("255.255.255.255", 67))
        while answer := client.recv(2048):
            if answer[4:8] == number:
                return OFFER in answer[240:]
    return False


SERVICES: Final[dict[str, Callable[[str], bool]]] = {"dns": dns, "http": http, "dhcp": dhcp}


def attempt(service: str, address: str) -> None:
    """Ask one service once, and say how it went in one write, so that lines stay whole."""
    began = time.monotonic()
    try:
        right, why = SERVICES[service](address), ""
    except OSError as error:
        right, why = False, str(error)
    ended = time.monotonic()
    told = {"service": service, "began": began, "ended": ended, "right": right, "why": why}
    os.write(sys.stdout.fileno(), json.dumps(told).encode() + b"\n")


def main() -> None:
    """Ask all services at once, not waiting for earlier answers, until standard input ends."""
    address, *services = sys.argv[1:]
    asked: list[threading.Thread] = []
    while not select.select([sys.stdin], [], [], PACE)[0]:
        for service in services:
            asked.append(threading.Thread(target=attempt, args=(service, address)))
            asked[-1].start()
        asked = [thread for thread in asked if thread.is_alive()]
    for thread in asked:
        thread.join()


if __name__ == "__main__":
    main()
