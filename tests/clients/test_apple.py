"""Apple's two probers against the decision table: a model that always shows the sheet fails."""

from __future__ import annotations

import pytest

from tests.clients import apple_now, apple_old
from tests.clients.asking import Exchange, Failure, Outcome
from tests.clients.canned import PAGE, PORTAL, SUCCESS, Canned, Cans, answer, redirect

LOWER = SUCCESS.lower()
WISPR = b"<html><!-- <WISPAccessGatewayParam/> --><TITLE>Success</TITLE></html>"
LARGE = SUCCESS + b" " * (apple_now.LARGEST + 1 - len(SUCCESS))
TRUNCATED = answer(200, PAGE)[:-1]
BAD_CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4 \r\nabcd\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(200, SUCCESS), Outcome.ONLINE),
        (answer(200, SUCCESS.replace(b"Success", b"success")), Outcome.ONLINE),
        (answer(511, SUCCESS), Outcome.ONLINE),
        (answer(200, LOWER), Outcome.SHEET),
        (answer(200, SUCCESS[:-7]), Outcome.SHEET),
        (answer(200, WISPR), Outcome.SHEET),
        (answer(200, PAGE), Outcome.SHEET),
        (answer(200, b"<html>" + SUCCESS + b"</html>"), Outcome.ONLINE),
        (answer(200, b"&" + SUCCESS), Outcome.SHEET),
        (answer(200, LARGE), Outcome.SHEET),
        (answer(200, LARGE[:-1]), Outcome.ONLINE),
        (answer(404, LARGE), Outcome.SHEET),
        (answer(511, PAGE), Outcome.SHEET),
        (redirect(PAGE), Outcome.SHEET),
        (redirect(SUCCESS), Outcome.ONLINE),
        (redirect(PAGE, 308), Outcome.SHEET),
        (answer(200), Outcome.NOTHING),
        (answer(204), Outcome.NOTHING),
        (answer(404, PAGE), Outcome.NOTHING),
        (answer(500, PAGE), Outcome.NOTHING),
        (answer(302, b""), Outcome.NOTHING),
        (TRUNCATED, Outcome.NOTHING),
        (BAD_CHUNK, Outcome.NOTHING),
        (b"", Outcome.NOTHING),
        (Failure.LOST, Outcome.NOTHING),
        (Failure.REFUSED, Outcome.NOTHING),
        (Failure.TIMED_OUT, Outcome.NOTHING),
        (Failure.NO_NAME, Outcome.NOTHING),
        (Failure.BAD_DNS, Outcome.NOTHING),
        (Failure.UNTRUSTED, Outcome.SHEET),
        (Failure.TLS_ABORTED, Outcome.SHEET),
    ],
)
def test_the_current_prober(can: Canned, outcome: Outcome) -> None:
    """Each row of the decision table, in one request."""
    network = Cans({apple_now.PROBE: can})

    assert apple_now.check(network) is outcome
    assert network.asked == [apple_now.PROBE]
    assert network.agents == [apple_now.WISPR["User-Agent"]]


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(200, PAGE), Outcome.SHEET),
        (answer(200, SUCCESS), Outcome.ONLINE),
        (answer(404), Outcome.SHEET),
        (answer(200), Outcome.SHEET),
        (Failure.LOST, Outcome.NOTHING),
        (redirect(), Outcome.NOTHING),
    ],
)
def test_a_redirect_without_a_body_is_followed(can: Canned, outcome: Outcome) -> None:
    """Its target is judged; a target that says nothing leaves the Location, which is captive."""
    network = Cans({apple_now.PROBE: redirect(), PORTAL: can})

    assert apple_now.check(network) is outcome
    assert network.asked[:2] == [apple_now.PROBE, PORTAL]


def test_the_current_prober_never_asks_again() -> None:
    """One lost connection, and there is no sheet, whatever would have come next."""
    network = Cans({apple_now.PROBE: [Failure.LOST, redirect(PAGE)]})

    assert apple_now.check(network) is Outcome.NOTHING


def test_the_sheet_loads_the_original_url() -> None:
    """As a web view, through redirects with or without a body."""
    network = Cans({apple_now.PROBE: redirect(PAGE), PORTAL: answer(200, PAGE)})

    assert apple_now.sheet(network) == Exchange(200, (("Content-Length", str(len(PAGE))),), PAGE)
    assert network.asked == [apple_now.PROBE, PORTAL]
    assert network.agents == [apple_now.SHEET["User-Agent"]] * 2


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(200, SUCCESS), Outcome.ONLINE),
        (answer(200, PAGE), Outcome.SHEET),
        (answer(511, PAGE), Outcome.SHEET),
        (answer(404, PAGE), Outcome.NOTHING),
        (answer(204), Outcome.NOTHING),
        (redirect(SUCCESS), Outcome.SHEET),
        (redirect(), Outcome.SHEET),
        (Failure.LOST, Outcome.NOTHING),
    ],
)
def test_the_old_prober(can: Canned, outcome: Outcome) -> None:
    """It always goes where a redirect leads, here to the page."""
    assert apple_old.check(Cans({apple_old.PROBE: can})) is outcome


@pytest.mark.parametrize(
    ("can", "outcome"), [(answer(200, SUCCESS), Outcome.ONLINE), (answer(500), Outcome.SHEET)]
)
def test_behind_a_redirect_the_old_prober(can: Canned, outcome: Outcome) -> None:
    """Success there is an allow-listed host; an error there is a portal with a fault."""
    assert apple_old.check(Cans({apple_old.PROBE: redirect(), PORTAL: can})) is outcome


def test_the_old_prober_insists() -> None:
    """Nine lost connections are forgiven, ten are not."""
    lost = [Failure.LOST] * (apple_old.ATTEMPTS - 1)
    network = Cans({apple_old.PROBE: [*lost, redirect(PAGE)]})

    assert apple_old.check(network) is Outcome.SHEET
    assert apple_old.check(Cans({apple_old.PROBE: [*lost, Failure.LOST]})) is Outcome.NOTHING
