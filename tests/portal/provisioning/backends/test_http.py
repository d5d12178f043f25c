"""The backend `http` against an honest server under TLS: what is sent, and how it is proven."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from pathlib import Path
from typing import Any

import pytest

from portal.provisioning.backend import Delivered, Rejected, Retry
from portal.provisioning.record import to_json
from tests.certificates import Issued, issue
from tests.portal.provisioning.backends import delivering
from tests.portal.provisioning.backends.delivering import port, why
from tests.portal.provisioning.backends.servers import Sink, sink
from tests.portal.provisioning.fakes import a_record

folder = delivering.folder
root = delivering.root
site = delivering.site
server = delivering.server
make = delivering.make


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
