"""The backend `http` and places where no record may go: not a byte of one is sent."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from portal.provisioning.backend import Misconfigured, Retry
from tests.certificates import Issued, authority, issue
from tests.hotspot.real import program
from tests.portal.provisioning.backends import delivering
from tests.portal.provisioning.backends.delivering import LOOPBACK, port, why
from tests.portal.provisioning.backends.servers import Sink, sink
from tests.portal.provisioning.fakes import a_record

folder = delivering.folder
root = delivering.root
site = delivering.site
server = delivering.server
make = delivering.make


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
