"""A guest whose appliance is being set up until its power goes: a record, its join, its outcome.

What the radio agent tells of the join, and what the API says of the record, goes to the host's
own disk as it happens.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
import urllib.request
from typing import IO, Any, Final

from tests.lab.guest.appliance import RUNTIME, URL, Config
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.lab import SHARE, Lab
from tests.lab.guest.lasting import FOLDERS, mounted

HOME: Final = HomeNetwork(b"Zuhause", "an island in the sun", channel=6)
TABLES: Final = """\
[provisioning]
joins = true
[home]
owner = "wpa_supplicant"
internet = "skipped"
"""
CONFIG: Final = Config(tables=TABLES)
# Twice what the stories give it: QEMU stands still for each cut.
READY_SECONDS: Final = 240.0
JOIN_SECONDS: Final = 240.0
LOOK_SECONDS: Final = 0.005
OPEN: Final = frozenset({"waiting", "trying"})


def main() -> int:
    """One record, to its outcome."""
    with (
        mounted("/dev/vda"),
        Lab() as lab,
        (SHARE / "told.jsonl").open("w", buffering=1) as told,
    ):
        lab.home(HOME, radio=1)
        lab.appliance(CONFIG).ready(READY_SECONDS)
        over = threading.Event()
        following = threading.Thread(target=follow, args=(told, over))
        following.start()
        try:
            set_up(told)
        finally:
            over.set()
            following.join()
    return 0


def set_up(told: IO[str]) -> None:
    """Submit, and see it connect."""
    form = {"ssid": HOME.ssid.decode(), "passphrase": HOME.passphrase, "fields": {}}
    record = ask("api/v1/setup", form)["id"]
    told.write(json.dumps({"record": record}) + "\n")
    deadline = time.monotonic() + JOIN_SECONDS
    while (state := ask(f"api/v1/setup/{record}")["join"]["state"]) in OPEN:
        assert time.monotonic() < deadline, state
        time.sleep(LOOK_SECONDS)
    told.write(json.dumps({"event": "state", "is": state}) + "\n")
    assert state == "connected", state


def follow(told: IO[str], over: threading.Event) -> None:
    """Each event of the join, by the file where the agent keeps them; and the owner's files."""
    seen, files = 0, names()
    while not over.wait(LOOK_SECONDS):
        if files != (files := names()):
            told.write(json.dumps({"event": "files", "names": sorted(files)}) + "\n")
        with contextlib.suppress(FileNotFoundError):
            events = json.loads((RUNTIME / "join.json").read_text())["events"]
            for event in events[seen:]:
                told.write(json.dumps(event) + "\n")
            seen = len(events)


def names() -> frozenset[str]:
    """The owner's files by name and number: a new one under an old name is another."""
    with contextlib.suppress(FileNotFoundError):  # one may go while they are listed
        return frozenset(
            f"{file.name} {file.stat().st_ino}" for file in FOLDERS["wpa_supplicant"].iterdir()
        )
    return frozenset()


def ask(path: str, document: object = None) -> dict[str, Any]:
    """The API's answer, to a POST if there is a document."""
    data = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(URL + path, data)  # noqa: S310 - the appliance's own
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - see above
        found: dict[str, Any] = json.load(answer)
    return found


if __name__ == "__main__":
    sys.exit(main())
