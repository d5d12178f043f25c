"""What docs/fleet.md says is so: the schema, the rules, and the reader with a real PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hotspot import settings
from hotspot.settings import Secret
from portal.provisioning.access import METHODS, SECURITIES, Access
from portal.provisioning.backend import Delivered, Retry
from portal.provisioning.backends.mqtt import MqttBackend
from portal.provisioning.record import Record, to_json
from tests.hotspot.real import program
from tests.portal.provisioning.backends.brokers import broker
from tests.portal.provisioning.fakes import RANDOM, START, a_record
from tests.portal.provisioning.test_access import FULL
from tests.portal.provisioning.test_record import FIELDS, PASSPHRASES, SSIDS

PAGE = (Path(__file__).parents[3] / "docs" / "fleet.md").read_text()
SCHEMA = json.loads(
    resources.files("portal.provisioning").joinpath("record.schema.json").read_text()
)
DEADLINE = 60
PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def blocks(language: str) -> list[str]:
    """The page's examples in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@given(
    SSIDS,
    PASSPHRASES,
    FIELDS,
    st.sampled_from([Access(), Access("wpa3"), Access(hidden=True), FULL]),
)
def test_every_record_fits_the_schema(
    ssid: bytes, passphrase: str, fields: dict[str, str], access: Access
) -> None:
    """Whatever the appliance sends, a reader can check it before it believes it."""
    record = Record.new(
        ssid=ssid, passphrase=Secret(passphrase), fields=fields, now=START, random=RANDOM,
        access=access,
    )  # fmt: skip

    Draft202012Validator(SCHEMA).validate(json.loads(to_json(record)))


def test_the_schema_is_one() -> None:
    """It keeps JSON Schema's own rules, and lists what the form does."""
    Draft202012Validator.check_schema(SCHEMA)
    parts = SCHEMA["properties"]["access"]["properties"]

    assert parts["security"]["enum"] == ["", *SECURITIES]
    assert parts["user"]["properties"]["method"]["enum"] == ["", *METHODS]


@pytest.mark.parametrize(
    "change",
    [
        {"v": 3}, {"v": 2}, {"id": "x"}, {"created": "today"}, {"ssid": "6"}, {"ssid": "ZZ"},
        {"fields": {"n": 1}}, {"secrets": "pin"}, {"access": None}, {"access": {}}, {"more": 1},
        {"passphrase": None},
    ],
)  # fmt: skip
def test_the_schema_refuses(change: dict[str, object]) -> None:
    """A document that differs in one part is no record."""
    document = {**json.loads(to_json(a_record())), **change}

    assert not Draft202012Validator(SCHEMA).is_valid(document)


def test_the_settings_shown() -> None:
    """The appliance's example is a valid file."""
    (example,) = blocks("toml")
    (found,) = settings.parse(f'[radio]\ncountry = "DE"\n{example}', file="fleet.md").deliveries

    assert (found.backend, found.options["appliance"]) == ("mqtt", "pump-7")


@pytest.fixture
def database() -> Iterator[str]:
    """A new PostgreSQL with the page's table; how to connect to it."""
    if not PLACES or os.geteuid() != 0:
        pytest.skip("needs PostgreSQL, and root to run it as its own user")
    with postgresql() as where:
        yield where


