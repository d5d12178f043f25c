"""A guest that looks at disks after power cuts: `… survivors HOW NUMBER`, a line of JSON each.

HOW is "networkmanager" or "wpa_supplicant", whose networks are looked at, or "records": then
portal and radio agent are started too, and asked what became of each record.
"""

from __future__ import annotations

import json
import shutil
import socket
import string
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any, Final

from hotspot.owner.networkmanager import NetworkManager
from hotspot.owner.port import Owner
from hotspot.owner.wpa_supplicant import WpaSupplicant
from portal.provisioning.keeping.store import Store
from tests.lab.guest.appliance import RUNTIME, STATE
from tests.lab.guest.caretaker import Caretaker
from tests.lab.guest.cut_off import CONFIG, OPEN
from tests.lab.guest.lab import SHARE
from tests.lab.guest.lasting import FOLDERS, mounted
from tests.lab.guest.program import Program

# Two Pythons start, in an emulator that may have others beside it.
SETTLED_SECONDS: Final = 120.0
# sd_listen_fds(3) wants the process's own number, known only to itself.
HAND_ON: Final = """
import os, sys
os.dup2(0, 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], sys.argv[1:])
"""


def main() -> int:
    """Each disk in turn, as a boot would find it."""
    how, number = sys.argv[1], int(sys.argv[2])
    with (SHARE / "survived.jsonl").open("w", buffering=1) as told:
        for letter in string.ascii_lowercase[:number]:
            # A boot begins with an empty /run.
            shutil.rmtree(RUNTIME, ignore_errors=True)
            RUNTIME.mkdir()
            with mounted(f"/dev/vd{letter}"):
                found = networks(how)
                if how == "records":
                    found["records"] = records(letter)
                told.write(json.dumps(found) + "\n")
    return 0


def networks(how: str) -> dict[str, Any]:
    """What the owner says is kept, and every file with its words."""
    folder = FOLDERS["connections" if how == "networkmanager" else "wpa_supplicant"]
    files = {
        file.name: file.read_text(errors="replace")
        for file in folder.iterdir()
        if not file.name.startswith(".")
    }
    if how == "networkmanager":
        with Caretaker("wlan0", SHARE):
            kept = said(NetworkManager())
    else:
        kept = said(WpaSupplicant("DE", RUNTIME))
    return {"kept": kept, "files": files}


def said(owner: Owner) -> list[str] | None:
    """Key and name."""
    kept = owner.kept()
    return [kept.key, kept.ssid.decode()] if kept else None


def records(letter: str) -> dict[str, str]:
    """The state of each record's join, once the portal has made up its mind."""
    config = Path("/run/lab/survivors.toml")
    config.write_text(CONFIG.toml())
    words = ("--config", str(config), "--state", str(STATE), "--runtime", str(RUNTIME))
    with Store(STATE / "records.db") as store:
        ids = [entry.record.id for entry in store.records() if entry.record]
    desk, door = socket.socket(socket.AF_UNIX), socket.create_server(("127.0.0.1", 0))
    with desk, door:
        desk.bind(str(RUNTIME / "radio.sock"))
        desk.listen()
        url = f"http://127.0.0.1:{door.getsockname()[1]}/"
        with (
            handed(desk, f"radio-{letter}", "hotspot.agent", *words),
            handed(door, f"portal-{letter}", "portal", *words, "--url", url),
        ):
            found = {id_: settled(f"{url}api/v1/setup/{id_}") for id_ in ids}
    return found


def handed(listener: socket.socket, name: str, module: str, *words: str) -> Program:
    """A program of ours on a socket that listens already."""
    argv = [sys.executable, "-c", HAND_ON, sys.executable, "-m", module, *words]
    return Program(argv, SHARE / f"{name}.log", stdin=listener.fileno())


def settled(url: str) -> str:
    """The state of a join that nobody works at any more."""
    deadline = time.monotonic() + SETTLED_SECONDS
    while True:
        with urllib.request.urlopen(url, timeout=SETTLED_SECONDS) as answer:  # noqa: S310 - loopback
            state = str(json.load(answer)["join"]["state"])
        if state not in OPEN:
            return state
        assert time.monotonic() < deadline, f"{url}: still {state}"
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
