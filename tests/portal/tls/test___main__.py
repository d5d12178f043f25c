"""The page and the captive portal API under TLS, over real sockets, certificate and all."""

from __future__ import annotations

import json
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.provisioning.keeping.store import Store
from tests.certificates import NAME, Shop, shop
from tests.portal.fakes import neighbourhood
from tests.portal.reading import token_in
from tests.portal.secured import API, Secured, converse, request, secured, to_the_end

SITE = f"https://{NAME}/"
PROBE = ("connectivitycheck.gstatic.com", "/generate_204")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The certificates for all of this."""
    return shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, made: Shop) -> Iterator[Secured]:
    """Both processes, for the tests that leave them running."""
    with secured(tmp_path_factory.mktemp("portal"), made) as both:
        yield both


def split(answer: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """Status line, headers by lower-case name, body."""
    start, _, body = answer.partition(b"\r\n\r\n")
    line, *fields = start.split(b"\r\n")
    return line, {f.partition(b": ")[0].lower(): f.partition(b": ")[2] for f in fields}, body


def test_the_api_of_a_captive_client(running: Secured) -> None:
    """Verified name and chain, exact bytes, the type and the caching that RFC 8908 asks for."""
    line, headers, body = split(running.exchange(request("GET", API, "Connection: close")))

    assert line == b"HTTP/1.1 200 OK"
    assert body == f'{{"captive": true, "user-portal-url": "{SITE}"}}'.encode()
    assert headers[b"content-type"] == b"application/captive+json"
    assert headers[b"cache-control"] == b"private"
    assert headers[b"content-length"] == str(len(body)).encode()


def test_head_of_the_api(running: Secured) -> None:
    """The same headers, and no body."""
    get = split(running.exchange(request("GET", API, "Connection: close")))
    head = split(running.exchange(request("HEAD", API, "Connection: close")))

    leave_out = {b"content-security-policy", b"date"}
    same = [{k: v for k, v in each[1].items() if k not in leave_out} for each in (get, head)]
    assert same[0] == same[1]
    assert head[0] == get[0]
    assert head[2] == b""


def test_a_trusted_chain_and_no_older_protocol(running: Secured) -> None:
    """TLS 1.3 by default; the chain is complete for whoever knows the root alone."""
    with running.connect() as connection:
        assert connection.version() == "TLSv1.3"
        assert ("DNS", NAME) in connection.getpeercert()["subjectAltName"]  # type: ignore[index]  # a dict


@pytest.mark.parametrize("name", ["www.google.com", f"www.{NAME}", "example.com", None])
def test_every_other_name_is_refused_at_once(running: Secured, name: str | None) -> None:
    """No certificate is offered under a stranger's name, so there is nothing to click away."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(running.address, timeout=10) as raw,
        pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"),
    ):
        context.wrap_socket(raw, server_hostname=name)


