"""Whether a network leads to the Internet: what answers mean, and what is shown of a portal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.uplink import internet
from hotspot.uplink.internet import CHECKS, Check, Reach
from hotspot.uplink.wire import Answer

GOOGLE, FIREFOX = CHECKS
LOGIN = "http://login.hotel.example/welcome?room=7"

ANSWERS = [
    (GOOGLE, Answer(204), (Reach.INTERNET, "")),
    (FIREFOX, Answer(200, body=b"success\n"), (Reach.INTERNET, "")),
    (GOOGLE, None, (Reach.NOWHERE, "")),
    (GOOGLE, Answer(302, LOGIN), (Reach.PORTAL, LOGIN)),
    (GOOGLE, Answer(307, "javascript:alert(1)"), (Reach.PORTAL, "")),
    (GOOGLE, Answer(200, body=b"<html>Welcome"), (Reach.PORTAL, GOOGLE.url)),
    (FIREFOX, Answer(200, body=b"success\n<script>"), (Reach.PORTAL, FIREFOX.url)),
    (FIREFOX, Answer(511), (Reach.PORTAL, FIREFOX.url)),
    (GOOGLE, Answer(404), (Reach.NOWHERE, "")),
    (GOOGLE, Answer(502, body=b"no gateway"), (Reach.NOWHERE, "")),
    (GOOGLE, Answer(204, body=b"x"), (Reach.NOWHERE, "")),
]


@pytest.mark.parametrize(("check", "answer", "expected"), ANSWERS)
def test_one_answer(check: Check, answer: Answer | None, expected: tuple[Reach, str]) -> None:
    """Only the vendor's exact answer is the Internet."""
    assert internet.reach(check, answer) == expected


NET, WALL, NONE = (Reach.INTERNET, ""), (Reach.PORTAL, LOGIN), (Reach.NOWHERE, "")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], NONE),
        ([NONE, NET], NET),
        ([WALL, NET], NET),
        ([WALL, NONE], WALL),
        ([NONE, WALL], WALL),
        ([NONE, NONE], NONE),
    ],
)
def test_together(found: list[tuple[Reach, str]], expected: tuple[Reach, str]) -> None:
    """One right answer is enough; a portal is told rather than nothing."""
    assert internet.together(found) == expected


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (LOGIN, True),
        ("HTTPS://192.0.2.1:8443/", True),
        ("http://a.b", True),
        ("http://a.b?x=1#y", True),
        ("http://bank.example@192.0.2.1/", False),
        ("http://a.b/\"onclick='x'", False),
        ("http://a.b/<script>", False),
        ("http://a.b/ two", False),
        ("http://a.b/\r\nSet-Cookie: x", False),
        ("http://a.b\\@c.d/", False),
        ("http://ä.example/", False),
        ("//a.b/", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("http:///x", False),
        ("http://a.b:99999999/", False),
        (f"http://a.b/{'x' * 500}", False),
        ("", False),
    ],
)
def test_a_url_fit_to_be_shown(url: str, kept: bool) -> None:  # noqa: FBT001 - a table's column
    """A portal's address is kept as it is, or not at all."""
    assert internet.clean(url) == (url if kept else "")


@given(st.text() | st.from_regex(r"https?://[^\n]*", fullmatch=True))
def test_any_url(url: str) -> None:
    """Whatever a stranger sends, what is kept has nothing that means something in a page."""
    kept = internet.clean(url)

    assert kept in {"", url}
    assert kept.isascii()
    assert not set(kept) & set("<>\"'`\\ \r\n\t{}|^")
    assert not kept or "@" not in kept.split("/")[2]