@contextmanager
def postgresql() -> Iterator[str]:
    """A server of its own, in a folder of its own."""
    places = PLACES
    # Not below pytest's folder, which only root may enter.
    folder = Path(tempfile.mkdtemp(prefix="vestibule-pg-"))
    shutil.chown(folder, "postgres", "postgres")
    initdb: list[str | Path] = [
        places[-1] / "initdb",
        "-D",
        folder / "data",
        "-U",
        "fleet",
        "-A",
        "trust",
        "-N",
    ]
    subprocess.run(initdb, check=True, capture_output=True, user="postgres", timeout=DEADLINE)
    serve: list[str | Path] = [
        places[-1] / "postgres",
        "-D",
        folder / "data",
        "-k",
        folder,
        "-h",
        "",
        "-F",
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(serve, user="postgres", group="postgres", stderr=log)
    try:
        where = f"host={folder} user=fleet dbname=postgres"
        with connected(where) as connection:
            connection.execute(blocks("sql")[0])
        yield where
    finally:
        server.send_signal(signal.SIGINT)  # without waiting for clients
        server.wait(DEADLINE)
        shutil.rmtree(folder)


def connected(where: str) -> psycopg.Connection[Any]:
    """A connection, as soon as there can be one."""
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            return psycopg.connect(where, autocommit=True)
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@contextmanager
def sink(folder: Path, name: str, port: int, where: str) -> Iterator[None]:
    """The page's reader, restarted when it ends, as systemd would."""
    (folder / "sink.py").write_text(blocks("python")[0])
    known = {"NAME": name, "PORT": str(port), "BROKER": "127.0.0.1", "DATABASE": where}
    stopping = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep_up() -> None:
        while not stopping.is_set():
            running.append(
                subprocess.Popen([sys.executable, folder / "sink.py"], env={**os.environ, **known},
                                 stderr=subprocess.DEVNULL)
            )  # fmt: skip
            running[-1].wait()
            stopping.wait(0.1)

    thread = threading.Thread(target=keep_up)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        while thread.is_alive():  # it may have been about to start another one
            running[-1].kill()
            thread.join(0.1)


def deliver(backend: MqttBackend, records: list[Record]) -> None:
    """What the deliverer does, without its pauses."""
    with closing(backend):
        deliver_all(backend, records)


def deliver_all(backend: MqttBackend, records: list[Record]) -> None:
    """Until each has arrived."""
    deadline = time.monotonic() + DEADLINE
    for record in records:
        while not isinstance(outcome := backend.apply(record), Delivered):
            assert isinstance(outcome, Retry), outcome
            assert time.monotonic() < deadline, outcome
            time.sleep(0.05)


def test_a_fleet_into_postgresql(tmp_path: Path, free_port: int, database: str) -> None:
    """20 appliances, two readers, a broker killed and a database restarted in the middle: as many
    rows as records, each with its own document.
    """
    fleet = {f"pump-{n}": [a_record(fields={"n": str(n)}) for _ in range(6)] for n in range(20)}
    with broker(tmp_path, free_port) as running, ExitStack() as stack:
        for name in ("sink-1", "sink-2"):
            stack.enter_context(sink(tmp_path, name, free_port, database))
        appliances = [
            threading.Thread(target=deliver, args=(appliance(name, free_port), records))
            for name, records in fleet.items()
        ]
        for each in appliances:
            each.start()
        with connected(database) as connection:
            wait_for_rows(connection, 30)
            running.stop(signal.SIGKILL)
            running.start()
            wait_for_rows(connection, 60)
            # Every other session of the database is ended, the readers' among them.
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            for each in appliances:
                each.join(DEADLINE)
            rows = connection.execute("SELECT id::text, appliance, body::text FROM record")
            found = {id_: (name, body.encode()) for id_, name, body in rows}

    assert found == {
        record.id: (name, to_json(record)) for name, records in fleet.items() for record in records
    }


def appliance(name: str, port: int) -> MqttBackend:
    """The backend of one appliance of the fleet."""
    return MqttBackend(
        {"host": "127.0.0.1", "port": port, "tls": False, "appliance": name, "timeout": 2,
         "answers": "vestibule/{site}/{appliance}/verdicts"},
        "/nowhere",
    )  # fmt: skip


def wait_for_rows(connection: psycopg.Connection[Any], count: int) -> None:
    """Return when so many rows are there."""
    deadline = time.monotonic() + DEADLINE
    while True:
        row = connection.execute("SELECT count(*) FROM record").fetchone()
        if row and row[0] >= count:
            return
        assert time.monotonic() < deadline, row
        time.sleep(0.02)


def test_the_rules_of_the_broker(tmp_path: Path, free_port: int) -> None:
    """By the page's list an appliance writes below its own name alone."""
    (tmp_path / "acl").write_text(blocks("acl")[0])
    for number, name in enumerate(["pump-7", "sink"]):
        create = ["-c"] if number == 0 else []
        made = [program("mosquitto_passwd"), "-b", *create, str(tmp_path / "users"), name, "word"]
        subprocess.run(made, check=True, capture_output=True, timeout=20)
    (tmp_path / "word").touch(0o600)
    (tmp_path / "word").write_text("word")
    lines = (
        "allow_anonymous false",
        f"password_file {tmp_path}/users",
        f"acl_file {tmp_path}/acl",
    )
    with broker(tmp_path, free_port, *lines):
        said = {}
        for name in ("pump-7", "pump-8"):
            given = {
                "host": "127.0.0.1", "port": free_port, "tls": False, "username": "pump-7",
                "password": str(tmp_path / "word"), "unheard": "delivered", "appliance": name,
            }  # fmt: skip
            with closing(MqttBackend(given, "/nowhere")) as backend:
                said[name] = backend.apply(a_record())

    assert said["pump-7"] == Delivered()
    assert said["pump-8"] == Retry(None, "the broker refuses it: Not authorized")
