"""Many simulated devices in one thread: sockets, clocks, and whose turn it is.

A device is a generator; what it yields is done here, and it goes on with the answer. One that
takes its bytes slowly is asked of the poll again only when its time has come, so a slow crowd
costs nothing while it waits.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import selectors
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from portal.bench.simulators.acts import Answer, Ask, Life, Wait
from portal.bench.simulators.hearing import Hearing

# As much as an ESP's TCP window holds, about; and what a quick device takes at once.
_WINDOW: Final = 5_744
_PIECE: Final = 64 * 1024
# Real seconds for one request without a byte.
_SILENCE: Final = 20.0
# A server that is restarted refuses for a moment.
_AGAIN: Final = 1.0


@dataclass(eq=False, slots=True)
class _Device:
    life: Life
    ask: Ask | None = None
    stream: socket.socket | None = None
    hearing: Hearing = field(default_factory=Hearing)
    left: bytes = b""
    until: float = 0.0


class Crowd:
    """All devices of `lives`, before the server at `place`; a simulated second takes `pace`."""

    def __init__(self, place: tuple[str, int], lives: Iterable[Life], pace: float = 1.0) -> None:
        self._place = place
        self._pace = pace
        self._poll = selectors.DefaultSelector()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._devices = {_Device(life) for life in lives}
        self.asked = 0
        for device in self._devices:
            self._later(0.0, lambda each=device: self._go_on(each, None))  # type: ignore[misc] # bound now

    def __len__(self) -> int:
        return len(self._devices)

    def run(self, seconds: float = float("inf")) -> None:
        """Until every life has ended, or for so many real seconds."""
        end = time.monotonic() + seconds
        while self._devices and time.monotonic() < end:
            self.turn(min(0.5, end - time.monotonic()))

    def turn(self, seconds: float) -> None:
        """One round: wait at most so long for something to happen."""
        now = time.monotonic()
        until = self._due[0][0] - now if self._due else seconds
        for key, _ in self._poll.select(max(0.0, min(seconds, until))):
            self._stirred(key.data)
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()

    def close(self) -> None:
        """Let go of everything."""
        for device in [*self._devices]:
            self._hang_up(device)
            device.life.close()
        self._devices.clear()
        self._poll.close()

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._count), act))

    def _go_on(self, device: _Device, answer: Answer | None) -> None:
        """Let a device have its answer, and begin what it does next."""
        try:
            act = next(device.life) if answer is None else device.life.send(answer)
        except StopIteration:
            self._devices.discard(device)
            return
        if isinstance(act, Wait):
            self._later(act.seconds * self._pace, lambda: self._go_on(device, Answer()))
        else:
            self._begin(device, act)

    def _begin(self, device: _Device, ask: Ask) -> None:
        self.asked += 1
        host = f"{self._place[0]}:{self._place[1]}"
        device.ask, device.hearing = ask, Hearing(ask.cut)
        device.left = ask.wire + f"\r\nHost: {host}\r\n\r\n".encode() + ask.body
        device.until = time.monotonic() + _SILENCE
        device.stream = stream = socket.socket()
        stream.setblocking(False)
        if ask.rate:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WINDOW)
        with contextlib.suppress(BlockingIOError):
            stream.connect_ex(self._place)
        self._poll.register(stream, selectors.EVENT_WRITE, device)
        self._later(_SILENCE, lambda: self._look_after(device, ask))

    def _look_after(self, device: _Device, ask: Ask) -> None:
        """End a request on which nothing has come for too long."""
        if device.ask is not ask or device.stream is None:
            return
        left = device.until - time.monotonic()
        if left > 0:
            self._later(left, lambda: self._look_after(device, ask))
        else:
            self._ended(device)

    def _stirred(self, device: _Device) -> None:
        try:
            if device.left:
                self._write(device)
            else:
                self._read(device)
        except OSError:
            self._ended(device)

    def _write(self, device: _Device) -> None:
        stream = device.stream
        if stream is None:
            return
        if error := stream.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(error, "not connected")
        device.left = device.left[stream.send(device.left) :]
        if not device.left:
            self._poll.modify(stream, selectors.EVENT_READ, device)

    def _read(self, device: _Device) -> None:
        stream, ask = device.stream, device.ask
        if stream is None or ask is None:
            return
        data = stream.recv(_WINDOW if ask.rate else _PIECE)
        device.hearing.heard(data)
        device.until = time.monotonic() + _SILENCE
        if not data or device.hearing.over:
            self._ended(device)
        elif ask.rate:
            self._poll.unregister(stream)
            self._later(len(data) / ask.rate * self._pace, lambda: self._listen(device, stream))

    def _listen(self, device: _Device, stream: socket.socket) -> None:
        if device.stream is stream:
            self._poll.register(stream, selectors.EVENT_READ, device)

    def _ended(self, device: _Device) -> None:
        """A request is over, however it went."""
        answer = device.hearing.answer()
        self._hang_up(device)
        pause = 0.0 if answer.status else _AGAIN * self._pace
        self._later(pause, lambda: self._go_on(device, answer))

    def _hang_up(self, device: _Device) -> None:
        stream, device.stream, device.ask = device.stream, None, None
        if stream is not None:
            with contextlib.suppress(KeyError):
                self._poll.unregister(stream)
            stream.close()
