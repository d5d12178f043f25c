"""The backend `http` against real servers under TLS: honest ones, liars, and wrong addresses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.provisioning.backend import Delivered, Misconfigured, Outcome, Rejected, Retry
from portal.provisioning.backends.http import HttpBackend
from portal.provisioning.record import to_json
from tests.certificates import Issued, authority, issue
from tests.hotspot.real import program
from tests.portal.provisioning.backends.servers import Sink, liar, sink
from tests.portal.provisioning.fakes import a_record

LOOPBACK = "subjectAltName=IP:127.0.0.1,DNS:localhost"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the certificates are."""
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def root(folder: Path) -> Issued:
    """The authority that the settings pin."""
    return authority(folder, "root")


@pytest.fixture(scope="module")
def site(folder: Path, root: Issued) -> Issued:
    """The certificate of 127.0.0.1."""
    return issue(folder, "site", LOOPBACK, by=root)


@pytest.fixture
def server(site: Issued) -> Iterator[Sink]:
    """An honest server."""
    with sink(site) as running:
        yield running


@pytest.fixture
def make(root: Issued) -> Iterator[Callable[..., HttpBackend]]:
    """Makes a backend for a port of loopback; its connections are closed at the end."""
    made: list[HttpBackend] = []

    def make(port: int, path: str = "/records/{id}", **options: object) -> HttpBackend:
        given = {
            "url": f"https://127.0.0.1:{port}{path}", "ca": str(root.certificate),
            "local": True, "timeout": 20, "site": "north", "appliance": "a1", **options,
        }  # fmt: skip
        made.append(HttpBackend(given, "/nowhere"))
        return made[-1]

    yield make
    for each in made:
        each.close()


def port(server: Sink) -> int:
    """Where it listens."""
    return int(server.server_address[1])


def why(outcome: Outcome) -> str:
    """The reason to try again."""
    assert isinstance(outcome, Retry), outcome
    return outcome.why


def test_a_record_arrives(server: Sink, make: Any) -> None:
    """The document itself, with its id as the key, at the URL of the settings."""
    record = a_record(fields={"room": "cellar"})
    assert make(port(server)).apply(record) == Delivered()
    ((method, path, headers, body),) = server.requests

    assert (method, path, body) == ("POST", f"/records/{record.id}", to_json(record))
    assert headers["Idempotency-Key"] == record.id
    assert headers["Content-Type"] == "application/json"


def test_one_connection_for_many(server: Sink, make: Any) -> None:
    """The handshake is made once while the server keeps the connection."""
    backend = make(port(server))
    for _ in range(5):
        assert backend.apply(a_record()) == Delivered()

    assert (len(server.effects), server.connections) == (5, 1)


def test_a_kept_connection_that_is_gone(server: Sink, make: Any) -> None:
    """A server that restarted in between is simply connected to again."""
    backend = make(port(server))
    backend.apply(a_record())
    server.answers = [(201, {"Connection": "close"}, b"")]
    backend.apply(a_record())

    assert backend.apply(a_record()) == Delivered()
    assert server.connections == 2


def test_twice_is_once(server: Sink, make: Any) -> None:
    """A second delivery has the same key, so it has no second effect."""
    record = a_record()
    for _ in range(2):
        assert make(port(server)).apply(record) == Delivered()

    assert (len(server.requests), len(server.effects)) == (2, 1)


def test_templates(server: Sink, make: Any, tmp_path: Path) -> None:
    """What varies is percent-encoded in the URL, and fit for a header."""
    (tmp_path / "token").write_text("t0ken\n")
    (tmp_path / "token").chmod(0o600)
    headers = {"X-Api-Key": "key {token}", "X-Where": "{site}/{field.room}"}
    record = a_record(fields={"room": "Küche/../#1"})
    backend = make(
        port(server), "/{site}/{field.room}?a={appliance}", method="PUT", headers=headers,
        token=str(tmp_path / "token"),
    )  # fmt: skip
    backend.apply(record)
    ((method, path, sent, _),) = server.requests

    assert (method, path) == ("PUT", "/north/K%C3%BCche%2F..%2F%231?a=a1")
    assert sent["X-Api-Key"] == "key t0ken"
    assert sent["X-Where"] == "north/K%C3%BCche%2F..%2F%231"
    assert "Authorization" not in sent


