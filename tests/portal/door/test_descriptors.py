"""Bare descriptors: reading from them, and how many the portal may hold."""

from __future__ import annotations

import resource
import socket
from pathlib import Path

import pytest

from portal.door.descriptors import RECEIVE, receive
from portal.worker import DESCRIPTORS
from tests.portal import serving
from tests.portal.serving import Portal, portal_process


def limits(portal: Portal) -> tuple[int, int]:
    """Soft and hard, once it answers."""
    assert portal.exchange(b"GET / HTTP/1.1\r\nHost: captive.apple.com\r\n\r\n")
    return resource.prlimit(portal.process.pid, resource.RLIMIT_NOFILE)


@pytest.mark.parametrize(
    ("given", "kept"),
    [((1024, 8192), (DESCRIPTORS, 8192)), ((256, 512), (512, 512)), ((5000, 8192), (5000, 8192))],
)
def test_it_takes_what_it_is_allowed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: tuple[int, int],
    kept: tuple[int, int],
) -> None:
    """The soft limit is raised as far as is useful, never lowered, and the hard one left alone."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] < 8192:
        pytest.skip("this session's own hard limit is lower")
    monkeypatch.setattr("tests.portal.serving._HAND_ON", _limited(given))
    with portal_process(tmp_path) as portal:
        assert limits(portal) == kept


def test_a_small_table_is_never_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 256 descriptors in all, 300 silent clients leave room for a page and its database."""
    monkeypatch.setattr("tests.portal.serving._HAND_ON", _limited((256, 256)))
    with portal_process(tmp_path) as portal:
        silent = [portal.connect() for _ in range(300)]
        for client in silent:
            client.sendall(b"GET")
        page = b"GET /api/v1/setup/00000000-0000-4000-8000-000000000000 HTTP/1.1\r\nHost: "
        page += portal.url.split("/")[2].encode() + b"\r\nConnection: close\r\n\r\n"
        answers = [portal.exchange(page) for _ in range(3)]
        for client in silent:
            client.close()
    assert all(answer.startswith(b"HTTP/1.1 404 ") for answer in answers)


def _limited(limit: tuple[int, int]) -> str:
    """A start of the portal under other limits; set in the child, which alone is bound by them."""
    setting = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, {limit})"
    return f"{setting}\n{serving._HAND_ON}"


def test_what_has_come_is_received() -> None:
    """As bytes of their own, a buffer at a time; an empty end; nothing yet is told apart."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        with pytest.raises(BlockingIOError):
            receive(ours.fileno(), RECEIVE)
        theirs.sendall(b"firsts")
        first = receive(ours.fileno(), 5)
        theirs.sendall(b"s" * (RECEIVE - 1) + b"third")
        assert receive(ours.fileno(), RECEIVE) == b"s" * RECEIVE
        assert receive(ours.fileno(), RECEIVE) == b"third"
        assert first == b"first", "not overwritten"
        theirs.close()
        assert receive(ours.fileno(), RECEIVE) == b""
    with pytest.raises(OSError, match="Bad file descriptor"):
        receive(-1, 5)
