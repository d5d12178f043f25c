"""Ten thousand DNS queries a second from one source, while another asks ten."""

from __future__ import annotations

import socket
import statistics
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from dnslib import DNSRecord

from tests.abuse.appliance import HOME, OWN, STATION, Appliance

FLOOD: Final = 10_000  # queries a second
HONEST: Final = 10
PATIENCE: Final = 3.0  # seconds
_NEIGHBOUR: Final = str(HOME[20])
_QUERY: Final = DNSRecord.question("www.example.com").pack()


@dataclass
class Flooded:
    """What became of both. `milliseconds` of each honest answer; `lost` had none."""

    offered: float = 0.0
    let_through: int = 0
    milliseconds: list[float] = field(default_factory=list)
    lost: int = 0

    @property
    def p99(self) -> float:
        """Milliseconds."""
        return statistics.quantiles(self.milliseconds, n=100)[98]


def flood(house: Appliance, seconds: float) -> Flooded:
    """Both at once, for `seconds`."""
    flooded = Flooded()
    with house.station.inside():
        rude, honest = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(2))
    with rude, honest:
        rude.bind((STATION, 0))
        honest.bind((_NEIGHBOUR, 0))
        for client in (rude, honest):
            client.connect((OWN, 53))
        ended = threading.Event()
        pouring = threading.Thread(target=_pour, args=(rude, flooded, ended))
        pouring.start()
        try:
            _ask(honest, flooded, seconds)
        finally:
            ended.set()
            pouring.join()
    return flooded


def _pour(rude: socket.socket, flooded: Flooded, ended: threading.Event) -> None:
    """As many as are due by now, every millisecond."""
    rude.setblocking(False)
    sent, began = 0, time.monotonic()
    while not ended.wait(0.001):
        due = int((time.monotonic() - began) * FLOOD)
        for number in range(sent, due):
            rude.send((number & 0xFFFF).to_bytes(2, "big") + _QUERY[2:])
        sent = due
        flooded.let_through += _waiting(rude)
    flooded.offered = sent / (time.monotonic() - began)


def _waiting(client: socket.socket) -> int:
    """How many answers have come, read and thrown away."""
    for count in range(10_000):
        try:
            client.recv(512)
        except BlockingIOError:
            return count
    return 10_000


def _ask(honest: socket.socket, flooded: Flooded, seconds: float) -> None:
    """At an even pace; each may take its time, and none is asked twice."""
    honest.settimeout(PATIENCE)
    end = time.monotonic() + seconds
    number = 0
    while (began := time.monotonic()) < end:
        number += 1
        query = number.to_bytes(2, "big") + _QUERY[2:]
        honest.send(query)
        try:
            while honest.recv(512)[:2] != query[:2]:
                pass
            flooded.milliseconds.append((time.monotonic() - began) * 1000)
        except TimeoutError:
            flooded.lost += 1
        time.sleep(max(0.0, began + 1 / HONEST - time.monotonic()))
