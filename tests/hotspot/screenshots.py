"""The pictures of docs/operate.md: `python -m tests.hotspot.screenshots` takes them anew.

The program's own words about a machine that is written down here, so that each taking is the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hotspot.doctor import diagnosis
from hotspot.doctor.facts import Clock, Disk, Port
from hotspot.standing import screen
from tests.hotspot.doctor.cases import MIB, facts, radio
from tests.hotspot.terminal import svg

FOLDER = Path(__file__).parents[2] / "docs/operate"
WIDTH = 88
ILL: dict[str, Any] = {
    "run": None,
    "radios": (radio(announces=False, blocked="software", held_by=frozenset({"NetworkManager"})),),
    "country": "00",
    "ports": (Port("tcp", 80, "nginx (pid 612)"),),
    "clock": Clock(1_800_000_000.0, synchronized=True, battery=False),
    "disk": Disk(21_812 * MIB, 29_540 * MIB),
    "sqlite": (3, 40, 1),
    "records": {"states": {"delivered": 41, "waiting": 2}},
}
STANDS: dict[str, Any] = {
    "state": "serving",
    "join": {
        "outcome": "wrong_password",
        "step": "authenticated",
    },
    "kept": None,
    "stations": [
        {"address": "8a:1f:5c:20:77:01", "seconds": 96, "signal": -44},
        {"address": "de:90:41:0b:3a:c2", "seconds": 12, "signal": -61},
    ],
    "ssid": b"Vestibule-7KQ2".hex(),
    "clients": [
        {"address": "100.64.64.23", "mac": "", "name": "Pixel-8", "state": "captive"},
        {"address": "100.64.65.114", "mac": "", "name": "iPhone", "state": "released"},
    ],
    "records": {"states": {"delivered": 41, "waiting": 2}, "incidents": []},
    "failed": [],
    "damaged": [],
}


def pictures() -> dict[str, str]:
    """Each picture by its name."""
    found = diagnosis.findings(facts(**ILL))
    return {
        "doctor.svg": svg("sudo vestibule doctor", list(diagnosis.lines(found, WIDTH))),
        "status.svg": svg("vestibule status", list(screen.lines(STANDS))),
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pictures().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
