"""`python -m portal` as the process it is, over real sockets."""

from __future__ import annotations

import http.client
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import probes
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import State
from tests.portal.fakes import neighbourhood
from tests.portal.reading import Page, token_in
from tests.portal.serving import Portal, portal_process

CANARY = "kanarienvogel-4711"
PROBE = b"GET /hotspot-detect.html HTTP/1.1\r\nHost: captive.apple.com\r\n\r\n"

# struct tcp_info (include/uapi/linux/tcp.h): tcpi_data_segs_in stands after 152 bytes.
_DATA_SEGMENTS_IN = 152


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal for the tests that leave it running."""
    with portal_process(tmp_path_factory.mktemp("portal")) as running:
        yield running


def segments(connection: socket.socket) -> int:
    """How many TCP segments with data this end has received."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _DATA_SEGMENTS_IN + 4)
    (count,) = struct.unpack_from("=I", info, _DATA_SEGMENTS_IN)
    return int(count)


def to_the_end(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def split(answer: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """Status line, headers by lower-case name, body."""
    start, _, body = answer.partition(b"\r\n\r\n")
    line, *fields = start.split(b"\r\n")
    return line, {f.partition(b": ")[0].lower(): f.partition(b": ")[2] for f in fields}, body


def test_a_probe_is_answered_in_one_segment(portal: Portal) -> None:
    """302, the exact length, the ready body, the end of the connection: one segment."""
    with portal.connect() as connection:
        connection.sendall(PROBE)
        line, headers, body = split(to_the_end(connection))

        assert segments(connection) == 1
    assert line == b"HTTP/1.1 302 Found"
    assert headers[b"location"] == portal.url.encode()
    assert headers[b"content-length"] == str(len(body)).encode()
    assert headers[b"connection"] == b"close"
    assert headers[b"cache-control"] == b"no-store"
    assert b"transfer-encoding" not in headers
    assert b"server" not in headers
    assert body == probes.captive(portal.url).body


def test_head_is_the_same_without_the_body(portal: Portal) -> None:
    """Same headers, length included, and nothing after them."""
    _, headers, body = split(portal.exchange(PROBE.replace(b"GET", b"HEAD")))

    assert headers[b"content-length"] == str(len(probes.captive(portal.url).body)).encode()
    assert body == b""


@pytest.mark.parametrize("host", [b"Host: www.apple.com\r\n", b""])
def test_probers_of_old(portal: Portal, host: bytes) -> None:
    """HTTP/1.0, with a Host and without."""
    line, headers, body = split(
        portal.exchange(b"GET /library/test/success.html HTTP/1.0\r\n" + host + b"\r\n")
    )

    assert line.split(b" ", 1)[1] == b"302 Found"
    assert headers[b"connection"] == b"close"
    assert body == probes.captive(portal.url).body


def test_an_absolute_target_of_another_host(portal: Portal) -> None:
    """The target names the host, whatever the header says (RFC 9112 3.2.2)."""
    own = portal.url.split("/")[2].encode()
    line, headers, _ = split(
        portal.exchange(
            b"GET http://captive.apple.com/ HTTP/1.1\r\nHost: "
            + own
            + b"\r\nConnection: close\r\n\r\n"
        )
    )

    assert line == b"HTTP/1.1 302 Found"
    assert headers[b"location"] == portal.url.encode()


def test_pages_share_a_connection(portal: Portal) -> None:
    """Keep-alive under our own name: two pages, one segment each, on one connection."""
    connection = http.client.HTTPConnection(*portal.address, timeout=10)
    try:
        for count in (1, 2):
            connection.request("GET", "/")
            answer = connection.getresponse()
            page = answer.read()
            assert answer.status == 200
            assert answer.getheader("Content-Length") == str(len(page))
            assert answer.getheader("Connection") == "keep-alive"
            assert isinstance(connection.sock, socket.socket)
            assert segments(connection.sock) == count
    finally:
        connection.close()


def test_the_scan_is_on_the_page(portal: Portal) -> None:
    """What stands in the run directory is what a person can choose."""
    page = Page(_ask(portal, "GET", "/")[1])

    assert [each.text for each in page.all("bdi")] == [n.label for n in neighbourhood()]


def _ask(portal: Portal, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(*portal.address, timeout=10)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    if body:
        body += f"&token={token_in(_ask(portal, 'GET', '/?new=1')[1])}"
    try:
        connection.request(method, path, body, kind)
        answer = connection.getresponse()
        location = answer.getheader("Location") or ""
        return answer.status, answer.read().decode() if answer.status != 303 else location
    finally:
        connection.close()


def test_the_life_of_a_form(tmp_path: Path) -> None:
    """Posted, durably kept, the doorbell rung, its page told; the password nowhere outside."""
    bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with bell, portal_process(tmp_path) as portal:
        bell.bind(str(tmp_path / "deliver.sock"))
        bell.settimeout(10)
        status, location = _ask(
            portal, "POST", "/setup", f"network={neighbourhood()[0].id}&passphrase={CANARY}"
        )
        assert status == 303
        assert location.startswith(f"{portal.url}setup/")
        assert bell.recv(16)

        path = location.removeprefix(portal.url.rstrip("/"))
        status, text = _ask(portal, "GET", path)
        assert (status, Page(text).one("h1").text) == (200, "Saved")
        with Store(tmp_path / "records.db") as store:
            life = store.state(location.rpartition("/")[2])
            assert life is not None
            assert life.state is State.ACCEPTED
        for pid in portal.processes():
            for name in ("cmdline", "environ"):
                assert CANARY.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
    assert CANARY not in portal.stderr()


def test_sigterm_ends_it_well(tmp_path: Path) -> None:
    """Exit status 0, one line of counts, and no path in the log."""
    with portal_process(tmp_path) as portal:
        portal.exchange(PROBE)
        _ask(portal, "GET", "/a-path-of-mine")
        portal.process.send_signal(signal.SIGTERM)

        assert portal.process.wait(timeout=20) == 0
    assert portal.stderr() == "portal: 1 probes, 1 served, 0 refused\n"


def test_a_state_directory_that_is_not_there(tmp_path: Path) -> None:
    """The page is served all the same, and a form is told that it could not be saved."""
    with portal_process(tmp_path, neighbourhood(), f"--state={tmp_path}/file/state") as portal:
        (tmp_path / "file").touch()
        assert _ask(portal, "GET", "/")[0] == 200

        status, text = _ask(portal, "POST", "/setup", "ssid=x&passphrase=12345678")
    assert status == 503
    assert "could not be saved" in text


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m portal` that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "portal", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


URL = "--url=http://127.0.0.1/"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([URL], "give --bind HOST:PORT"),
        ([], "--url"),
        (["--url=https://a/"], "an absolute URL"),
        (["--url=/"], "an absolute URL"),
        (["--url=http://ä/"], "an absolute URL"),
        ([URL, "--bind=8080"], "HOST:PORT"),
        ([URL, "--bind=127.0.0.1:66000"], "HOST:PORT"),
    ],
)
def test_usage(arguments: list[str], words: str) -> None:
    """Exit status 2 and what to write instead."""
    ended = run(*arguments)

    assert ended.returncode == 2
    assert words in ended.stderr


def test_settings_that_are_wrong(tmp_path: Path) -> None:
    """Exit status 2, with the file, the key and what is allowed."""
    file = tmp_path / "config.toml"
    file.write_text('[radio]\ncountry = "DE"\n[portal]\nthreads = 0\n')
    ended = run(URL, f"--config={file}")

    assert ended.returncode == 2
    assert ended.stderr == f"{file}: portal.threads = 0: a whole number from 1 to 64\n"


def test_settings_that_are_not_there(tmp_path: Path) -> None:
    """Exit status 1 and the file's name."""
    ended = run(URL, f"--config={tmp_path}/none.toml")

    assert ended.returncode == 1
    assert ended.stderr == f"{tmp_path}/none.toml: No such file or directory\n"


def test_an_address_that_is_taken() -> None:
    """Exit status 1 at once, with the address."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        address = f"127.0.0.1:{holder.getsockname()[1]}"
        ended = run(URL, f"--bind={address}")

    assert ended.returncode == 1
    assert "Address already in use" in ended.stderr
    assert address in ended.stderr


def test_the_deliveries_are_those_of_the_settings(tmp_path: Path) -> None:
    """A record is accepted for every delivery that the settings name."""
    file = tmp_path / "config.toml"
    file.write_text(
        '[radio]\ncountry = "DE"\n[portal]\nthreads = 2\n'
        '[delivery.one]\nbackend = "file"\n[delivery.two]\nbackend = "file"\n'
    )
    with portal_process(tmp_path, neighbourhood(), f"--config={file}") as portal:
        _, location = _ask(portal, "POST", "/setup", "ssid=x&passphrase=12345678")
        with Store(tmp_path / "records.db") as store:
            life = store.state(location.rpartition("/")[2])

    assert life is not None
    assert [each.name for each in life.deliveries] == ["one", "two"]


def test_a_refusal_comes_at_once() -> None:
    """The command line is read before Flask, SQLite and the templates are loaded."""
    code = "import portal.__main__, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert not {"flask", "jinja2", "sqlite3", "gunicorn", "pyroute2", "click"} & set(loaded)
