"""Records in a copy's store, as the portal there keeps them, and what an operator sees of them."""

from __future__ import annotations

import json
from typing import Final

from tests.deploy.copies import Copy

PYTHON: Final = "/opt/vestibule/bin/python3"
STATE: Final = "var/lib/vestibule"
STORE: Final = f"{STATE}/records.db"
FULL: Final = 60

# Every third waits for its network to prove itself.
_FILL: Final = f"""
import os
from datetime import UTC, datetime
from pathlib import Path
from hotspot.settings import Secret
from portal.provisioning.record import Record
from portal.provisioning.keeping.store import Full, Limits, Store

with Store(Path("/{STORE}"), names=("broker", "keep"), limits=Limits({FULL})) as store:
    n = 0
    while True:
        record = Record.new(
            ssid=b"Home %d" % n, passphrase=Secret("correct horse %d" % n), fields={{"n": str(n)}},
            now=datetime.now(UTC), random=os.urandom)
        try:
            store.accept(record, ("broker", "keep"), joins=n % 3 == 2)
        except Full:
            break
        n += 1
print(n)
"""


def fill(machine: Copy) -> None:
    """Records until the store takes no more, as the portal's own user."""
    (machine.folder / "run/fill.py").write_text(_FILL)
    who = ("setpriv", "--reuid", "vestibule", "--regid", "vestibule", "--clear-groups", "--")
    assert machine.run(*who, PYTHON, "-I", "/run/fill.py").stdout == f"{FULL}\n"


def told(machine: Copy) -> list[object]:
    """Every record with all that is known of it, secrets too."""
    states = json.loads(machine.run("vestibule", "records", "list", "--json").stdout)
    machine.run("vestibule", "records", "export", "--secrets", "--output", "/run/records.jsonl")
    whole = (machine.folder / "run/records.jsonl").read_text().splitlines()
    assert len(states) == len(whole)
    return [states, *map(json.loads, whole)]
