"""Windows, NetworkManager, ConnMan and ChromeOS against their rules."""

from __future__ import annotations

import pytest

from tests.clients import connman, networkmanager, shill, windows
from tests.clients.asking import Failure, Outcome
from tests.clients.canned import PAGE, PORTAL, Canned, Cans, answer, redirect

HONEST = {(windows.DNS_NAME, "A"): (windows.DNS_ADDRESS,)}
TEXT = windows.NOW.content
NM = {"x-networkmanager-status": "Online"}
CM = {"X-ConnMan-Status": "online"}


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(200, TEXT), Outcome.ONLINE),
        (answer(200, TEXT + b"\n"), Outcome.SHEET),
        (answer(200, PAGE), Outcome.SHEET),
        (answer(404, TEXT), Outcome.SHEET),
        (redirect(TEXT), Outcome.SHEET),
        (Failure.LOST, Outcome.NOTHING),
        (Failure.NO_NAME, Outcome.NOTHING),
    ],
)
def test_windows(can: Canned, outcome: Outcome) -> None:
    """The probe's bytes decide; anything else sends the browser to a page that redirects."""
    cans = {windows.NOW.url: can, windows.LANDING: redirect()}

    assert windows.check(Cans(cans, HONEST)) is outcome


@pytest.mark.parametrize(
    "landing",
    [
        answer(200, PAGE),
        answer(404),
        answer(302),
        Failure.LOST,
        redirect(target="http://gone.example/"),
    ],
)
def test_windows_needs_somewhere_to_land(landing: Canned) -> None:
    """A portal whose /redirect does not redirect to a page shows none."""
    cans = {windows.LANDING: landing, "http://gone.example/": answer(404)}

    assert windows.check(Cans(cans, HONEST)) is Outcome.NOTHING


@pytest.mark.parametrize("records", [(PORTAL,), (), Failure.NO_NAME, Failure.BAD_DNS])
def test_windows_notices_forged_names(records: tuple[str, ...] | Failure) -> None:
    """The right page beside a wrong address is half a connection."""
    cans = Cans({windows.NOW.url: answer(200, TEXT)}, {(windows.DNS_NAME, "A"): records})

    assert windows.check(cans) is Outcome.PARTIAL


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(200, b"NetworkManager is online\n"), Outcome.ONLINE),
        (answer(500, b"NetworkManager is online"), Outcome.ONLINE),
        (answer(404, PAGE, NM), Outcome.ONLINE),
        (answer(200, PAGE, {"X-NetworkManager-Status": "offline"}), Outcome.SHEET),
        (answer(200, b"NetworkManager is"), Outcome.SHEET),
        (answer(204), Outcome.SHEET),
        (redirect(PAGE), Outcome.SHEET),
        (answer(404, PAGE), Outcome.SHEET),
        (answer(200, PAGE)[:-1], Outcome.NOTHING),
        (Failure.LOST, Outcome.NOTHING),
        (Failure.BAD_DNS, Outcome.NOTHING),
    ],
)
def test_networkmanager(can: Canned, outcome: Outcome) -> None:
    """The header, then how the body begins, whatever the status."""
    assert networkmanager.check(Cans({networkmanager.GNOME.uri: can})) is outcome


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(204), Outcome.ONLINE),
        (answer(200), Outcome.ONLINE),
        (answer(200, b" "), Outcome.SHEET),
        (redirect(), Outcome.SHEET),
        (redirect(PAGE), Outcome.SHEET),
    ],
)
def test_networkmanager_expecting_nothing(can: Canned, outcome: Outcome) -> None:
    """With `response=` empty, as Ubuntu has it, the status counts."""
    ubuntu = networkmanager.DISTRIBUTIONS["Ubuntu"]

    assert networkmanager.check(Cans({ubuntu.uri: can}), ubuntu) is outcome


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(200, PAGE, CM), Outcome.ONLINE),
        (answer(200, PAGE, {"x-connman-status": "online"}), Outcome.SHEET),
        (answer(200, PAGE), Outcome.SHEET),
        (redirect(PAGE), Outcome.SHEET),
        (answer(302, PAGE, CM), Outcome.SHEET),
        (answer(404, PAGE, CM), Outcome.NOTHING),
        (answer(204, b"", CM), Outcome.NOTHING),
        (Failure.NO_NAME, Outcome.NOTHING),
        (Failure.LOST, Outcome.SHEET),
    ],
)
def test_connman(can: Canned, outcome: Outcome) -> None:
    """Only a 200 with the header, written exactly so, is online."""
    assert connman.check(Cans({connman.STATUS: can})) is outcome


@pytest.mark.parametrize(
    ("can", "outcome"), [(answer(404), Outcome.NOTHING), (redirect(), Outcome.NOTHING)]
)
def test_connman_follows(can: Canned, outcome: Outcome) -> None:
    """The redirect's target is judged by the same rules; a circle is given up."""
    assert connman.check(Cans({connman.STATUS: redirect(), PORTAL: can})) is outcome


@pytest.mark.parametrize(
    ("can", "outcome"),
    [
        (answer(204), Outcome.ONLINE),
        (answer(200), Outcome.ONLINE),
        (answer(200, b"x"), Outcome.ONLINE),
        (answer(200, b"ok"), Outcome.SHEET),
        (redirect(PAGE), Outcome.SHEET),
        (answer(307), Outcome.SHEET),
        (answer(303, PAGE), Outcome.NOTHING),
        (answer(404, PAGE), Outcome.NOTHING),
        (answer(511, PAGE), Outcome.NOTHING),
        (Failure.LOST, Outcome.NOTHING),
    ],
)
def test_shill(can: Canned, outcome: Outcome) -> None:
    """Each branch of ProcessHTTPProbeResult, with HTTPS working."""
    assert shill.check(Cans({shill.HTTP: can, shill.HTTPS: answer(404)})) is outcome


def test_shill_without_https() -> None:
    """A success by HTTP alone is no connectivity; a portal is one without HTTPS."""
    for can, outcome in ((answer(204), Outcome.NOTHING), (redirect(PAGE), Outcome.SHEET)):
        cans = Cans({shill.HTTP: can, shill.HTTPS: Failure.REFUSED})
        assert shill.check(cans) is outcome