def test_a_field_that_is_missing(server: Sink, make: Any) -> None:
    """A record the URL cannot be made of will not be later either."""
    outcome = make(port(server), "/{field.serial}").apply(a_record())

    assert outcome == Rejected('the record has no field "serial", which the settings name')
    assert not server.requests


@pytest.mark.parametrize("room", [".", ".."])
def test_no_value_leads_up(server: Sink, make: Any, room: str) -> None:
    """A person cannot send a record to another path of the server."""
    backend = make(port(server), "/records/{field.room}/x")

    assert isinstance(backend.apply(a_record(fields={"room": room})), Rejected)
    assert backend.apply(a_record(fields={"room": "..."})) == Delivered()
    assert [path for _, path, _, _ in server.requests] == ["/records/.../x"]


def test_a_header_of_ones_own_replaces_the_usual(server: Sink, make: Any) -> None:
    """In whichever case it is written, it is sent once."""
    make(port(server), headers={"user-agent": "pump", "Accept": "*/*"}).apply(a_record())
    sent = [(name.lower(), value) for name, value in server.requests[0][2].items()]

    assert ("user-agent", "pump") in sent
    assert sorted(name for name, _ in sent if name in {"user-agent", "accept"}) == [
        "accept", "user-agent",
    ]  # fmt: skip


def test_bearer(server: Sink, make: Any, tmp_path: Path) -> None:
    """A token from a credential file is the usual header, and in nothing we say."""
    (tmp_path / "token").write_text("canary-5b21")
    (tmp_path / "token").chmod(0o600)
    backend = make(port(server), token=str(tmp_path / "token"))
    server.answers = [(401, {}, b'{"title": "canary-5b21 is unknown"}')]
    outcome = backend.apply(a_record())

    assert server.requests[0][2]["Authorization"] == "Bearer canary-5b21"
    assert "canary" not in why(outcome)


def test_signature(server: Sink, make: Any, tmp_path: Path) -> None:
    """Whoever has the key can check method, URL, body and id by RFC 9421."""
    (tmp_path / "key").write_bytes(b"\x00secret\xff")
    (tmp_path / "key").chmod(0o600)
    make(port(server), hmac=str(tmp_path / "key")).apply(a_record())
    ((method, path, headers, body),) = server.requests
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    parameters = headers["Signature-Input"].removeprefix("vestibule=")
    signed = "\n".join([
        f'"@method": {method}',
        f'"@target-uri": https://127.0.0.1:{port(server)}{path}',
        f'"content-digest": sha-256=:{digest}:',
        f'"content-type": {headers["Content-Type"]}',
        f'"idempotency-key": {headers["Idempotency-Key"]}',
        f'"@signature-params": {parameters}',
    ])  # fmt: skip
    expected = hmac.digest(b"\x00secret\xff", signed.encode(), "sha256")

    assert headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert re.search(r';created=\d+;keyid="a1";alg="hmac-sha256"$', parameters)
    assert headers["Signature"] == f"vestibule=:{base64.b64encode(expected).decode()}:"


