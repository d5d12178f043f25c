"""The conformance checks: every built-in backend passes, and each broken promise is found."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from portal.provisioning import conformance
from portal.provisioning.backend import Delivered, Factory, Outcome, Rejected, Retry, load
from portal.provisioning.backends.http import HttpBackend
from portal.provisioning.backends.mqtt import MqttBackend
from portal.provisioning.conformance import Bench, examine
from portal.provisioning.record import Record
from tests.certificates import authority, issue
from tests.portal.provisioning.backends.brokers import broker, reader
from tests.portal.provisioning.backends.servers import sink

ONCE = """
import os, sys
path = os.path.join(sys.argv[1], os.environ["VESTIBULE_RECORD"])
with open(path, "wb") as file:
    file.write(sys.stdin.buffer.read())
"""


def broken(bench: Bench) -> dict[str, str]:
    """The promises that are not kept, with what was done instead."""
    return {promise: problem for promise, problem in examine(bench) if problem}


def test_file(tmp_path: Path) -> None:
    """One document per id is one effect."""
    state = str(tmp_path)
    bench = Bench(load("file"), {}, state, lambda id_: len([*tmp_path.rglob(f"{id_}.json")]))

    assert not broken(bench)


def test_command(tmp_path: Path) -> None:
    """With a program that keeps to the key, so does the backend."""
    (tmp_path / "once.py").write_text(ONCE)
    options = {"argv": [sys.executable, str(tmp_path / "once.py"), str(tmp_path)]}

    assert not broken(Bench(load("command"), options, "/", lambda i: (tmp_path / i).exists()))


def test_http(tmp_path: Path) -> None:
    """With a server that keeps to the key, so does the backend."""
    made: list[HttpBackend] = []

    def factory(options: Mapping[str, Any], state: str) -> HttpBackend:
        made.append(HttpBackend(options, state))
        return made[-1]

    root = authority(tmp_path, "root")
    with sink(issue(tmp_path, "site", "subjectAltName=IP:127.0.0.1", by=root)) as server:
        url = f"https://127.0.0.1:{server.server_address[1]}/"
        options = {"url": url, "ca": str(root.certificate), "local": True}
        found = broken(Bench(factory, options, "/", lambda id_: id_ in server.effects))
        for each in made:
            each.close()

    assert not found


def test_mqtt(tmp_path: Path, free_port: int) -> None:
    """With a reader that keeps to the key, so does the backend."""
    made: list[MqttBackend] = []

    def factory(options: Mapping[str, Any], state: str) -> MqttBackend:
        made.append(MqttBackend(options, state))
        return made[-1]

    options = {"host": "127.0.0.1", "port": free_port, "tls": False, "answers": "verdicts"}
    with (
        broker(tmp_path, free_port),
        reader(free_port, lambda _: b'{"verdict": "delivered"}') as fleet,
    ):
        found = broken(Bench(factory, options, "/", lambda id_: id_ in fleet.effects))
        for each in made:
            each.close()

    assert not found


class Good:
    """A backend that keeps everything; the others below break one promise each."""

    taken: dict[str, int]

    def __init__(self, options: Mapping[str, Any], state: str) -> None:
        del state
        self.taken = options["taken"]

    def apply(self, record: Record) -> Outcome:
        self.taken[record.id] = 1
        return Delivered()


class Doubling(Good):
    def apply(self, record: Record) -> Outcome:
        self.taken[record.id] = self.taken.get(record.id, 0) + 1
        return Delivered()


class Forgetting(Good):
    """Knows only what this process has seen."""

    def __init__(self, options: Mapping[str, Any], state: str) -> None:
        super().__init__(options, state)
        self._seen: set[str] = set()

    def apply(self, record: Record) -> Outcome:
        if record.id not in self._seen:
            self.taken[record.id] = self.taken.get(record.id, 0) + 1
        self._seen.add(record.id)
        return Delivered()


class Lying(Good):
    def apply(self, record: Record) -> Outcome:
        del record
        return Delivered()


class Away(Good):
    def apply(self, record: Record) -> Outcome:
        del record
        return Retry(None, "away")


class Telling(Good):
    def apply(self, record: Record) -> Outcome:
        print(record.passphrase)  # noqa: T201 - what the check is to find
        return super().apply(record)


class Quoting(Good):
    def apply(self, record: Record) -> Outcome:
        if "pin" in record.fields:
            return Rejected(f"bad {record.passphrase}")
        return super().apply(record)


class Fragile(Good):
    def apply(self, record: Record) -> Outcome:
        record.ssid.decode()
        return super().apply(record)


class Slow(Good):
    def apply(self, record: Record) -> Outcome:
        time.sleep(0.05)
        return super().apply(record)


class Mute(Good):
    def apply(self, record: Record) -> Outcome:
        super().apply(record)
        return None  # type: ignore[return-value] # what the check is to find


class NoBackend:
    def __init__(self, *_: object) -> None:
        pass


class Main(Good):
    """Works in the main thread alone, as what uses signals does."""

    def apply(self, record: Record) -> Outcome:
        import signal  # noqa: PLC0415 - only here

        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        return super().apply(record)


@pytest.mark.parametrize(
    ("factory", "promises"),
    [
        (Good, set[str]()),
        (Doubling, {"delivers_twice_in_one_process", "delivers_twice_in_two"}),
        (Forgetting, {"delivers_twice_in_two"}),
        (Lying, {"delivers", "delivers_twice_in_one_process", "delivers_twice_in_two"}),
        (Telling, {"keeps_secrets"}),
        (Quoting, {"keeps_secrets"}),
        (Fragile, {"answers_to_any_record"}),
        (Slow, {"is_in_time"}),
        (Main, {"delivers_in_a_thread"}),
        (Away, {"delivers", "delivers_twice_in_one_process", "delivers_twice_in_two",
                "delivers_in_a_thread", "answers_to_any_record"}),
    ],
)  # fmt: skip
def test_each_broken_promise_is_found(factory: Factory, promises: set[str]) -> None:
    """What breaks one promise fails its check, and no other."""
    taken: dict[str, int] = {}
    bench = Bench(factory, {"taken": taken}, "/", lambda id_: taken.get(id_, 0), patience=0.04)
    said = {getattr(conformance, name).__doc__ for name in promises}

    assert broken(bench).keys() == said


@pytest.mark.parametrize("factory", [NoBackend, Mute, None])
def test_what_is_no_backend_at_all(factory: Any) -> None:
    """Nothing a stranger's code does escapes from the checks."""
    assert "A plain record is delivered." in broken(Bench(factory, {"taken": {}}, "/"))


def test_as_a_program(tmp_path: Path) -> None:
    """From a folder with a module in it: a line a promise, and a status."""
    run = [sys.executable, "-m", "portal.provisioning.conformance"]
    (tmp_path / "pigeon.py").write_text(
        "from portal.provisioning.backends.file import FileBackend as Loft\n"
        "def Lost(options, state):\n    raise OSError(5, 'it flew away')\n"
    )

    def examined(*arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [*run, *arguments]
        return subprocess.run(
            argv, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )

    good, bad = examined("pigeon:Loft", "--options", "{}"), examined("pigeon:Lost")
    assert (good.returncode, good.stdout.count("ok  ")) == (0, len(conformance.CHECKS)), good
    assert (bad.returncode, bad.stdout.count("FAILED")) == (1, len(conformance.CHECKS)), bad
