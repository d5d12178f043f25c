"""Kindle, Nintendo and PlayStation against what is known of them."""

from __future__ import annotations

import pytest

from tests.clients import kindle, nintendo, playstation
from tests.clients.asking import Failure, Outcome
from tests.clients.canned import PAGE, Canned, Cans, answer, redirect

OURS = {"X-Organization": "Nintendo"}


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(200, b"<html>" + kindle.MARK + b"</html>"), Outcome.ONLINE),
        (answer(200, PAGE), Outcome.SHEET),
        (redirect(PAGE), Outcome.SHEET),
        (redirect(kindle.MARK), Outcome.SHEET),
        (answer(404, PAGE), Outcome.SHEET),
        (Failure.LOST, Outcome.NOTHING),
    ],
)
def test_kindle(can: Canned, outcome: Outcome) -> None:
    """The mark is online; anything else opens the landing page."""
    assert kindle.check(Cans({kindle.STUB: can})) is outcome


@pytest.mark.parametrize("landing", [answer(404), Failure.LOST])
def test_kindle_needs_somewhere_to_land(landing: Canned) -> None:
    """Without that page there is no way in."""
    cans = Cans({kindle.STUB: redirect(PAGE), kindle.LANDING: landing})

    assert kindle.check(cans) is Outcome.NOTHING


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(200, b"ok", OURS), Outcome.ONLINE),
        (answer(200, b"ok"), Outcome.SHEET),
        (answer(200, PAGE, OURS), Outcome.SHEET),
        (answer(302, b"ok", OURS), Outcome.SHEET),
        (redirect(PAGE), Outcome.SHEET),
        (Failure.LOST, Outcome.NOTHING),
    ],
)
def test_switch(can: Canned, outcome: Outcome) -> None:
    """Header and body, or the browser."""
    assert nintendo.check(Cans({nintendo.SWITCH: can})) is outcome


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(200, b"<p>This is test.html page</p>", OURS), Outcome.ONLINE),
        (answer(200, b"<p>This is test.html page</p>"), Outcome.NOTHING),
        (redirect(PAGE), Outcome.NOTHING),
        (Failure.LOST, Outcome.NOTHING),
    ],
)
def test_older_nintendo(can: Canned, outcome: Outcome) -> None:
    """Header and body, or an error."""
    assert nintendo.check_older(Cans({nintendo.OLDER: can})) is outcome


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(403, b"Forbidden"), Outcome.ONLINE),
        (redirect(PAGE), Outcome.ONLINE),
        (b"\x16\x03\x01", Outcome.NOTHING),
        (Failure.LOST, Outcome.NOTHING),
        (Failure.NO_NAME, Outcome.NOTHING),
    ],
)
def test_playstation(can: Canned, outcome: Outcome) -> None:
    """Any answer will do, as far as anybody knows."""
    assert playstation.check(Cans({playstation.PS5: can})) is outcome
