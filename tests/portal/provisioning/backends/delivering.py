"""The backend `http` with a server under TLS that it may trust."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.provisioning.backend import Outcome, Retry
from portal.provisioning.backends.http import HttpBackend
from tests.certificates import Issued, authority, issue
from tests.portal.provisioning.backends.servers import Sink, sink

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
