"""A crowd of devices that share one radio: so many bytes a second for all of them together.

    python -m tests.bench.crowd PORT PATH      a hundred that download for as long as they may

Each reads what the radio gives it in its turn, as fast as one ESP takes it at most, and gives up
after 8 s without a byte (ESP8266HTTPUpdate's own limit).
"""

from __future__ import annotations

import socket
import sys
import time
from dataclasses import dataclass, field
from typing import Final

from portal.bench.artifacts.slots import Slots

ADDRESS: Final = "127.0.0.1"
RADIO: Final = 25_000_000
SILENCE: Final = 8.0
TICK: Final = 0.005
_WINDOW: Final = 64 * 1024
_TURN: Final = 16 * 1024


@dataclass
class Outcome:
    """When each was done, in seconds from the beginning, in order; and how many gave up."""

    times: list[float] = field(default_factory=list)
    gave_up: int = 0


class Device:
    """One of them, on a connection of its own and at an address of its own."""

    def __init__(self, number: int, port: int, path: str) -> None:
        self.client = socket.socket()
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WINDOW)
        self.client.bind((f"127.0.3.{number + 1}", 0))
        self.client.connect((ADDRESS, port))
        self.client.sendall(
            f"GET {path} HTTP/1.0\r\nHost: {ADDRESS}:{port}\r\n"
            "User-Agent: ESP8266-http-Update\r\n\r\n".encode()
        )
        self.client.setblocking(False)
        self.heard = time.monotonic()
        self.head = b""
        self.left: int | None = None

    def take(self, most: int) -> int:
        """Read what the radio allows; how much it was."""
        try:
            data = self.client.recv(most)
        except BlockingIOError:
            return 0
        if not data:
            raise ConnectionError("the end came early")
        self.heard = time.monotonic()
        if self.left is not None:
            self.left -= len(data)
            return len(data)
        self.head += data
        head, end, body = self.head.partition(b"\r\n\r\n")
        if end:
            length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
            self.left = int(length) - len(body)
        return len(data)


def devices(port: int, path: str, crowd: int, places: int, rounds: int = 1) -> Outcome:
    """All of `crowd` fetch the file, `places` at a time, `rounds` times over."""
    slots, outcome = Slots(places), Outcome()
    began = time.monotonic()
    waiting = [number % crowd for number in range(crowd * rounds)]
    at_it: dict[int, Device] = {}
    while waiting or at_it:
        now = time.monotonic()
        for number in waiting[: 2 * places]:
            if number not in at_it and slots.take(str(number), now):
                waiting.remove(number)
                at_it[number] = Device(number, port, path)
        _air(at_it)
        for number, device in [*at_it.items()]:
            silent = time.monotonic() - device.heard > SILENCE
            if device.left == 0:
                outcome.times.append(time.monotonic() - began)
            elif silent or device.client.fileno() < 0:
                outcome.gave_up += 1
            else:
                continue
            device.client.close()
            slots.free(str(number))
            del at_it[number]
        time.sleep(max(0.0, now + TICK - time.monotonic()))
    return outcome


def _air(at_it: dict[int, Device]) -> None:
    """One tick of the radio: who was served longest ago comes first."""
    left = int(RADIO * TICK)
    for device in sorted(at_it.values(), key=lambda each: each.heard):
        if left <= 0:
            return
        if device.left != 0:
            try:
                left -= device.take(min(_TURN, left))
            except OSError:
                device.client.close()


def main() -> None:
    """Say when all have begun, and go on."""
    port, path = int(sys.argv[1]), sys.argv[2]
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    devices(port, path, 100, 100, rounds=100)


if __name__ == "__main__":
    main()
