"""A disk that refuses, under the real portal: nobody reads "saved", phones still get their answers,
and it goes on without a restart.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from portal.provisioning.keeping.store import Store
from tests.portal.provisioning.test_unwritable import fill, small_disk
from tests.portal.reading import token_in
from tests.portal.serving import Portal, portal_process

__all__ = ["small_disk"]

DEADLINE = 30.0
NOTE = "x" * 400


def ask(portal: Portal, method: str, path: str, *, body: str = "", kind: str = "") -> str:
    """One request; the whole answer."""
    host = f"{portal.address[0]}:{portal.address[1]}"
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    if method == "POST":
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return portal.exchange(f"{head}\r\n{body}".encode()).decode()


def submit(portal: Portal) -> str:
    """One submission by the API."""
    wish = {"ssid": "Home", "passphrase": "correct horse", "fields": {"note": NOTE}}
    return ask(portal, "POST", "/api/v1/setup", body=json.dumps(wish), kind="application/json")


def by_form(portal: Portal) -> str:
    """One submission by the page."""
    form = {"network": "other", "ssid": "Home", "passphrase": "correct horse"}
    form["token"] = token_in(ask(portal, "GET", "/"))
    kind = "application/x-www-form-urlencoded"
    return ask(portal, "POST", "/setup", body=urlencode(form), kind=kind)


def status(answer: str) -> int:
    """The status of an answer."""
    return int(answer.split(" ", 2)[1])


def refuses(portal: Portal) -> None:
    """The person is told to try again, by page and API; probes and page are answered as ever."""
    told, page = submit(portal), by_form(portal)
    assert status(told) == status(page) == 503
    assert "could not be saved" in told
    assert "could not be saved" in page
    assert "Please try again" in page
    assert "correct horse" not in told + page
    request = b"GET /generate_204 HTTP/1.1\r\nHost: connectivitycheck.gstatic.com\r\n\r\n"
    probe = portal.exchange(request).decode()
    assert status(probe) == 302
    assert f"Location: {portal.url}" in probe
    assert status(ask(portal, "GET", "/")) == 200


def goes_on(portal: Portal) -> None:
    """It takes the next one, and is still the same process."""
    deadline = time.monotonic() + DEADLINE
    while status(answer := submit(portal)) != 202:
        assert time.monotonic() < deadline, answer
    assert portal.process.poll() is None


@contextmanager
def full(disk: Path, _: Portal) -> Iterator[None]:
    """No byte is free: not even for what SQLite has asked for before."""
    ballast = fill(disk)
    yield
    ballast.unlink()


@contextmanager
def refused(portal: Portal, call: str, error: str) -> Iterator[None]:
    """Every such call of the process fails so."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    argv = ["strace", "-f", "-qq", "-e", f"trace={call}", "-e", f"inject={call}:error={error}"]
    tracer = subprocess.Popen(
        [*argv, "-o", str(portal.folder / "trace"), "-p", str(portal.process.pid)]
    )
    deadline = time.monotonic() + DEADLINE
    threads = Path(f"/proc/{portal.process.pid}/task")
    while not all(_is_traced(each, tracer.pid) for each in threads.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    yield
    tracer.terminate()
    tracer.wait(DEADLINE)


def _is_traced(thread: Path, tracer: int) -> bool:
    try:
        told = (thread / "status").read_text()
    except OSError:
        return True  # it has ended
    return re.search(rf"TracerPid:\s+{tracer}\b", told) is not None


def failing_syncs(_: Path, portal: Portal) -> AbstractContextManager[None]:
    """The disk reports an error when it is asked to keep its word."""
    return refused(portal, "fdatasync", "EIO")


def read_only(_: Path, portal: Portal) -> AbstractContextManager[None]:
    """As a kernel does it to a file system that it does not trust any more. (One that files are
    open on for writing cannot be remounted.)
    """
    return refused(portal, "pwrite64", "EROFS")


@pytest.mark.parametrize("trouble", [full, read_only, failing_syncs])
def test_a_disk_in_trouble(
    tmp_path: Path,
    small_disk: Path,
    trouble: Callable[[Path, Portal], AbstractContextManager[None]],
) -> None:
    """Never "saved", probes all the time, and once the disk is well it is as before."""
    state = small_disk / "state"
    with portal_process(tmp_path, (), f"--state={state}") as portal:
        assert status(submit(portal)) == 202
        with trouble(small_disk, portal):
            # The first ones may still fit into pages that are there.
            for _ in range(400):
                if status(submit(portal)) == 503:
                    break
            refuses(portal)
        goes_on(portal)
        assert by_form(portal).startswith("HTTP/1.1 303")
    with Store(state / "records.db") as store:
        assert len(list(store.records())) >= 3
