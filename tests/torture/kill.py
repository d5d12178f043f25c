"""kill -9 before every call of submit, join and deliver: what was acknowledged arrives, once.

python -m tests.torture kill [STRIDE]
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from portal.provisioning.__main__ import main as provisioning
from portal.provisioning.join import OPEN, Phase, Turn
from portal.provisioning.keeping.store import Store
from portal.provisioning.record import Record, from_json
from portal.provisioning.secrecy.withheld import bare
from tests.portal.provisioning.backends.brokers import broker, reader
from tests.portal.provisioning.backends.servers import Sink

# Records are submitted and acknowledged, joined where they are to be, then delivered. Every id is
# told only after its accept: what the test sees is what a person was told.
CYCLE: Final = """
import os, sys
from pathlib import Path
from portal.provisioning.__main__ import main
from portal.provisioning.join import Turn
from portal.provisioning.outbox import DurableOutbox
from portal.provisioning.keeping.store import Store
from tests.portal.provisioning.fakes import a_record

state, joins = Path(sys.argv[1]), sys.argv[2] == "join"
with Store(state / "records.db") as store:
    outbox = DurableOutbox(store, ["keep"], state / "deliver.sock", joins=joins)
    for _ in range(2):
        record = a_record()
        outbox.accept(record)
        os.write(1, f"{record.id}\\n".encode())
        for turn in (Turn.BEGUN, Turn.CONNECTED) if joins else ():
            outbox.turn(record.id, turn)
sys.exit(main(["deliver", "--state", str(state), *sys.argv[3:]]))
"""
DISK: Final = frozenset({
    "openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "mkdir", "flock",
    "close",
})  # fmt: skip
NETWORK: Final = frozenset({"connect", "sendto", "sendmsg"})
# Seconds for a start to deliver what is left: four attempts that all run out of time are longer.
PATIENCE: Final = 120.0
FREQUENT: Final = frozenset({"pwrite64", "fdatasync", "openat", "close", "flock"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where the records go: the words for `deliver`, and what has arrived there, by id."""

    words: tuple[str, ...] = ()
    arrived: Callable[[], Mapping[str, Record]] | None = None


