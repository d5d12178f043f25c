"""What the loop answers by itself, against what the view would have said."""

from __future__ import annotations

import hashlib
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.artifacts import fields
from portal.bench.artifacts.fields import Quick
from portal.bench.port import Artifact

HOST = b"100.64.64.1"
DATA = bytes(1000)
FILE = Artifact(
    hashlib.sha256(DATA).hexdigest(),
    hashlib.sha1(DATA, usedforsecurity=False).hexdigest(),
    hashlib.md5(DATA, usedforsecurity=False).hexdigest(),
    1000, "fw.bin", "thermostat", "1.4.2",
)  # fmt: skip


def quick() -> Quick:
    """One that has seen nothing yet."""
    return Quick(FILE, HOST, lambda: 0.0)


def head(*lines: str, first: str = "GET /file HTTP/1.1") -> bytes:
    """A request's head."""
    return "".join(f"{line}\r\n" for line in (first, "Host: 100.64.64.1", *lines, "")).encode()


def test_a_range() -> None:
    """The whole answer, as it is on the wire."""
    answer = quick()(head("Range: bytes=10-19"))
    assert answer
    data, offset, length, keep = answer

    assert (offset, length, keep) == (10, 10, True)
    lines = data.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 206 PARTIAL CONTENT"
    assert lines[-2:] == ["", ""]
    said = dict(line.split(": ", 1) for line in lines[1:-2])
    assert said == {
        **dict(fields.of(FILE)),
        "Date": formatdate(0, usegmt=True),
        "Content-Range": "bytes 10-19/1000",
        "Content-Length": "10",
        "Connection": "keep-alive",
    }


def test_digests() -> None:
    """As the fields' own documents write them."""
    said = dict(fields.of(FILE))

    assert said["x-MD5"] == FILE.md5
    assert said["ETag"] == f'"{FILE.sha256}"'
    assert said["Repr-Digest"] == "sha-256=:VBs+naoJsgv4X6Jz5cvT6AGFqk7CmOdl24d0K3ATilM=:"
    assert (
        said["Digest"]
        == "SHA-256=VBs+naoJsgv4X6Jz5cvT6AGFqk7CmOdl24d0K3ATilM=,MD5=7ePTtoW04Te6TLJSEymnXg=="
    )


@pytest.mark.parametrize(
    ("request_head", "offset", "length", "keep"),
    [
        (head(), 0, 1000, True),
        (head("Connection: close"), 0, 1000, False),
        (head("connection:  Keep-Alive "), 0, 1000, True),
        (head(first="GET /file HTTP/1.0"), 0, 1000, False),
        (head("Connection: keep-alive", first="GET /file HTTP/1.0"), 0, 1000, True),
        (head("range: bytes=5-"), 5, 995, True),
        (head("Range: bytes=-5", "Accept: */*", "User-Agent: x bytes=1-2"), 995, 5, True),
        (head("X-Range: bytes=5-9"), 0, 1000, True),
        (head("Range: bytes=5-9", first="GET /file?bytes=1-2 HTTP/1.1"), 5, 5, True),
        (head("Range: items=5-9"), 0, 1000, True),
        (head("Range: bytes=0-9,20-29"), 0, 1000, True),
    ],
)
def test_plain_requests(request_head: bytes, offset: int, length: int, *, keep: bool) -> None:
    """Answered, the first time and the next."""
    one = quick()
    for _ in range(3):
        answer = one(request_head)
        assert answer
        assert answer[1:] == (offset, length, keep)


@pytest.mark.parametrize(
    "request_head",
    [
        head(first="HEAD /file HTTP/1.1"),
        head(first="POST /file HTTP/1.1"),
        head("Host: 100.64.64.1"),
        head().replace(HOST, b"captive.apple.com"),
        head("Range: bytes=0-1", "Range: bytes=5-9"),
        head("Connection: close, keep-alive"),
        head("Connection: upgrade"),
        head("Upgrade: h2c"),
        head("Content-Length: 5"),
        head("Transfer-Encoding: chunked"),
        head("Expect: 100-continue"),
        head('If-Range: "x"', "Range: bytes=0-1"),
        head('If-None-Match: "x"'),
        head("If-Match: *"),
        head("If-Modified-Since: x"),
        head("Range: bytes=1000-"),
        head("Range: bytes=5-9\n"),
        head(" folded"),
        head("No colon"),
    ],
)
def test_unusual_requests(request_head: bytes) -> None:
    """Are for the view, also when a plain one like it has been answered before."""
    one = quick()
    assert one(request_head) is None
    for seen in (head(), head("Range: bytes=5-9"), head("Range: bytes=0-1", "Accept: x")):
        one(seen)

    assert one(request_head) is None


_LINES = st.sampled_from(
    [
        "Range: bytes=0-9", "Range: bytes=10-19", "Range: bytes=5-", "Range: bytes=-5",
        "range: bytes=5-9", "Range: bytes=05-9", "Range: bytes=5-9 ", "Range: bytes=9-5",
        "Range: bytes=2000-", "Range: bytes=5-9,10-12", "Connection: close", "Accept: */*",
        "Connection: keep-alive", "User-Agent: bytes=5-9", "X: \r\nRange: bytes=7-8",
        'If-Range: "x"', "Host: other",
    ]
)  # fmt: skip
_HEADS = st.builds(
    lambda lines, first: head(*lines, first=first),
    st.lists(_LINES, max_size=4),
    st.sampled_from(["GET /file HTTP/1.1", "GET /bytes=5-9 HTTP/1.0", "HEAD /file HTTP/1.1"]),
)


@given(st.lists(_HEADS, max_size=8))
def test_what_was_seen_before_changes_nothing(seen: list[bytes]) -> None:
    """Whoever asked before, an answer is the one that a fresh reader gives."""
    one = quick()
    for request_head in seen:
        assert one(request_head) == quick()(request_head)


@given(st.binary(max_size=200), st.integers(0, 200))
def test_whatever_comes(noise: bytes, place: int) -> None:
    """No bytes raise, alone or in the middle of a head."""
    one = quick()
    one(head("Range: bytes=5-9"))
    whole = head("Range: bytes=5-9", "Accept: */*")
    for request_head in (noise, noise + b"\r\n\r\n", whole[:place] + noise + whole[place:]):
        answer = one(request_head)
        assert answer == quick()(request_head)
        if answer:
            assert 0 <= answer[1] < answer[1] + answer[2] <= 1000
