"""Every model against the real portal and resolver, captive and released, however it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from portal import probes
from tests.clients import (
    android,
    apple_now,
    apple_old,
    chromium,
    connman,
    firefox,
    kindle,
    networkmanager,
    nintendo,
    playstation,
    shill,
    windows,
)
from tests.clients.asking import Exchange, Failure, Network, Outcome, follow
from tests.clients.house import House, house
from tests.clients.phone import Style


class Client(NamedTuple):
    """A model, and what it should do in either state."""

    check: Callable[[Network], Outcome]
    captive: Outcome = Outcome.SHEET
    released: Outcome = Outcome.ONLINE


def _android(hosts: android.Hosts, evaluation: int = 0) -> Client:
    """HTTPS cannot be answered for Google: "limited connectivity" is the best there is."""
    check = partial(android.check, hosts=hosts, evaluation=evaluation)
    return Client(check, released=Outcome.PARTIAL)


CLIENTS = {
    "Apple, current": Client(apple_now.check),
    "Apple, current, broken backhaul": Client(
        partial(apple_now.check, url="http://netcts.cdn-apple.com/")
    ),
    "Apple, earlier": Client(apple_old.check),
    **{
        f"Apple, {urlsplit(url).hostname}": Client(partial(apple_old.check, url=url))
        for url in apple_old.POOL
    },
    "Android": _android(android.AOSP),
    "Android, second evaluation": _android(android.AOSP, 1),
    **{name: _android(hosts) for name, hosts in android.VENDORS.items()},
    "GrapheneOS, second evaluation": _android(android.VENDORS["GrapheneOS"], 1),
    "Windows": Client(windows.check),
    "Windows before 10": Client(partial(windows.check, probe=windows.VISTA)),
    "Chromium": Client(chromium.check),
    "Chromium, earlier": Client(partial(chromium.check, url=chromium.LEGACY)),
    "Edge": Client(partial(chromium.check, url=chromium.EDGE)),
    "Firefox": Client(firefox.check),
    "Firefox, per family": Client(
        partial(firefox.check, url=firefox.FAMILY, expected=firefox.SUCCESS)
    ),
    "NetworkManager": Client(networkmanager.check),
    **{
        f"NetworkManager, {name}": Client(partial(networkmanager.check, setting=setting))
        for name, setting in networkmanager.DISTRIBUTIONS.items()
    },
    "ConnMan": Client(connman.check),
    "Tesla": Client(partial(connman.check, url=connman.TESLA)),
    # Both probes must succeed, and nobody can fake the one over HTTPS.
    **{
        f"ChromeOS, {urlsplit(url).hostname}": Client(
            partial(shill.check, url=url), released=Outcome.NOTHING
        )
        for url in (shill.HTTP, *shill.FALLBACKS)
    },
    "Kindle": Client(kindle.check),
    "Kindle, e-ink": Client(partial(kindle.check, url=kindle.EINK)),
    "Nintendo Switch": Client(nintendo.check),
    "Nintendo before": Client(nintendo.check_older, captive=Outcome.NOTHING),
    "PlayStation 4": Client(
        partial(playstation.check, url=playstation.PS4), captive=Outcome.ONLINE
    ),
    "PlayStation 5": Client(playstation.check, captive=Outcome.ONLINE),
}


@pytest.fixture(scope="module", params=["captive", "released"])
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """One appliance to which this machine is captive, then one that has released it."""
    released = request.param == "released"
    with house(tmp_path_factory.mktemp("house"), released=released) as running:
        yield running


@pytest.mark.parametrize("style", Style, ids=lambda style: style.value)
@pytest.mark.parametrize("name", CLIENTS)
def test_every_client(home: House, name: str, style: Style) -> None:
    """It does what it should, twice, and no answer is broken."""
    client = CLIENTS[name]
    wanted = client.released if home.released else client.captive
    with home.phone(style) as phone:
        assert client.check(phone) is wanted
        assert client.check(phone) is wanted

    for url, answer in phone.fetched:
        if url.startswith("https:"):
            assert answer is Failure.REFUSED
        else:
            assert isinstance(answer, Exchange)
            assert answer.status < 500


@pytest.mark.parametrize("row", list(probes.probes()), ids=lambda row: row.host)
def test_head_says_what_get_says(home: House, row: probes.Probe) -> None:
    """The same status and headers, to every probe there is, without a body."""
    url = f"http://{row.host}{row.path or '/any/path.html'}"
    with home.phone() as phone:
        got, head = phone.fetch(url), phone.head(url)

    assert isinstance(got, Exchange)
    assert isinstance(head, Exchange)
    assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")


@pytest.mark.parametrize("style", Style, ids=lambda style: style.value)
def test_the_sheet_shows_the_page(home: House, style: Style) -> None:
    """By Apple's own URL, or by Windows' and Kindle's landing pages: the form, whole.

    Once released, the sheet finds Apple's page, by which it knows that it is done.
    """
    with home.phone(style) as phone:
        page = apple_now.sheet(phone)
        others = (windows.land(phone), kindle.land(phone), follow(phone, "http://example.com/a?b"))

    for each in others:
        assert _is_form(each)
    assert isinstance(page, Exchange)
    assert (b"<TITLE>Success</TITLE>" in page.body) is home.released
    assert _is_form(page) is not home.released


def test_names_by_state(home: House) -> None:
    """The one name by which Windows tests a resolver is honest only to the released."""
    with home.phone() as phone:
        records = phone.resolve(windows.DNS_NAME, "A")

    assert records == ((windows.DNS_ADDRESS,) if home.released else ("127.0.0.1",))


@pytest.mark.parametrize("name", ["wpad", "wpad.lan", "mask.icloud.com", "mask-h2.icloud.com"])
def test_names_that_must_not_be_caught(home: House, name: str) -> None:
    """Proxies that do not exist and the private relay's names are answered, with "no such"."""
    with home.phone() as phone:
        assert phone.resolve(name, "A") is Failure.NO_NAME
        assert phone.resolve(name, "HTTPS") is Failure.NO_NAME


def _is_form(page: Exchange | Failure) -> bool:
    return (
        isinstance(page, Exchange)
        and page.status == 200
        and b"<form" in page.body
        and page.body.rstrip().endswith(b"</html>")
    )
