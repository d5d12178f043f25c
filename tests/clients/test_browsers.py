"""Chromium's and Firefox's own checks against their source."""

from __future__ import annotations

import pytest

from tests.clients import chromium, firefox
from tests.clients.asking import Failure, Outcome
from tests.clients.canned import PAGE, PORTAL, Canned, Cans, answer, redirect


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(204), Outcome.ONLINE),
        (answer(200), Outcome.ONLINE),
        (answer(200, b"x"), Outcome.ONLINE),
        (answer(200, b"ok"), Outcome.SHEET),
        (answer(200, PAGE), Outcome.SHEET),
        (answer(302), Outcome.SHEET),
        (redirect(PAGE), Outcome.SHEET),
        (answer(511, PAGE), Outcome.SHEET),
        (answer(404, PAGE), Outcome.NOTHING),
        (answer(503, PAGE), Outcome.NOTHING),
        (answer(200, PAGE)[:-1], Outcome.NOTHING),
        (Failure.LOST, Outcome.NOTHING),
        (Failure.NO_NAME, Outcome.NOTHING),
    ],
)
def test_chromium(can: Canned, outcome: Outcome) -> None:
    """Each branch of GetCaptivePortalResultFromResponse."""
    assert chromium.check(Cans({chromium.PROBE: can})) is outcome


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(200, PAGE), Outcome.SHEET),
        (answer(500), Outcome.NOTHING),
        (Failure.LOST, Outcome.NOTHING),
        (redirect(), Outcome.NOTHING),
    ],
)
def test_chromium_judges_what_a_redirect_leads_to(can: Canned, outcome: Outcome) -> None:
    """A portal whose page fails is no portal; going in circles is an error."""
    assert chromium.check(Cans({chromium.PROBE: redirect(PAGE), PORTAL: can})) is outcome


@pytest.mark.parametrize(
    ("can", "outcome", "requests"),
    [
        (answer(200, firefox.EXPECTED), Outcome.ONLINE, 1),
        (answer(200, firefox.EXPECTED + b"\n"), Outcome.SHEET, 1),
        (answer(200, PAGE), Outcome.SHEET, 1),
        (answer(200), Outcome.SHEET, 1),
        (redirect(PAGE), Outcome.SHEET, 1),
        (redirect(firefox.EXPECTED), Outcome.SHEET, 1),
        (answer(204), Outcome.NOTHING, 6),
        (answer(404, PAGE), Outcome.NOTHING, 6),
        (answer(511, PAGE), Outcome.NOTHING, 6),
        (Failure.LOST, Outcome.NOTHING, 6),
    ],
)
def test_firefox(can: Canned, outcome: Outcome, requests: int) -> None:
    """Exact bytes are online, other bytes and redirects a portal, the rest is tried again."""
    network = Cans({firefox.CANONICAL: can})

    assert firefox.check(network) is outcome
    assert network.asked == [firefox.CANONICAL] * requests


def test_firefox_forgives_one_reset() -> None:
    """The next attempt counts."""
    network = Cans({firefox.CANONICAL: [Failure.LOST, answer(200, firefox.EXPECTED)]})

    assert firefox.check(network) is Outcome.ONLINE
