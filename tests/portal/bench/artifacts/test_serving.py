"""Files from the loop: by the real worker, to real clients."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.bench.artifacts import fields
from portal.bench.artifacts.progress import Progress
from portal.bench.artifacts.serving import blueprint
from portal.bench.artifacts.shelf import Shelf
from portal.bench.port import Artifact
from tests.portal.bench.artifacts.site import Bench, Tickets, bench

DATA = os.urandom(1_500_000)
DEADLINE = 10.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One bench for the tests that leave it running."""
    with bench(tmp_path_factory.mktemp("bench")) as one:
        yield one


@pytest.fixture(scope="module")
def artifact(running: Bench) -> Artifact:
    """A file on its shelf."""
    shelf = Shelf(running.folder / "shelf", kept=0)
    return shelf.add([DATA], "fw.bin", "thermostat", "1.4.2", override="Lea")


def asked(
    running: Bench, method: str, path: str, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, fields and body of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=DEADLINE)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=names)
    answer = connection.getresponse()
    found = answer.status, dict(answer.headers), answer.read()
    connection.close()
    return found


def exchanged(running: Bench, request: str) -> bytes:
    """All that comes until the end."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=DEADLINE) as client:
        client.sendall(request.replace("\n", "\r\n").encode())
        return b"".join(iter(lambda: client.recv(65536), b""))


def progress(running: Bench, code: str) -> list[float]:
    """What the bench knows of a download."""
    with urllib.request.urlopen(running.url(f"/progress/{code}")) as answer:  # noqa: S310 - ours
        found: list[float] = json.load(answer)
    return found


def until_whole(running: Bench, code: str, size: int = len(DATA)) -> None:
    """Wait until all has been acknowledged."""
    deadline = time.monotonic() + DEADLINE
    while progress(running, code)[:2] != [size, size]:
        assert time.monotonic() < deadline, progress(running, code)
        time.sleep(0.05)


def test_a_whole_file(running: Bench, artifact: Artifact) -> None:
    """All of it, with its length, its digests and its tag, on a connection that lives on."""
    path = running.path(artifact, "whole")
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=DEADLINE)
    for _ in range(3):
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.headers["Content-Length"] == "1500000"
        assert "Transfer-Encoding" not in answer.headers
        assert answer.headers["ETag"] == f'"{hashlib.sha256(DATA).hexdigest()}"'
        assert answer.headers["x-MD5"] == hashlib.md5(DATA, usedforsecurity=False).hexdigest()
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.read() == DATA
    connection.close()
    until_whole(running, "whole")


@pytest.mark.parametrize("extra", ["", "X-Any: thing\n", "If-Match: *\n"])
def test_an_esp_with_http_1_0(running: Bench, artifact: Artifact, extra: str) -> None:
    """HTTP/1.0 is answered with a length, and the end behind it; the loop's answers too."""
    path = running.path(artifact, "esp")
    request = f"GET {path} HTTP/1.0\nHost: 127.0.0.1:{running.port}\n{extra}\n"
    for _ in range(3):
        head, _, body = exchanged(running, request).partition(b"\r\n\r\n")
        assert head.split(b" ", 1)[1].startswith(b"200 OK\r\n")
        assert b"\r\nContent-Length: 1500000\r\n" in head + b"\r\n"
        assert body == DATA


def test_the_first_answer_and_the_next(running: Bench, artifact: Artifact) -> None:
    """What the view says through Flask and what the loop says by itself have the same fields."""
    path = running.path(artifact, "same")
    for wanted in ("bytes=100-199", "bytes=0-", "bytes=-7", "bytes=0-0,1-1"):
        first = asked(running, "GET", path, Range=wanted, X_Slow="a", If_Match="*")
        for _ in range(2):
            status, said, body = asked(running, "GET", path, Range=wanted)
            assert (status, body) == (first[0], first[2])
            own = {"Date", "Server", "Connection"}
            assert {k: v for k, v in said.items() if k not in own} == {
                k: v for k, v in first[1].items() if k not in own
            }


@pytest.mark.parametrize("via", ["view", "loop"])
def test_esp_https_ota(running: Bench, artifact: Artifact, via: str) -> None:
    """HEAD for the length, then 64 KiB at a time, on a new connection each."""
    path = running.path(artifact, f"ota{via}")
    status, said, body = asked(running, "HEAD", path)
    assert (status, said["Content-Length"], body) == (200, "1500000", b"")
    found = b""
    while len(found) < 1_500_000:
        last = min(len(found) + 65535, 1_499_999)
        extra = {"If_Match": "*"} if via == "view" else {}
        status, said, body = asked(
            running, "GET", path, Range=f"bytes={len(found)}-{last}", **extra
        )
        assert (status, len(body)) == (206, last - len(found) + 1)
        assert said["Content-Range"] == f"bytes {len(found)}-{last}/1500000"
        found += body
    assert found == DATA
    until_whole(running, f"ota{via}")