@dataclass(slots=True)
class Toll:
    """What the kills have done: `wrong` are words about a call and what was amiss after it."""

    kills: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def strace(
    trace: Path, state: Path, kind: str, place: Place, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run the cycle under strace."""
    calls = ",".join(sorted(DISK | NETWORK))
    argv = ["strace", "-f", "-y", "-o", str(trace), "-e", f"trace={calls}", *options]
    return subprocess.run(
        [*argv, sys.executable, "-c", CYCLE, str(state), kind, *place.words],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def steps(trace: Path, state: Path) -> list[tuple[str, int]]:
    """The calls of a whole cycle that touch the state or tell somebody, as (call, number)."""
    seen: Counter[str] = Counter()
    found = []
    for line in trace.read_text().splitlines():
        match = re.match(r"\d+ +(\w+)\((.*)", line)
        if match is None:
            continue
        call, rest = match.groups()
        seen[call] += 1
        tells = call in NETWORK or (call == "write" and rest[0] in "12")
        if str(state) in rest or tells:
            found.append((call, seen[call]))
    return found


def amiss(state: Path, acknowledged: list[str], place: Place) -> str:
    """What is wrong after the next start has done its work, "" where nothing is."""
    # Whose join was cut short is tried again, as the portal does.
    with Store(state / "records.db") as store:
        for attempt in store.unsettled():
            if attempt.phase is Phase.WAITING:
                store.turn(attempt.id, Turn.BEGUN)
            store.turn(attempt.id, Turn.CONNECTED)
        held = [e.life.id for e in store.records() if e.life.join and e.life.join.state in OPEN]
    if held or not _delivers(["deliver", "--state", str(state), *place.words]):
        return f"they do not go on, held: {held}"
    with Store(state / "records.db") as store:
        entries = list(store.records())
    found = place.arrived() if place.arrived else _documents(state)
    kept = {entry.life.id: entry for entry in entries}
    if lost := set(acknowledged) - kept.keys():
        return f"{lost} lost"
    if undelivered := [e.life for e in entries if e.life.state != "delivered"]:
        return f"{undelivered} not delivered"
    if kept.keys() - found.keys() or [i for i in kept if bare(found[i]) != kept[i].record]:
        return "what arrived is not what was kept"
    with closing(sqlite3.connect(state / "records.db")) as connection:
        sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return "" if sound else "damaged"


def _delivers(words: list[str]) -> bool:
    """The next start; with a network, a process that closes its connections by ending."""
    if "--config" not in words:
        with contextlib.redirect_stderr(io.StringIO()):
            return provisioning(words) == 0
    argv = [sys.executable, "-X", "faulthandler", "-m", "portal.provisioning", *words]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            # Where every thread of it is, so that whoever reads this knows what it waits for.
            process.send_signal(signal.SIGABRT)
            _, said = process.communicate()
            sys.stderr.write(f"deliver does not end: {said.decode(errors='replace')[-4_000:]}\n")
            return False
        return process.returncode == 0


def _documents(state: Path) -> Mapping[str, Record]:
    folder = state / "delivered"
    return {path.stem: from_json(path.read_bytes()) for path in folder.glob("*.json")}


def killed(folder: Path, kind: str, place: Place, stride: int, only: frozenset[str]) -> Toll:
    """Kill before each of these calls, of the frequent ones one in `stride`, and look."""
    whole = strace(folder / "whole", folder / "whole-state", kind, place)
    assert whole.returncode == 0, whole.stderr
    every = [s for s in steps(folder / "whole", folder / "whole-state") if s[0] in only]
    chosen = [step for step in every if step[0] not in FREQUENT]
    for frequent in sorted(FREQUENT):
        chosen += [step for step in every if step[0] == frequent][::stride]
    toll = Toll()
    for number, (call, when) in enumerate(chosen):
        state = folder / f"state-{number}"
        state.mkdir()
        inject = ("-e", f"inject={call}:signal=SIGKILL:when={when}")
        done = strace(folder / "trace", state, kind, place, *inject)
        toll.kills += done.returncode == -9
        toll.calls[call] += done.returncode == -9
        # A network answers as it likes: the last calls may be fewer than in the first run.
        if done.returncode not in {-9, 0}:
            toll.wrong.append(f"{call} {when}: {done.stderr[-200:]}")
        elif words := amiss(state, done.stdout.split(), place):
            toll.wrong.append(f"{call} {when}: {words}")
        shutil.rmtree(state)
    return toll


@contextmanager
def by_http(folder: Path) -> Iterator[Place]:
    """A server that knows what it has by the idempotency key."""
    with Sink() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        config = _config(folder, f'backend = "http"\nurl = "{url}"\ntls = false\nlocal = true')
        try:
            yield Place(
                ("--config", str(config)),
                lambda: {i: from_json(json.dumps(d).encode()) for i, d in server.effects.items()},
            )
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def by_mqtt(folder: Path, port: int) -> Iterator[Place]:
    """Mosquitto, and a reader that takes each record once."""
    config = _config(folder, f'backend = "mqtt"\nhost = "127.0.0.1"\nport = {port}\ntls = false')
    with broker(folder, port), reader(port) as fleet:

        def arrived() -> Mapping[str, Record]:
            # The broker has acknowledged; its way to the reader is not ours.
            until, known = time.monotonic() + 5, -1
            while known != len(fleet.effects) and time.monotonic() < until:
                known = len(fleet.effects)
                time.sleep(0.1)
            return {id_: from_json(octets) for id_, octets in fleet.effects.items()}

        yield Place(("--config", str(config)), arrived)


def _config(folder: Path, lines: str) -> Path:
    path = folder / "config.toml"
    path.write_text(f'[radio]\ncountry = "DE"\n[delivery.keep]\nrate = 1000\n{lines}\n')
    return path


def main(words: list[str], say: Callable[[str], None]) -> bool:
    """Every call of each cycle. Whether nothing was lost, doubled or damaged."""
    stride = int(words[0]) if words else 1
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in ("submit", "join"):
            (folder / kind).mkdir()
            wrong += _say(say, kind, killed(folder / kind, kind, Place(), stride, DISK | NETWORK))
        for kind in ("http", "mqtt"):
            (folder / kind).mkdir()
            way = by_http(folder / kind) if kind == "http" else by_mqtt(folder / kind, 18_830)
            with way as place:
                toll = killed(folder / kind, "submit", place, stride, DISK | NETWORK)
            wrong += _say(say, kind, toll)
    return not wrong


def _say(say: Callable[[str], None], kind: str, toll: Toll) -> list[str]:
    say(f"kill {kind}: {toll.kills} kills {dict(toll.calls)}, {len(toll.wrong)} amiss {toll.wrong}")
    return toll.wrong
