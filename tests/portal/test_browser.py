"""The form in a real Chromium, with JavaScript and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.provisioning.keeping.store import Unwritable
from portal.provisioning.life import State
from tests.portal.fakes import FakeOutbox, FakeReleases, FakeScan, neighbourhood, network
from tests.portal.serving import over_fakes
from tests.portal.test_pages_names import HOSTILE
from tests.webdriver import INSTALLED, Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not INSTALLED, reason="chromium and chromium-driver are not installed"),
]

CANARY = "kanarienvogel-4711"
HOME = f"input[value='{neighbourhood()[0].id}']"
GUESTS = f"input[value='{neighbourhood()[3].id}']"


@pytest.fixture
def url(outbox: FakeOutbox, scan: FakeScan, releases: FakeReleases) -> Iterator[str]:
    """The portal over fakes."""
    with over_fakes(outbox, scan, releases) as address:
        yield address


def test_the_whole_way(either: Browser, url: str, outbox: FakeOutbox) -> None:
    """Choose, type, save; then the page tells by itself that it was passed on."""
    either.open(url)
    either.click(HOME)
    either.type("#passphrase", CANARY)
    either.click("button.go")
    either.wait(lambda page: page.text("h1") == "Saved")
    (record,) = outbox.records
    assert (record.ssid, record.passphrase) == (neighbourhood()[0].ssid, CANARY)

    outbox.become(record.id, State.DELIVERED)
    either.wait(lambda page: page.text("h1") == "Saved and passed on")


def test_staying_without_internet(either: Browser, url: str, releases: FakeReleases) -> None:
    """One tap below the form; the page that follows says what it means."""
    either.open(url)
    either.click("[action='/release'] button")
    either.wait(lambda page: page.text("h1") == "You can stay connected")

    assert either.url() == f"{url}release"
    assert url in either.text("main")
    assert releases.released == {"127.0.0.1"}


def test_the_page_tells_when_its_reader_is_released(
    either: Browser, url: str, outbox: FakeOutbox, releases: FakeReleases
) -> None:
    """It loads anew then, because that is when a phone's sheet looks whether it is online."""
    either.open(url)
    either.click(HOME)
    either.type("#passphrase", CANARY)
    either.click("button.go")
    either.wait(lambda page: page.text("h1") == "Saved")
    outbox.become(outbox.records[0].id, State.DELIVERED)
    either.wait(lambda page: page.text("h1") == "Saved and passed on")
    assert "You can stay connected" not in either.text()

    releases.release("127.0.0.1")
    either.wait(lambda page: "You can stay connected" in page.text())


def test_a_mistake_and_its_correction(either: Browser, url: str, outbox: FakeOutbox) -> None:
    """The words are there, the password's box has the focus, the choice is kept."""
    either.open(url)
    either.run("document.forms.setup.noValidate = true")
    either.click(HOME)
    either.type("#passphrase", "short")
    either.click("button.go")
    either.wait(lambda page: page.shown("#e-passphrase"))

    assert either.run("return document.activeElement.id") == "passphrase"
    assert either.property(HOME, "checked")
    assert either.property("#passphrase", "value") == ""
    either.type("#passphrase", CANARY)
    either.click("button.go")
    either.wait(lambda page: page.text("h1") == "Saved")
    assert [each.passphrase for each in outbox.records] == [CANARY]


def test_another_network(phone: Browser, url: str, outbox: FakeOutbox) -> None:
    """It has a form of its own, with its name."""
    phone.open(url)
    phone.click("a[href*=other]")
    phone.wait(lambda page: page.text("h1") == "Another network")
    phone.type("[name=ssid]", " Größe ")
    phone.type("#passphrase", CANARY)
    phone.click("button.go")
    phone.wait(lambda page: page.text("h1") == "Saved")

    assert outbox.records[0].ssid == " Größe ".encode()


def test_an_open_network_asks_for_nothing(phone: Browser, url: str, outbox: FakeOutbox) -> None:
    """Its password is put away, also one that was typed before."""
    phone.open(url)
    phone.type("#passphrase", CANARY)
    phone.click(GUESTS)
    assert not phone.shown("#passphrase")
    phone.click("button.go")
    phone.wait(lambda page: page.text("h1") == "Saved")

    assert outbox.records[0].passphrase == ""


