"""In the lab's guest: an access point of ours and of others, one after the other, in one boot.

    python -m tests.bench.inside PEERS DISK

Started by `tests.bench.radio`. PEERS is the folder with the others' programs, DISK the device that
holds what is kept. Each figure goes into the share as a line of JSON.
"""

from __future__ import annotations

import contextlib
import functools
import os
import statistics
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.lab.guest import figures
from tests.lab.guest.appliance import DELIVERED, STATE, URL, Appliance, Config
from tests.lab.guest.lab import Lab
from tests.lab.guest.lasting import mounted
from tests.lab.guest.program import run, until
from tests.lab.guest.rivals import ADDRESS, CHANNEL, SSID, Bare, Managed, Rival, Routed

ROUNDS: Final = 3
IDLE_SECONDS: Final = 60.0
# So many a client may send at once; then it is one every 20 s.
SET_UPS: Final = 6
ANSWER_SECONDS: Final = 60.0
_FORM: Final = b'{"ssid": "Home", "passphrase": "correct horse battery", "fields": {}}'


def main() -> int:
    """All of it; about eight minutes where the guest is emulated."""
    peers, disk = Path(sys.argv[1]), sys.argv[2]
    packed = "/run/lab/peers.tar"
    run("tar", "-C", str(peers), "-cf", packed, ".")
    # /lib leads to /usr/lib, and stays a link.
    run("tar", "-C", "/", "-xf", packed, "--no-same-owner", "--keep-directory-symlink")
    # Debian's package has it as one of its alternatives.
    for real in Path("/usr/bin").glob("php-cgi[0-9]*"):
        Path("/usr/bin/php-cgi").symlink_to(real.name)
    with mounted(disk), Lab() as lab:
        (STATE / "delivered").mkdir(exist_ok=True)
        DELIVERED.mkdir(parents=True, exist_ok=True)
        run("mount", "--bind", str(STATE / "delivered"), str(DELIVERED))
        try:
            measure(lab, Path(disk).name)
        finally:
            run("umount", str(DELIVERED))
    return 0


def measure(lab: Lab, disk: str) -> None:
    """Interleaved rounds of starting; then each once for what it costs while it is there."""
    starts: dict[str, list[tuple[float, float]]] = {"hostapd": [], "ours": [], "routed": []}
    for _ in range(ROUNDS):
        starts["hostapd"].append(started(lab, Bare(lab.logs), SSID, ""))
        starts["ours"].append(ours_started(lab))
        starts["routed"].append(started(lab, Routed(lab.logs), SSID, f"http://{ADDRESS}/"))
    for name, found in starts.items():
        beacon, answered = (statistics.median(times) for times in zip(*found, strict=True))
        lab.tells(what="start", name=name, beacon=beacon, answered=answered)
    lab.tells(what="python", seconds_of_one=statistics.median(python() for _ in range(5)))
    with ours() as pids:
        told(lab, "ours", pids, disk)
        lab.tells(what="set-up", written=set_up(disk))
    rival = Routed(lab.logs)
    with running(rival):
        until(lambda: answers(f"http://{ADDRESS}/"), ANSWER_SECONDS, "lighttpd's page")
        told(lab, "routed", rival.pids, disk)
    managed = Managed(lab.logs)
    with managed.present():
        managed.start()
        until(_station, ANSWER_SECONDS, "NetworkManager's hotspot")
        until(lambda: len(managed.pids()) > 2, ANSWER_SECONDS, "its DHCP server")
        told(lab, "managed", managed.pids, disk)


def python() -> float:
    """Seconds that this Python takes to start and to end, with nothing to do."""
    began = time.monotonic()
    run(sys.executable, "-I", "-c", "")
    return time.monotonic() - began


def _station() -> str:
    """What iw says of the interface, once it is an access point; else nothing."""
    said = run("iw", "dev", "wlan0", "info")
    return said if "type AP" in said and "channel" in said and "ssid" in said else ""


def started(lab: Lab, rival: Rival, ssid: bytes, page: str) -> tuple[float, float]:
    """Seconds from the command to the first beacon, and until it beacons and its page answers."""
    air = lab.air(CHANNEL, radio=1)
    try:
        began = time.monotonic()
        with running(rival):
            return since(began, air.first(ssid, ANSWER_SECONDS)[0], page)
    finally:
        air.close()


def ours_started(lab: Lab) -> tuple[float, float]:
    """The same of `vestibule run`, which says only then that it is ready."""
    air = lab.air(CHANNEL, radio=1)
    try:
        began = time.monotonic()
        with Appliance(Config(), lab.logs) as appliance:
            found = since(began, air.first(Config().ssid.encode(), 120)[0], URL)
            appliance.ready()
            return found
    finally:
        air.close()


def since(began: float, beacon: float, page: str) -> tuple[float, float]:
    """The two figures; where there is no page, the beacon is all."""
    if page:
        until(lambda: answers(page), ANSWER_SECONDS, f"an answer from {page}")
    return beacon - began, (time.monotonic() if page else beacon) - began


def told(lab: Lab, name: str, pids: Callable[[], list[int]], disk: str) -> None:
    """Memory after a page was loaded, then a minute in which nobody asks anything."""
    parts = figures.memory(pids())
    found = figures.idle(pids(), disk, IDLE_SECONDS)
    lab.tells(
        what="rest", name=name, pss=sum(parts.values()), parts=parts,
        milliseconds=found.milliseconds, wakeups=found.wakeups, most=found.most,
        written=found.written,
    )  # fmt: skip


@contextlib.contextmanager
def ours() -> Iterator[Callable[[], list[int]]]:
    """Our access point, its page loaded once; gives its processes."""
    with Appliance(Config(), Path("/run/lab/share")) as appliance:
        appliance.ready()
        until(lambda: answers(URL), ANSWER_SECONDS, "the page")
        # What has just been said about the radio ends the agent after its minute of waiting.
        yield lambda: [pid for pid, _ in appliance.processes()]


@contextlib.contextmanager
def running(rival: Rival) -> Iterator[None]:
    """Somebody else's, started and stopped."""
    try:
        rival.start()
        yield
    finally:
        rival.stop()


def set_up(disk: str) -> float:
    """Bytes written to the disk for one set-up, from the form to the file: the mean of some."""
    os.sync()
    before = figures.sectors(disk)
    for number in range(1, SET_UPS + 1):
        request = urllib.request.Request(f"{URL}api/v1/setup", _FORM)  # noqa: S310 - our own
        request.add_header("Content-Type", "application/json")
        assert answers(request), f"set-up {number} was not taken"
        until(functools.partial(delivered, number), ANSWER_SECONDS, "delivery")
    os.sync()
    return 512 * (figures.sectors(disk) - before) / SET_UPS


def delivered(number: int) -> bool:
    """Whether so many have arrived."""
    return len(list(DELIVERED.glob("*.json"))) >= number


def answers(url: str | urllib.request.Request) -> bool:
    """Whether somebody answers, and well; refused for asking too often is not."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own
            answer.read()
            return bool(answer.status < 300)
    except (OSError, urllib.error.HTTPError):
        return False


if __name__ == "__main__":
    sys.exit(main())
