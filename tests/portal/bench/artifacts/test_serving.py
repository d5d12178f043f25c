"""Files from the loop: by the real worker, to real clients."""

from __future__ import annotations

import hashlib
import http.client
import os
from collections.abc import Iterator

import pytest

from portal.bench.artifacts.shelf import Shelf
from portal.bench.port import Artifact
from tests.portal.bench.artifacts.site import Bench, bench

DATA = os.urandom(1_500_000)


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


def test_a_whole_file(running: Bench, artifact: Artifact) -> None:
    """All of it, with its length, its digests and its tag, on a connection that lives on."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    for _ in range(3):
        connection.request("GET", running.path(artifact))
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.headers["Content-Length"] == "1500000"
        assert answer.headers["ETag"] == f'"{hashlib.sha256(DATA).hexdigest()}"'
        assert answer.headers["x-MD5"] == hashlib.md5(DATA, usedforsecurity=False).hexdigest()
        assert answer.read() == DATA
    connection.close()