def test_the_name_in_capitals(running: Secured) -> None:
    """Names have no case (RFC 4343)."""
    with running.connect(NAME.upper()) as connection:
        connection.sendall(request("GET", API, "Connection: close", host=NAME.upper()))
        assert to_the_end(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("host", ["captive.apple.com", "127.0.0.1", ""])
def test_under_tls_only_the_name_is_ours(running: Secured, host: str) -> None:
    """Another Host inside our TLS is misdirected (RFC 9110 15.5.20), never redirected."""
    answer = running.exchange(request("GET", "/", "Connection: close", host=host))

    assert answer.startswith(b"HTTP/1.1 421 ")


def test_without_tls_there_is_no_api(running: Secured) -> None:
    """By the plain address it is not found; under the name it is a probe like any other."""
    own = running.url.split("/")[2]

    assert running.ask_plain(own, API)[0] == 404
    assert running.ask_plain(NAME, API)[0] == 302


def test_pages_share_a_connection(running: Secured) -> None:
    """Keep-alive: the page twice, whole, on one connection."""
    with running.connect() as connection:
        reader = connection.makefile("rb")
        for _ in range(2):
            connection.sendall(request("GET", "/"))
            status = reader.readline()
            fields = list(iter(reader.readline, b"\r\n"))
            (length,) = (each.split()[1] for each in fields if each.startswith(b"Content-Length:"))
            page = reader.read(int(length))
            assert status == b"HTTP/1.1 200 OK\r\n"
            assert b"</html>" in page
        reader.close()


def test_a_form_stays_under_tls(running: Secured) -> None:
    """Posted from our own origin it is kept, and leads to the page under the same name."""
    page = running.exchange(request("GET", "/", "Connection: close")).decode()
    wish = f"network={neighbourhood()[0].id}&passphrase=correct-horse"
    body = f"{wish}&token={token_in(page)}"
    kind = "Content-Type: application/x-www-form-urlencoded"
    line, headers, _ = split(
        running.exchange(
            request("POST", "/setup", kind, f"Origin: {SITE[:-1]}", "Connection: close", body=body)
        )
    )

    assert line == b"HTTP/1.1 303 SEE OTHER"
    location = headers[b"location"].decode()
    assert location.startswith(f"{SITE}setup/")
    with Store(running.folder / "records.db") as store:
        assert store.state(location.rpartition("/")[2]) is not None


def test_another_origin_is_refused(running: Secured) -> None:
    """A form of the plain page is another origin's, under TLS."""
    refused = request(
        "POST", "/release", f"Origin: {running.url[:-1]}", "Content-Length: 0", "Connection: close"
    )

    assert running.exchange(refused).startswith(b"HTTP/1.1 403 ")


def test_a_body_larger_than_we_take(running: Secured) -> None:
    """A megabyte is refused with words that reach the client, and its connection ends in peace."""
    with running.connect() as connection:
        answer = converse(connection, request("POST", "/setup", body="x" * 1_000_000))

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_bytes_in_small_pieces(running: Secured) -> None:
    """A request that comes one byte a record is a request."""
    with running.connect() as connection:
        for byte in request("GET", API, "Connection: close"):
            connection.send(bytes([byte]))
        assert b'"captive"' in to_the_end(connection)


def test_silent_ones_hold_up_nobody(running: Secured) -> None:
    """Beside forty who never speak, half of them in mid-handshake, one is answered."""
    silent = [socket.create_connection(running.address, timeout=10) for _ in range(40)]
    try:
        for each in silent[::2]:
            # The first record of a handshake, cut short (RFC 8446 5.1).
            each.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert running.api()["user-portal-url"] == SITE
    finally:
        for each in silent:
            each.close()


def test_what_is_no_tls(running: Secured) -> None:
    """A plain request on the TLS port ends, and the next is answered."""
    with socket.create_connection(running.address, timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            while connection.recv(1024):
                pass
        except ConnectionResetError:
            pass
    assert "captive" in running.api()


def test_released_by_one_door_and_known_at_the_other(tmp_path: Path, made: Shop) -> None:
    """One list of who is released: asked for under TLS, it holds for plain probes too."""
    with secured(tmp_path, made) as both:
        assert both.api()["captive"] is True
        assert both.ask_plain(*PROBE)[0] == 302
        release = request("POST", "/api/v1/release", "Content-Length: 0", "Connection: close")
        assert json.loads(split(both.exchange(release))[2]) == {"released": True}
        assert both.api() == {"captive": False, "user-portal-url": SITE}
        assert both.ask_plain(*PROBE) == (204, "")


def test_the_portal_is_replaced_behind_it(tmp_path: Path, made: Shop) -> None:
    """On SIGHUP the portal begins anew on the same sockets, and TLS goes on."""
    with secured(tmp_path, made) as both:
        assert both.api()["captive"] is True
        both.portal.send_signal(signal.SIGHUP)
        for _ in range(5):
            assert both.api()["captive"] is True
        assert both.portal.poll() is None


def test_both_end_when_told(tmp_path: Path, made: Shop) -> None:
    """SIGTERM: an idle connection is closed, both exit 0, nothing was complained of."""
    with secured(tmp_path, made) as both:
        assert both.api()["captive"] is True
        with both.connect():
            for process in (both.tls, both.portal):
                process.terminate()
                assert process.wait(20) == 0
        assert "Traceback" not in both.said()


def test_usage_and_certificate_are_refused_in_words(tmp_path: Path, made: Shop) -> None:
    """Without sockets it is usage, 2; with a foreign key 1; neither is a traceback."""
    from portal.tls import __main__ as tls  # noqa: PLC0415 - the process under test, asked in this one

    words = [f"--name={NAME}", f"--certificate={made.site.certificate}"]
    assert tls.main([*words, f"--key={made.site.key}"]) == 2
    foreign = Shop(made.root, made.middle, made.leaf, type(made.site)(
        made.site.certificate, made.root.key))  # fmt: skip
    with secured(tmp_path, foreign) as both:
        assert both.tls.wait(20) == 1
        assert "cannot be used (" in both.said()
        assert "Traceback" not in both.said()
