"""An access point beside what a user would set up instead, in the Wi-Fi lab's guest.

    python -m tests.bench.radio

One boot, on simulated radios, in an emulated machine: seconds are the guest's, which is many times
slower than a Raspberry Pi. Only figures of one run may be compared.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.bench import peers
from tests.lab import guestrun, power, telling
from tests.lab.guest.lasting import FOLDERS
from tests.lab.telling import LOGS

_NAMES: Final = {
    "hostapd": "hostapd alone",
    "ours": "Vestibule",
    "routed": "hostapd, dnsmasq, lighttpd and PHP, as RaspAP has them",
    "managed": "NetworkManager's hotspot, as for comitup and wifi-connect, no portal",
}
_SECONDS: Final = 1200


def measured() -> list[dict[str, Any]]:
    """The guest's lines. Raises `guestrun.Lost`, `image.Missing`."""
    theatre = telling.ready()
    others = peers.unpacked("lighttpd", "php-cgi")
    logs = LOGS / "bench"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="vestibule-bench-") as name:
        tree = Path(name) / "tree"
        for folder in FOLDERS:
            (tree / folder).mkdir(parents=True)
        disk = power.disk(Path(name) / "disk", tree)
        argv = (sys.executable, "-m", "tests.bench.inside", str(others), "/dev/vda")
        job = guestrun.Job(argv, logs, 2, _SECONDS, disks=(disk,))
        with (logs / "story.log").open("wb") as output:
            status = guestrun.run(theatre.image, theatre.accelerator, job, stdout=output)
    if status:
        raise SystemExit(telling.failure(logs))
    return telling.report(logs)


def table(told: list[dict[str, Any]]) -> Iterator[str]:
    """The page's part."""
    starts = {line["name"]: line for line in told if line.get("what") == "start"}
    rests = {line["name"]: line for line in told if line.get("what") == "rest"}
    (written,) = [line["written"] for line in told if line.get("what") == "set-up"]
    yield "| | first beacon, s | beacon and page, s | PSS MiB (processes) |"
    yield "|---|---|---|---|"
    for name, words in _NAMES.items():
        start, rest = starts.get(name), rests.get(name)
        times = f"{start['beacon']:.1f} | {start['answered']:.1f}" if start else " | "
        weight = f"{rest['pss']:.1f} ({len(rest['parts'])})" if rest else ""
        yield f"| {words} | {times} | {weight} |"
    yield "\n| idle for a minute | CPU ms/s | woken/s, all | woken/s, the busiest | bytes written |"
    yield "|---|---|---|---|---|"
    for name, rest in rests.items():
        figures = f"{rest['milliseconds']:.2f} | {rest['wakeups']:.2f} | {rest['most']:.2f}"
        yield f"| {_NAMES[name]} | {figures} | {rest['written']:,} |"
    yield f"\n- {written:,.0f} bytes written to an ext4 disk for each set-up, file backend included"
    parts = ", ".join(
        f"{name.rpartition(' ')[0]} {size}" for name, size in rests["ours"]["parts"].items()
    )
    yield f"- of ours: {parts} MiB"
    yield f"- {rests['ours']['pss']:.1f} MiB for everything of ours: to reach ≤ 45"
    (python,) = [line["seconds_of_one"] for line in told if line.get("what") == "python"]
    limit = 1.2 * starts["hostapd"]["beacon"] + 1.0
    yield f"- {starts['ours']['beacon']:.1f} s to the first beacon: to reach ≤ {limit:.1f};"
    yield f"  one Python that does nothing takes {python:.1f} s in this guest"
    yield f"- woken {rests['ours']['most']:.2f} times a second, the busiest process: to reach ≤ 1"


def main() -> None:
    """Run and print."""
    for line in table(measured()):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
