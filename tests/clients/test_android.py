"""Android's NetworkMonitor against its rules."""

from __future__ import annotations

import json

import pytest

from tests.clients import android
from tests.clients.asking import Failure, Outcome
from tests.clients.canned import PAGE, Canned, Cans, answer, redirect

API = "https://portal.example/captive-portal/api"
CAPTIVE = {"captive": True, "user-portal-url": "https://portal.example/"}


def network(http: Canned, https: Canned = Failure.REFUSED, fallback: Canned | None = None) -> Cans:
    """What the three probes meet; the fallbacks meet the same as the first."""
    first, second = android.AOSP.fallbacks
    again = http if fallback is None else fallback
    return Cans({android.AOSP.http: http, android.AOSP.https: https, first: again, second: again})


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (redirect(PAGE), Outcome.SHEET),
        (redirect(), Outcome.SHEET),
        (redirect(PAGE, 307), Outcome.SHEET),
        (answer(302), Outcome.SHEET),
        (answer(200, PAGE), Outcome.SHEET),
        (answer(200, PAGE, sized=False), Outcome.SHEET),
        (answer(200, b"12345"), Outcome.SHEET),
        (answer(203, b""), Outcome.SHEET),
        (answer(200, b"1234"), Outcome.NOTHING),
        (answer(200), Outcome.NOTHING),
        (answer(200, sized=False), Outcome.NOTHING),
        (answer(404, PAGE), Outcome.NOTHING),
        (answer(500, PAGE), Outcome.NOTHING),
        (answer(511, PAGE), Outcome.NOTHING),
        (answer(200, PAGE)[:-1], Outcome.NOTHING),
        (Failure.LOST, Outcome.NOTHING),
        (Failure.NO_NAME, Outcome.NOTHING),
        (answer(204), Outcome.PARTIAL),
    ],
)
def test_without_https(can: Canned, outcome: Outcome) -> None:
    """The HTTP probe alone: a portal, nothing, or "limited connectivity"."""
    assert android.check(network(can)) is outcome


@pytest.mark.parametrize(
    ("http", "https", "outcome"),
    [
        (answer(204), answer(204), Outcome.ONLINE),
        (Failure.LOST, answer(204), Outcome.ONLINE),
        (redirect(PAGE), answer(204), Outcome.SHEET),
        (answer(204), answer(200, PAGE), Outcome.PARTIAL),
        (answer(204), Failure.UNTRUSTED, Outcome.PARTIAL),
    ],
)
def test_with_https(http: Canned, https: Canned, outcome: Outcome) -> None:
    """A portal found by HTTP is conclusive; otherwise HTTPS alone proves the Internet."""
    assert android.check(network(http, https)) is outcome


def test_a_fallback_finds_the_portal() -> None:
    """Where the first probe met a fault, one fallback is asked, in turn."""
    cans = network(Failure.LOST, fallback=redirect(PAGE))

    assert android.check(cans) is Outcome.SHEET
    assert android.check(cans, evaluation=1) is Outcome.SHEET
    assert [url for url in cans.asked if "gen" in url and "http:" in url] == [
        android.AOSP.http, android.AOSP.fallbacks[0], android.AOSP.http, android.AOSP.fallbacks[1],
    ]  # fmt: skip


def test_a_fallback_spoils_the_release() -> None:
    """The portal behind a fallback's name undoes what the first probe was told."""
    assert android.check(network(answer(204), fallback=redirect(PAGE))) is Outcome.SHEET


@pytest.mark.parametrize(
    ("url", "document", "is_believed"),
    [
        (API, CAPTIVE, True),
        (API, CAPTIVE | {"captive": False}, False),
        (API, CAPTIVE | {"captive": "true"}, False),
        (API, {"captive": True}, False),
        (API, CAPTIVE | {"user-portal-url": "http://portal.example/"}, False),
        (API, CAPTIVE | {"more": "x" * 4096}, False),
        (API, ["captive"], False),
        (API.replace("https", "http"), CAPTIVE, False),
    ],
)
def test_the_api_comes_first(url: str, document: object, *, is_believed: bool) -> None:
    """RFC 8908 is believed over TLS and with a page; otherwise it is as if it were not there."""
    cans = Cans({url: answer(200, json.dumps(document).encode()), android.AOSP.http: answer(404)})
    outcome = android.check(cans, capport=url)

    assert (outcome is Outcome.SHEET and cans.asked == [url]) is is_believed


@pytest.mark.parametrize("can", [answer(404), answer(200, b"\xff"), Failure.UNTRUSTED])
def test_an_api_that_fails_is_no_api(can: Canned) -> None:
    """The probes decide then."""
    cans = Cans({API: can, android.AOSP.http: redirect(PAGE)})

    assert android.check(cans, capport=API) is Outcome.SHEET
    assert cans.asked == [API, android.AOSP.http]