def test_client_certificate(make: Any, site: Issued, root: Issued, folder: Path) -> None:
    """A server that asks who we are is shown the certificate of the settings."""
    client = issue(folder, "client", "extendedKeyUsage=clientAuth", by=root)
    with sink(site, clients=root.certificate) as server:
        shown = {"certificate": str(client.certificate), "key": str(client.key)}
        assert make(port(server), **shown).apply(a_record()) == Delivered()
        assert isinstance(make(port(server)).apply(a_record()), Retry)
        assert len(server.effects) == 1


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (200, {}, b"", Delivered()),
        (204, {}, b"", Delivered()),
        (409, {}, b"known", Delivered()),
        (400, {}, b'{"detail": "no such site"}', Rejected("status 400: no such site")),
        (422, {}, b"<html>", Rejected("status 422")),
        (429, {"Retry-After": "120"}, b"", Retry(120.0, "status 429", whole=True)),
        (503, {"Retry-After": "Sun, 01 Mar 2026 10:00:00 GMT",
               "Date": "Sun, 01 Mar 2026 09:30:00 GMT"}, b"", Retry(1800.0, "status 503")),
        (408, {}, b"", Retry(None, "status 408")),
        (500, {"Retry-After": "soon"}, b"", Retry(None, "status 500")),
    ],
)  # fmt: skip
def test_statuses(
    server: Sink, make: Any, status: int, headers: dict[str, str], body: bytes, expected: Outcome
) -> None:
    """Each class of status has its outcome."""
    server.answers = [(status, headers, body)]
    outcome = make(port(server)).apply(a_record())
    # http.server sends a Date of its own, before ours.
    assert type(outcome) is type(expected)
    assert outcome == expected or "Date" in headers


