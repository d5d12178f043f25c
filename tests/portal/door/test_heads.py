"""Request heads as bytes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.door.heads import Plain, Unframed, body_length, expects_continue, first, plain

PROBE = b"GET /hotspot-detect.html?x=1 HTTP/1.1\r\nHost: captive.apple.com\r\nAccept: */*\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (PROBE, Plain(b"GET", b"captive.apple.com", b"/hotspot-detect.html")),
        (b"HEAD / HTTP/1.0\r\nhost:  A.B:80 \r\n\r\n", Plain(b"HEAD", b"a.b", b"/")),
        (b"GET / HTTP/1.1\r\nHOST: 10.0.0.1:8080\r\n\r\n", Plain(b"GET", b"10.0.0.1:8080", b"/")),
        (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", Plain(b"GET", b"", b"/")),
        (b"GET / HTTP/1.1\r\nX: caf\xe9\r\nHost: a\r\n\r\n", Plain(b"GET", b"a", b"/")),
    ],
)
def test_a_plain_request_is_read(head: bytes, expected: Plain) -> None:
    """Method, host without port 80, and path without query."""
    assert plain(head) == expected


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nAccept: */*\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        b"GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\n\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
        b"",
    ],
)
def test_all_else_is_left_to_the_parser(head: bytes) -> None:
    """Nothing doubtful is answered before the strict parser has seen it."""
    assert plain(head) is None


@given(st.binary(max_size=400))
@example(PROBE + b"x")
@example(b"\r\ncontent-length:" + b"\t" * 16_000 + b"\rx")
def test_any_bytes_are_read_without_harm(head: bytes) -> None:
    """Whatever comes, the answer is a Plain or None, a length or Unframed."""
    plain(head)
    expects_continue(head)
    with contextlib.suppress(Unframed):
        assert 0 <= body_length(head, 1000) <= 1000


def test_the_first_head_is_found() -> None:
    """With its empty line, without what follows; None while it is not all there."""
    assert first(PROBE + b"more\r\n\r\n") == PROBE
    assert first(PROBE[:-1]) is None
    with pytest.raises(Unframed) as caught:
        first(b"a" * 20_000)
    assert caught.value.status == 431


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        (b"", 0),
        (b"Content-Length: 0\r\n", 0),
        (b"content-LENGTH:\t17 \r\n", 17),
        (b"X-Content-Length: 5\r\n", 0),
    ],
)
def test_the_body_is_measured(fields: bytes, length: int) -> None:
    """Its length is what the one Content-Length says."""
    assert body_length(b"POST / HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n", 17) == length


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (b"Transfer-Encoding: chunked\r\n", 411),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", 400),
        (b"Content-Length: 18\r\n", 413),
        (b"Content-Length: 4\r\nContent-Length: 4\r\n", 400),
        (b"Content-Length: 4, 4\r\n", 400),
        (b"Content-Length: +4\r\n", 400),
        (b"Content-Length: -1\r\n", 400),
        (b"Content-Length: 0x10\r\n", 400),
        (b"Content-Length: \xb2\r\n", 400),
        (b"Content-Length:\r\n", 400),
        (b"Content-Length: 99999999999999999999\r\n", 400),
    ],
)
def test_smuggling_shapes_are_refused(fields: bytes, status: int) -> None:
    """Where the end of the body is in doubt, there is no request."""
    with pytest.raises(Unframed) as caught:
        body_length(b"POST / HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n", 17)

    assert caught.value.status == status


def test_a_waiting_client_is_recognised() -> None:
    """`Expect: 100-continue`, in any case."""
    assert expects_continue(b"POST / HTTP/1.1\r\nEXPECT: 100-Continue\r\n\r\n")
    assert not expects_continue(PROBE)