@pytest.mark.parametrize(
    ("headers", "status", "length"),
    [
        ({"Range": "bytes=1500000-"}, 416, 0),
        ({"Range": "bytes=5-9", "If_Range": '"other"'}, 200, 1_500_000),
        ({"If_Match": '"other"'}, 412, 0),
        ({"If_None_Match": "*"}, 304, 0),
        ({"Range": "chunks=1-2"}, 200, 1_500_000),
        ({"Accept_Encoding": "gzip", "Range": "bytes=5-9"}, 206, 5),
    ],
)
def test_conditions(
    running: Bench, artifact: Artifact, headers: dict[str, str], status: int, length: int
) -> None:
    """As RFC 9110 has them, also once the loop could answer by itself."""
    path = running.path(artifact, "conditions")
    for _ in range(2):
        found = asked(running, "GET", path, **headers)
        assert (found[0], len(found[2])) == (status, length)
        if status == 416:
            assert found[1]["Content-Range"] == "bytes */1500000"


@pytest.mark.parametrize("harm", ["sha256", "code", "gone"])
def test_no_ticket(running: Bench, artifact: Artifact, harm: str) -> None:
    """Another file, another code, or a ticket that has ended: nothing is to be had."""
    path = running.path(artifact, f"no-{harm}")
    assert asked(running, "HEAD", path)[0] == 200
    if harm == "gone":
        (running.folder / "tickets" / "no-gone").unlink()
    changed = {"sha256": (artifact.sha256, "0" * 64), "code": ("no-code", "no-cod")}
    status, said, _ = asked(running, "GET", path.replace(*changed.get(harm, ("", ""))))

    assert status == 404
    assert "immutable" not in said.get("Cache-Control", "")


def test_a_ticket_that_ends(running: Bench, artifact: Artifact) -> None:
    """The loop knows no longer than two seconds what the bench has forgotten."""
    path = running.path(artifact, "ends")
    assert asked(running, "GET", path, Range="bytes=0-9")[0] == 206
    (running.folder / "tickets" / "ends").unlink()
    deadline = time.monotonic() + 4
    while asked(running, "GET", path, Range="bytes=0-9")[0] != 404:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_ticket_that_is_revoked(tmp_path: Path) -> None:
    """At once, and in the middle of a download."""
    with bench(tmp_path) as one, socket.socket() as client:
        shelf = Shelf(tmp_path / "shelf", kept=0)
        path = one.path(shelf.add([DATA], "fw.bin", "x", "1", override="Lea"), "revoked")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 131072)
        client.settimeout(DEADLINE)
        client.connect(("127.0.0.1", one.port))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{one.port}\r\n\r\n".encode())
        assert client.recv(1000)
        before = one.descriptors()
        (tmp_path / "tickets" / "revoked").unlink()
        asked(one, "GET", "/revoke/revoked")
        deadline = time.monotonic() + DEADLINE
        # The connection and the file.
        while one.descriptors() > before - 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        # What lay in both buffers comes, and then the end.
        assert len(b"".join(iter(lambda: client.recv(65536), b""))) < 1_200_000
        assert asked(one, "GET", path, Range="bytes=0-9")[0] == 404


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl_resumes(running: Bench, artifact: Artifact, tmp_path: Path) -> None:
    """Cut again and again, it goes on where it was; the wall counts each byte once."""
    path, file = running.path(artifact, "curl"), tmp_path / "fw.bin"
    for _ in range(6):
        argv = [
            "curl",
            "-sf",
            "-C",
            "-",
            "-o",
            str(file),
            "--limit-rate",
            "1M",
            "--max-time",
            "0.3",
        ]
        subprocess.run([*argv, running.url(path)], check=False)
    assert file.stat().st_size > 0
    subprocess.run(["curl", "-sf", "-C", "-", "-o", file, running.url(path)], check=False)

    assert file.read_bytes() == DATA
    until_whole(running, "curl")


