"""The protocols as bytes on the wire, through the real event loop: versions, hosts, bad input."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.bench.devices.states import State
from tests.portal.bench.shop import Shop, shop, wait_until
from tests.portal.bench.simulators.test_room import IMAGE

MAC = "02:00:00:00:00:01"
ESP = f"User-Agent: ESP32-http-Update\r\nx-ESP32-STA-MAC: {MAC}\r\nx-ESP32-version: 1.0\r\n"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A bench with two devices: one known by its MAC, one by its serial number."""
    with shop(tmp_path_factory.mktemp("shop")) as made:
        made.stock(IMAGE, "lamp.bin")
        made.furnish(
            [
                {"id": "SN-1", "serial": "SN-1", "mac": MAC, "product": "lamp"},
                {"id": "SN-2", "serial": "SN-2", "product": "lamp"},
            ]
        )
        made.start()
        yield made


def exchange(here: Shop, request: bytes) -> bytes:
    """All that is answered until the end of the stream."""
    with socket.create_connection(here.place, timeout=20) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_an_esp_is_served_as_it_asks(here: Shop) -> None:
    """HTTP/1.0, a built-in host, any path: a length, an MD5, the whole image, and the end."""
    request = f"GET /any/path.php?x=1 HTTP/1.0\r\nHost: ota.acme.example\r\n{ESP}\r\n"

    head, _, body = exchange(here, request.encode()).partition(b"\r\n\r\n")

    assert head.startswith((b"HTTP/1.0 200", b"HTTP/1.1 200"))
    assert f"Content-Length: {len(IMAGE)}".encode() in head
    assert b"chunked" not in head.lower()
    assert b"x-md5:" in head.lower()
    assert body == IMAGE
    wait_until(lambda: here.devices()["SN-1"].state in {State.FLASHING, State.REBOOTING})


def test_one_line_serves_all_of_a_job(here: Shop) -> None:
    """Poll, attributes, deployment and bytes on one connection, as Zephyr asks; under any host."""
    base = "/DEFAULT/controller/v1/SN-2"
    with socket.create_connection(here.place, timeout=20) as line, line.makefile("rb") as heard:

        def ask(method: str, path: str, body: bytes = b"") -> bytes:
            length = f"Content-Length: {len(body)}\r\n" if body else ""
            head = f"{method} {path} HTTP/1.1\r\nHost: hawkbit.acme.example:8080\r\n{length}\r\n"
            line.sendall(head.encode() + body)
            assert heard.readline().startswith(b"HTTP/1.1 200")
            fields = dict(
                field.decode().lower().strip().split(": ", 1)
                for field in iter(heard.readline, b"\r\n")
            )
            return heard.read(int(fields["content-length"]))

        assert b"deploymentBase" in ask("GET", base)
        ask("PUT", f"{base}/configData", b'{"mode":"merge","data":{"VIN":"x"}}')
        link = ask("GET", base).partition(b'"deploymentBase":{"href":"')[2].partition(b'"')[0]
        assert link.startswith(b"http://hawkbit.acme.example:8080/DEFAULT/")
        job = ask("GET", link.partition(b":8080")[2].decode())
        href = job.partition(b'"download-http":{"href":"')[2].partition(b'"')[0]
        assert ask("GET", href.partition(b":8080")[2].decode()) == IMAGE


LONG = b"x" * 70_000
BAD = [
    (b"GET /DEFAULT/controller/v1/" + LONG + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"431"),
    (b"POST /bench/v1/report HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n" + LONG, b"413"),
    (
        b"POST /bench/v1/report HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"411",
    ),
    (b"PUT /DEFAULT/controller/v1/SN-2/configData HTTP/1.0\r\nHost: a\r\n\r\n", b"400"),
    (
        b"GET /bench/files/" + b"0" * 64 + b"/../../etc/passwd HTTP/1.1\r\nHost: a\r\n"
        b"Connection: close\r\n\r\n",
        b"404",
    ),
    (b"POST /bench/files/drop HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", b"421"),
    (b"GET /ci/..%2f..%2fetc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"404"),
    (b"GET /bench HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"302"),
    (b"POST /bench/sign-in HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"421"),
    (
        b"GET /bench/wall HTTP/1.1\r\nHost: a\r\n" + ESP.encode() + b"Connection: close\r\n\r\n",
        b"304",
    ),
    (
        b"GET /DEFAULT/controller/v1/X HTTP/1.0\r\nHost:\r\nAuthorization: GatewayToken x\r\n\r\n",
        b"401",
    ),
    (b"GET /bench/v1/me?serial=%00%ff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"401"),
]


@pytest.mark.parametrize(("request_", "status"), BAD)
def test_bad_input_has_a_plain_answer(here: Shop, request_: bytes, status: bytes) -> None:
    """Its status, few words, and nothing of this machine or of another device in it."""
    test_done(here)

    answer = exchange(here, request_)

    assert answer.split(b" ")[1] == status
    for word in (b"Traceback", b"root:", b"SN-1", str(Path(__file__).parents[4]).encode()):
        assert word not in answer
    assert "Traceback" not in here.log()


def test_done(here: Shop) -> None:
    """The first device runs the image, and is done by that."""
    digest = here.devices()["SN-1"]
    if digest.state is not State.PROVISIONED:
        head = f"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{ESP}".replace(
            "1.0\r\n", "2.0\r\n"
        )
        exchange(here, f"{head}\r\n".encode())
    wait_until(lambda: here.devices()["SN-1"].state is State.PROVISIONED)