def test_the_password_can_be_looked_at(phone: Browser, url: str) -> None:
    """Shown and hidden again."""
    phone.open(url)
    assert phone.property("#passphrase", "type") == "password"
    phone.click("#show")
    assert phone.property("#passphrase", "type") == "text"
    phone.click("#show")
    assert phone.property("#passphrase", "type") == "password"


def test_without_scripts_nothing_is_offered_that_needs_them(plain: Browser, url: str) -> None:
    """The box that shows the password is for those with scripts."""
    plain.open(url)

    assert not plain.shown("#show")
    assert plain.shown("button.go")


def test_nothing_is_sent_before_a_network_is_chosen(
    phone: Browser, url: str, outbox: FakeOutbox
) -> None:
    """The browser itself asks for the choice, in the person's own language."""
    phone.open(url)
    phone.type("#passphrase", CANARY)
    phone.click("button.go")

    assert phone.run("return document.forms.setup.checkValidity()") is False
    assert phone.url() == url
    assert not outbox.records


def test_what_could_not_be_saved(phone: Browser, url: str, outbox: FakeOutbox) -> None:
    """Said so, with the choice kept, and the button ready for another try."""
    outbox.failure = Unwritable("no space")
    phone.open(url)
    phone.click(HOME)
    phone.type("#passphrase", CANARY)
    phone.click("button.go")
    phone.wait(lambda page: "could not be saved" in page.text("[role=alert]"))
    outbox.failure = None
    phone.type("#passphrase", CANARY)
    phone.click("button.go")
    phone.wait(lambda page: page.text("h1") == "Saved")

    assert len(outbox.records) == 1


@pytest.mark.parametrize(("width", "zoom"), [(320, 1), (390, 1), (844, 1), (640, 2), (320, 2)])
def test_it_fits(phone: Browser, url: str, outbox: FakeOutbox, width: int, zoom: int) -> None:
    """No page is wider than its screen, from 320 pixels on and at 200 % text."""
    phone.phone(width)
    identity = "019cb000-0000-7000-8000-000000000000"
    outbox.become(identity, State.WAITING, "a/long/path/without/any/blank/" * 4)
    for path in ("", "?other=1", "languages", f"setup/{identity}", "nothing", "release"):
        phone.open(url + path)
        phone.run("document.documentElement.style.fontSize = arguments[0]", f"{zoom * 100}%")
        wide = phone.run("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, (path, phone.text())


def test_targets_are_large_enough(phone: Browser, url: str) -> None:
    """At least 44 pixels high: every row, box and button."""
    phone.open(url)
    heights = phone.run(
        "return [...document.querySelectorAll('.card label, summary, p [name], .s, a, button')]"
        ".filter(each => each.offsetParent).map(each => each.getBoundingClientRect().height)"
    )

    assert len(heights) >= 9
    assert min(heights) >= 44


def test_it_can_be_heard(phone: Browser, url: str) -> None:
    """Each control has a role and a name that says all a row shows."""
    phone.open(url)

    assert phone.role(HOME) == "radio"
    assert phone.label(HOME) == "Haus am See 2.4 GHz"
    assert phone.description(HOME) == "locked signal 4 of 4"
    assert phone.label("fieldset") == "Your network"
    assert phone.label("#passphrase") == "Wi-Fi password"
    assert (phone.role("button.go"), phone.label("button.go")) == ("button", "Save")


def test_hostile_names_stay_names(phone: Browser, url: str, scan: FakeScan) -> None:
    """With the policy on: no element more than for harmless names, no dialog, no warning."""
    count = "return document.querySelectorAll('*').length"
    scan.networks = tuple(network(f"harmless {number}") for number in range(len(HOSTILE)))
    phone.open(url)
    harmless = phone.run(count)
    scan.networks = tuple(network(ssid) for ssid in HOSTILE)
    phone.open(url)

    assert phone.run(count) == harmless
    ids = phone.run("return [...document.querySelectorAll('[name=network]')].map(e => e.value)")
    assert ids == [ssid.hex() for ssid in HOSTILE]
