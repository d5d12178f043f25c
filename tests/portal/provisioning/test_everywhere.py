"""`deliver` as a process with every backend at once, real ones: all arrive, once, and unseen."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hotspot.settings import Secret
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import State
from portal.provisioning.record import Record, from_json, to_json
from tests.certificates import Issued, authority, issue
from tests.hotspot import demos
from tests.portal.provisioning.backends.brokers import broker, reader, secured
from tests.portal.provisioning.backends.servers import sink
from tests.portal.provisioning.fakes import a_record

CANARY = "canary-5b21-\u00e4\u00f6"
PLAIN = "canary-5b21-plain"
TOKEN = "canary-token-77"
LOOPBACK = "subjectAltName=IP:127.0.0.1"
DEADLINE = 60


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Issued, Issued]:
    """An authority and the certificate of 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")
    root = authority(folder, "root")
    return root, issue(folder, "site", LOOPBACK, by=root)


def configure(state: Path, deliveries: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Write the settings; the argv of `deliver` with them."""
    lines = ['[radio]\ncountry = "DE"']
    for name, options in deliveries.items():
        lines += [f"[delivery.{name}]"]
        # What JSON writes for texts, numbers and lists is TOML too.
        lines += [f"{key} = {json.dumps(value)}" for key, value in options.items()]
    (state / "config.toml").write_text("\n".join(lines) + "\n")
    deliver = [sys.executable, "-m", "portal.provisioning", "deliver", "--state", str(state)]
    return [*deliver, "--config", str(state / "config.toml")]


def accept(state: Path, records: list[Record], names: list[str]) -> None:
    """Keep the records, as the portal does."""
    with Store(state / "records.db") as store:
        for record in records:
            store.accept(record, names)


def lives(state: Path) -> dict[str, dict[str, State]]:
    """What became of every record, by delivery."""
    with Store(state / "records.db") as store:
        return {
            entry.life.id: {each.name: each.state for each in entry.life.deliveries}
            for entry in store.records()
        }


def forms(secret: str) -> list[str]:
    """How a secret may be written somewhere."""
    octets = secret.encode()
    return [secret, octets.hex(), base64.b64encode(octets).decode(), json.dumps(secret)[1:-1]]


@contextmanager
def everywhere(
    state: Path, shop: tuple[Issued, Issued], port: int
) -> Iterator[tuple[dict[str, dict[str, object]], Any, Any]]:
    """A table of deliveries to real backends, the HTTP sink and the MQTT reader."""
    root, site = shop
    token = state / "token"
    token.touch(0o600)
    token.write_text(TOKEN)
    copy = "import sys; sys.stdout.close(); open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())"
    (state / "copy.py").write_text(copy)
    ca = str(root.certificate)
    with sink(site) as web, broker(state, port, *secured(site)), reader(port, ca=ca) as fleet:
        yield (
            {
                "keep": {"backend": "file", "directory": str(state / "usb")},
                "post": {
                    "backend": "command",
                    "argv": [sys.executable, str(state / "copy.py"), str(state / "posted")],
                },
                "web": {
                    "backend": "http", "ca": ca, "local": True, "token": str(token),
                    "rate": 1_000,
                    "url": f"https://127.0.0.1:{web.server_address[1]}/records/{{id}}",
                },
                "fleet": {
                    "backend": "mqtt", "host": "127.0.0.1", "port": port, "ca": ca, "rate": 1_000,
                },
            },
            web,
            fleet,
        )  # fmt: skip


def test_every_backend_at_once(tmp_path: Path, shop: tuple[Issued, Issued], free_port: int) -> None:
    """Each record is in four places, the same in all, and no secret anywhere else."""
    records = [a_record(passphrase=CANARY, fields={"n": str(n), "pin": Secret(CANARY)})
               for n in range(10)]  # fmt: skip
    seen: list[bytes] = []
    with everywhere(tmp_path, shop, free_port) as (deliveries, web, fleet):
        argv = configure(tmp_path, deliveries)
        accept(tmp_path, records, list(deliveries))
        (tmp_path / "posted").touch()
        with subprocess.Popen(argv, stderr=subprocess.PIPE, cwd="/") as process:
            web.look = lambda: seen.extend(
                Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("cmdline", "environ")
            )
            said = process.communicate(timeout=DEADLINE)[1].decode()
        fleet.wait(len(records))

    assert process.returncode == 0, said
    assert {s for life in lives(tmp_path).values() for s in life.values()} == {State.DELIVERED}
    documents = {record.id: to_json(record) for record in records}
    assert {p.stem: p.read_bytes().rstrip(b"\n") for p in (tmp_path / "usb").iterdir()} == documents
    assert web.effects == {id_: json.loads(body) for id_, body in documents.items()}
    assert fleet.effects == documents
    posted = (tmp_path / "posted").read_bytes().splitlines()
    assert {from_json(line).id: line for line in posted} == documents

    assert seen
    told = said + b"".join(seen).decode("utf-8", "replace")
    assert not [form for secret in (CANARY, TOKEN) for form in forms(secret) if form in told]


def test_what_backends_repeat(tmp_path: Path, shop: tuple[Issued, Issued], free_port: int) -> None:
    """When every backend refuses and quotes what it got, no secret is in log, store or listing."""
    record = a_record(passphrase=CANARY, fields={"pin": Secret(TOKEN)})
    with everywhere(tmp_path, shop, free_port) as (deliveries, web, fleet):
        echo = "import sys; d = sys.stdin.read(); print(d, d.encode().hex(), file=sys.stderr)"
        (tmp_path / "copy.py").write_text(f"{echo}\nsys.exit(65)")
        deliveries["fleet"]["answers"] = "verdicts/{appliance}"
        fleet.judge = lambda message: json.dumps(
            {"verdict": "rejected", "why": message.payload.decode()}
        ).encode()
        web.answers = [(422, {}, json.dumps({"detail": to_json(record).decode()}).encode())]
        del deliveries["keep"]
        argv = configure(tmp_path, deliveries)
        accept(tmp_path, [record], list(deliveries))
        done = subprocess.run(argv, capture_output=True, timeout=DEADLINE, check=False, cwd="/")

    show = [sys.executable, "-m", "portal.provisioning", "records", "show", record.id, "--json"]
    shown = subprocess.run(
        [*show, "--state", str(tmp_path)], capture_output=True, check=True, timeout=DEADLINE
    )
    assert done.returncode == 0, done
    assert set(lives(tmp_path)[record.id].values()) == {State.REJECTED}
    told = (done.stderr + shown.stdout).decode()
    assert told.count("(hidden)") > 3
    assert not [form for secret in (CANARY, TOKEN) for form in forms(secret) if form in told]


def test_a_broker_restarts_in_the_middle(tmp_path: Path, free_port: int) -> None:
    """All records arrive at the reader, and none twice in effect."""
    records = [a_record() for _ in range(60)]
    delivered = b'{"verdict": "delivered"}'
    deliveries = {
        "fleet": {
            "backend": "mqtt", "host": "127.0.0.1", "port": free_port, "tls": False, "timeout": 2,
            "rate": 1_000,
            "answers": "vestibule/{site}/{appliance}/verdicts",
        }
    }  # fmt: skip
    with broker(tmp_path, free_port) as running, reader(free_port, lambda _: delivered) as fleet:
        argv = configure(tmp_path, deliveries)
        accept(tmp_path, records, ["fleet"])
        with subprocess.Popen(argv, stderr=subprocess.PIPE, cwd="/") as process:
            drained = threading.Thread(target=process.communicate, args=(None, DEADLINE))
            drained.start()
            fleet.wait(20)
            running.stop()
            running.start()
            drained.join(DEADLINE)
        assert process.returncode == 0

    assert {s for life in lives(tmp_path).values() for s in life.values()} == {State.DELIVERED}
    assert fleet.effects == {record.id: to_json(record) for record in records}


def test_a_whole_run(tmp_path: Path, shop: tuple[Issued, Issued], free_port: int) -> None:
    """`vestibule run` with every backend configured: what the page takes is in four places."""
    with everywhere(tmp_path, shop, free_port) as (deliveries, web, fleet):
        configure(tmp_path, deliveries)
        with (tmp_path / "config.toml").open("a") as file:
            file.write("[provisioning]\njoins = false\n")
        (tmp_path / "run").mkdir()
        with demos.running(tmp_path / "run", "--config", str(tmp_path / "config.toml")) as demo:
            answer = json.dumps({"ssid": "Home Sweet Home", "passphrase": PLAIN, "fields": {}})
            told = {"Content-Type": "application/json"}
            status, _, body = demo.ask("POST", "/api/v1/setup", told, answer)
            assert status == 202, body
            id_ = json.loads(body)["id"]
            fleet.wait(1)
            deadline = time.monotonic() + DEADLINE
            while json.loads(demo.ask("GET", f"/api/v1/setup/{id_}")[2])["state"] != "delivered":
                assert time.monotonic() < deadline
                time.sleep(0.05)
            said = demo.stderr.read_text()

    (document,) = (json.loads(p.read_bytes()) for p in (tmp_path / "usb").iterdir())
    posted = json.loads((tmp_path / "posted").read_bytes())
    assert document == posted == web.effects[id_] == json.loads(fleet.effects[id_])
    assert document["passphrase"] == PLAIN
    assert not [form for secret in (PLAIN, TOKEN) for form in forms(secret) if form in said]