@pytest.mark.skipif(not shutil.which("aria2c"), reason="needs aria2")
def test_aria2_by_many_connections(running: Bench, artifact: Artifact, tmp_path: Path) -> None:
    """Five at once, pieces all over the file; killed in the middle it goes on."""
    path = running.path(artifact, "aria2")
    argv = [
        "aria2c", "-q", "-c", "-x5", "-s5", "-k", "1M", "--min-split-size=1M", "--no-conf",
        "--file-allocation=none", f"--checksum=sha-256={artifact.sha256}",
        "-d", str(tmp_path), "-o", "fw.bin", running.url(path),
    ]  # fmt: skip
    with subprocess.Popen([*argv, "--max-download-limit=800K"]) as first:
        time.sleep(1)
        first.kill()
    subprocess.run(argv, check=True, timeout=30)

    assert (tmp_path / "fw.bin").read_bytes() == DATA
    until_whole(running, "aria2")


def test_beside_the_stalled(running: Bench, artifact: Artifact) -> None:
    """200 that have asked and do not read: pages, probes and files come as ever."""
    path, crowd = running.path(artifact, "stalled"), []
    for number in range(200):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(DEADLINE)
        client.bind((f"127.0.2.{number + 1}", 0))
        client.connect(("127.0.0.1", running.port))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n\r\n".encode())
        crowd.append(client)
    for client in crowd:
        assert client.recv(12) == b"HTTP/1.1 200"
    assert asked(running, "GET", "/")[2] == b"a page"
    assert asked(running, "GET", "/x", Host="captive.apple.com")[0] == 302
    assert asked(running, "GET", running.path(artifact, "fine"))[2] == DATA
    before = running.descriptors()
    for client in crowd:
        client.close()
    deadline = time.monotonic() + DEADLINE
    while running.descriptors() > before - 200:
        assert time.monotonic() < deadline, "descriptors have stayed open"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_files_to_the_end_when_we_go(tmp_path: Path, number: signal.Signals) -> None:
    """A signal in the middle of a download: it is finished first, within the grace period.

    With SIGHUP by a child, so that a successor can begin at once.
    """
    with bench(tmp_path) as one:
        shelf = Shelf(tmp_path / "shelf", kept=0)
        path = one.path(shelf.add([DATA], "fw.bin", "x", "1", override="Lea"))
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 131072)
            client.settimeout(DEADLINE)
            client.connect(("127.0.0.1", one.port))
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{one.port}\r\n\r\n".encode())
            found = client.recv(10_000)
            one.process.send_signal(number)
            if number == signal.SIGHUP:
                assert one.process.wait(DEADLINE) == 0
            found += b"".join(iter(lambda: client.recv(65536), b""))
        assert len(found.partition(b"\r\n\r\n")[2]) == len(DATA)
        assert found.endswith(DATA[-1000:])
        assert one.process.wait(DEADLINE) == 0


def test_under_another_server(tmp_path: Path) -> None:
    """The same answers as ordinary bodies, and the file is closed behind them."""
    shelf = Shelf(tmp_path / "shelf", kept=0)
    artifact = shelf.add([DATA], "fw.bin", "x", "1", override="Lea")
    (tmp_path / "code").write_text(artifact.sha256)
    app = Flask(__name__)
    tickets = Tickets(tmp_path, shelf)
    app.register_blueprint(blueprint(tickets, shelf, Progress(time.monotonic)))
    client, ticket = app.test_client(), tickets.ticket("code")
    assert ticket
    before = len([*Path("/proc/self/fd").iterdir()])
    with client.get(ticket.path, headers={"Range": "bytes=70000-"}) as answer:
        assert answer.status_code == 206
        assert answer.data == DATA[70000:]
        assert answer.headers["ETag"] == fields.etag(artifact)
    with client.head(ticket.path) as answer:
        assert answer.headers["Content-Length"] == "1500000"
    assert len([*Path("/proc/self/fd").iterdir()]) == before
    (shelf.folder / artifact.sha256).write_bytes(b"changed")
    with client.get(ticket.path) as answer:
        assert answer.status_code == 410


def test_many_threads_read_progress(running: Bench, artifact: Artifact) -> None:
    """While the loop tells of it, others ask: nobody sees more than the file has."""
    path, seen = running.path(artifact, "seen"), []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.append(progress(running, "seen")[0])

    watchers = [threading.Thread(target=look) for _ in range(3)]
    for one in watchers:
        one.start()
    for _ in range(5):
        assert asked(running, "GET", path)[2] == DATA
    until_whole(running, "seen")
    stop.set()
    for one in watchers:
        one.join(DEADLINE)

    assert max(seen) <= len(DATA)