def test_not_our_page(server: Sink, make: Any) -> None:
    """HTML with 200 is somebody else's sign-in page, unless any answer will do."""
    page = (200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>Welcome</html>")
    server.answers = [page, page]

    assert "its answer is not JSON (text/html)" in why(make(port(server)).apply(a_record()))
    assert make(port(server), answer="any").apply(a_record()) == Delivered()


def lies() -> dict[str, Callable[[socket.socket], None]]:
    """What a server may do instead of answering."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

    def send(*parts: bytes) -> Callable[[socket.socket], None]:
        return lambda link: link.sendall(b"".join(parts))

    return {
        "cut short": send(head + b'Content-Length: 20\r\n\r\n{"ok"'),
        "cut in a chunk": send(head + b'Transfer-Encoding: chunked\r\n\r\n20\r\n{"ok"'),
        "no last chunk": send(head + b"Transfer-Encoding: chunked\r\n\r\n4\r\ntrue\r\n"),
        "no length, half": send(head + b'\r\n{"ok": tr'),
        "no length, empty": send(head + b"\r\n"),
        "cut in the head": send(b"HTTP/1.1 200 OK\r\nContent-Le"),
        "nothing": send(),
        "no HTTP": send(b"220 smtp.example ESMTP\r\n" * 3),
        "endless head": send(head, *[b"X: " + b"y" * 60_000 + b"\r\n"] * 200),
        "endless body": send(head + b"\r\n", *[b" " * 60_000] * 10),
        "redirect": send(
            b"HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n"
            b"Location: https://169.254.169.254/latest/meta-data/\r\n\r\n"
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", lies())
def test_liars(make: Any, site: Issued, name: str) -> None:
    """Whatever is not a whole answer is no delivery, and no rejection either."""
    with liar(site, lies()[name]) as at:
        outcome = make(at).apply(a_record())

    assert isinstance(outcome, Retry), outcome
    # The request had left: it may be this record that the server cannot take.
    assert not outcome.whole


@pytest.mark.parametrize("plain", [False, True])
def test_one_byte_at_a_time(make: Any, site: Issued, plain: bool) -> None:  # noqa: FBT001 - a parameter
    """A server that never stops talking slowly is left at the deadline."""
    seen = threading.Event()

    def dribble(link: socket.socket) -> None:
        try:
            for octet in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 600:
                link.sendall(bytes([octet]))
                seen.wait(0.1)
        except OSError:
            seen.set()
            raise

    more = {"tls": False} if plain else {}
    with liar(site, dribble, plain=plain) as at:
        backend = make(at, timeout=1, **more)
        if plain:
            backend._options = {**backend._options, "url": f"http://127.0.0.1:{at}/"}
        assert why(backend.apply(a_record())) == "no whole answer within 1 s"
        assert seen.wait(20)


def test_silence_in_the_handshake(make: Any) -> None:
    """A server that accepts and says nothing does not hold us either."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        outcome = make(listener.getsockname()[1], timeout=1).apply(a_record())

    assert why(outcome) == "no whole answer within 1 s"


def expired(folder: Path, root: Issued) -> Issued:
    """A certificate whose time was over yesterday; `openssl req` makes none."""
    fresh = issue(folder, "expired", LOOPBACK, by=root)
    (folder / "expired.ext").write_text(LOOPBACK)
    openssl = program("openssl")
    again: list[str | Path] = [
        openssl,
        "x509",
        "-x509toreq",
        "-in",
        fresh.certificate,
        "-signkey",
        fresh.key,
    ]
    request = subprocess.run(again, check=True, capture_output=True, timeout=20).stdout
    sign: list[str | Path] = [
        *(openssl, "x509", "-req", "-CA", root.certificate, "-CAkey", root.key, "-days", "-1"),
        *("-extfile", folder / "expired.ext", "-out", fresh.certificate),
    ]
    subprocess.run(sign, check=True, capture_output=True, input=request, timeout=20)
    return fresh


def test_wrong_certificates(make: Any, folder: Path, root: Issued) -> None:
    """Expired, for another name, or from another authority: no byte of a record is sent."""
    other = authority(folder, "other")
    cases = {
        "expired": (
            expired(folder, root),
            "certificate has expired",
        ),
        "named": (
            issue(folder, "named", "subjectAltName=DNS:elsewhere.example", by=root),
            "mismatch",
        ),
        "other": (issue(folder, "theirs", LOOPBACK, by=other), "unable to get local issuer"),
    }
    for certificate, words in cases.values():
        with sink(certificate) as server:
            outcome = make(port(server)).apply(a_record())
            assert words in why(outcome)
            assert not server.requests


def test_system_authorities_do_not_know_ours(server: Sink, make: Any) -> None:
    """Without a pinned authority those of the system count, and a test's is not among them."""
    outcome = make(port(server), ca=None).apply(a_record())

    assert "its certificate is not accepted" in why(outcome)


def test_nobody_there(make: Any, free_port: int) -> None:
    """A refused connection is told as such."""
    outcome = make(free_port).apply(a_record())

    assert outcome == Retry(None, "no connection: Connection refused", whole=True)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_refused(server: Sink, make: Any, host: str) -> None:
    """Whatever it is called, a record does not come back into the machine it left."""
    backend = make(port(server), local=False)
    backend._options = {**backend._options, "url": f"https://{host}:{port(server)}/"}

    assert "this machine itself; say local = true" in why(backend.apply(a_record()))
    assert server.connections == 0


def test_a_name_that_leads_astray(server: Sink, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is the address that is connected to, not the name nor an earlier answer."""
    answers = iter([("127.0.0.1", port(server)), ("169.254.169.254", port(server))])

    def resolve(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", next(answers))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    backend = make(port(server), local=False)
    backend._options = {**backend._options, "url": "https://backend.example/"}

    assert "127.0.0.1 is this machine itself" in why(backend.apply(a_record()))
    assert "169.254.169.254 is a link-local address" in why(backend.apply(a_record()))
    assert server.connections == 0


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_credential_others_can_read(make: Any, tmp_path: Path, mode: int) -> None:
    """It is refused before it is used, with the remedy."""
    (tmp_path / "token").write_text("canary")
    (tmp_path / "token").chmod(mode)
    with pytest.raises(Misconfigured, match="chmod 600") as refused:
        make(1, token=str(tmp_path / "token"))

    assert "canary" not in str(refused.value)


def test_what_a_server_repeats(server: Sink, make: Any) -> None:
    """A server that quotes a password in its reason finds it taken out."""
    record = a_record(passphrase="canary-5b21")
    said = json.dumps({"detail": "y" * 180 + "canary-5b21 is too short"}).encode()
    server.answers = [(422, {}, said)]
    outcome = make(port(server)).apply(record)

    assert isinstance(outcome, Rejected)
    assert "can" not in outcome.why
