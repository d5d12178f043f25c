"""Watch the air: a monitor interface on a radio of its own, every beacon with its time.

Frames are IEEE 802.11-2020 9.3.3 behind a radiotap header (radiotap.org); SSIDs are bytes.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.lab.guest.program import Silent, run

ETH_P_ALL: Final = 3
SO_TIMESTAMPNS: Final = 35  # asm-generic/socket.h
LARGEST: Final = 65535
LINKTYPE_RADIOTAP: Final = 127
BEACON: Final = 0x80
PROBE_RESPONSE: Final = 0x50
HEADER: Final = 24  # of a management frame
FIXED: Final = 12  # timestamp, beacon interval, capabilities
SSID: Final = 0
DS_PARAMETER: Final = 3
FREQUENCIES: Final = {channel: 2407 + 5 * channel for channel in range(1, 14)}


@dataclass(frozen=True, slots=True)
class Beacon:
    """One beacon; `interval` in units of 1,024 µs, `channel` as it says itself, if it does."""

    bssid: str
    ssid: bytes
    interval: int
    channel: int | None


def beacon(packet: bytes) -> Beacon | None:
    """The beacon in a packet from a monitor interface, or nothing."""
    if len(packet) < 4:
        return None
    frame = packet[struct.unpack_from("<H", packet, 2)[0] :]
    if len(frame) < HEADER + FIXED or frame[0] != BEACON:
        return None
    found = elements(frame[HEADER + FIXED :])
    channel = found.get(DS_PARAMETER, b"")
    return Beacon(
        frame[16:22].hex(":"),
        found.get(SSID, b""),
        struct.unpack_from("<H", frame, HEADER + 8)[0],
        channel[0] if channel else None,
    )


def elements(body: bytes) -> dict[int, bytes]:
    """The first information element of each number; a truncated one ends the list."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 2 <= len(body) and at + 2 + body[at + 1] <= len(body):
        found.setdefault(body[at], body[at + 2 : at + 2 + body[at + 1]])
        at += 2 + body[at + 1]
    return found


class Capture:
    """A pcap file (libpcap's classic format), written as packets come."""

    def __init__(self, path: Path, linktype: int) -> None:
        self._file = path.open("wb")
        self._file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, linktype))

    def add(self, packet: bytes) -> None:
        seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
        size = len(packet)
        self._file.write(struct.pack("<IIII", seconds, nanoseconds // 1000, size, size) + packet)

    def close(self) -> None:
        self._file.close()


class Air:
    """The air on one channel, heard by radio number `radio` from now until it is closed."""

    def __init__(self, radio: int, channel: int, logs: Path) -> None:
        self.beacons: list[tuple[float, Beacon]] = []
        self._news = threading.Condition()
        self._socket = monitor(radio, channel)
        self._capture = Capture(logs / "air.pcap", LINKTYPE_RADIOTAP)
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def first(self, ssid: bytes, seconds: float) -> tuple[float, Beacon]:
        """When (monotonic) the first beacon of exactly this SSID was heard, and the beacon."""
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                for when, heard in self.beacons:
                    if heard.ssid == ssid:
                        return when, heard
                if not self._news.wait(max(0.0, deadline - time.monotonic())):
                    names = {heard.ssid for _, heard in self.beacons}
                    raise Silent(f"no beacon of {ssid!r} in {seconds} s, only of {names}")

    def last(self, bssid: str) -> float:
        """When the latest beacon of this access point was heard."""
        return max(when for when, heard in list(self.beacons) if heard.bssid == bssid)

    def close(self) -> None:
        """Stop watching; the radio is as before."""
        if self._socket.fileno() < 0:
            return
        run("ip", "link", "set", "air0", "down")
        self._thread.join(10)
        self._socket.close()
        self._capture.close()
        run("iw", "dev", "air0", "del")

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # the interface goes down: the watch is over
            while True:
                packet, ancillary, _, _ = self._socket.recvmsg(LARGEST, socket.CMSG_SPACE(16))
                self._capture.add(packet)
                heard = beacon(packet)
                if heard is not None:
                    with self._news:
                        self.beacons.append((received(ancillary), heard))
                        self._news.notify_all()


def received(ancillary: list[tuple[int, int, bytes]]) -> float:
    """When the kernel received a packet, on the monotonic clock: not when we came to read it."""
    seconds, nanoseconds = struct.unpack("@qq", ancillary[0][2])
    age: float = time.time() - seconds - nanoseconds / 1e9
    return time.monotonic() - age


def monitor(radio: int, channel: int) -> socket.socket:
    """A packet socket on a new monitor interface, air0. The station interface gives way."""
    run("ip", "link", "set", f"wlan{radio}", "down")
    run("iw", "phy", f"phy{radio}", "interface", "add", "air0", "type", "monitor")
    run("ip", "link", "set", "air0", "up")
    run("iw", "dev", "air0", "set", "freq", str(FREQUENCIES[channel]))
    listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    listener.bind(("air0", ETH_P_ALL))
    return listener
