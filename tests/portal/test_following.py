"""A set-up followed on its page in a real Chromium, with JavaScript and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.joining.reports import Scanning
from portal.provisioning.join import Phase
from tests.portal.fakes import network
from tests.portal.joins import ID, WHERE, become
from tests.portal.screens import HOME, World, world
from tests.webdriver import INSTALLED, Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not INSTALLED, reason="chromium and chromium-driver are not installed"),
]


@pytest.fixture
def street() -> Iterator[World]:
    """A portal over fakes that joins."""
    with world() as made:
        yield made


def lines(page: Browser) -> list[str]:
    """The steps that are done."""
    script = "return [...document.querySelectorAll('li.done')].map(e => e.textContent.trim())"
    found: list[str] = page.run(script)
    return found


def test_from_the_first_step_to_connected(either: Browser, street: World) -> None:
    """The page goes on by itself, and ends with where the device is to be found."""
    become(street.outbox, Phase.TRYING)
    street.joining.reach("authenticated")
    either.open(f"{street.joins}setup/{ID}")
    assert lines(either) == ["Network found"]

    street.joining.reach("internet")
    expected = ["Network found", "Password accepted", "Address received"]
    either.wait(lambda page: lines(page) == expected)
    become(street.outbox, Phase.CONNECTED, "connected", WHERE)
    either.wait(lambda page: page.text("h1") == "Connected")
    assert "http://vestibule.local/" in either.text("main")


def test_a_wrong_password_is_corrected_at_once(either: Browser, street: World) -> None:
    """The outcome, the network still chosen, the password's empty box in focus."""
    become(street.outbox, Phase.TRYING)
    either.open(f"{street.joins}setup/{ID}?lang=de")
    become(street.outbox, Phase.FAILED, "wrong_password")
    either.wait(lambda page: page.text("h1") == "Das Passwort wurde nicht angenommen")

    assert either.property(f"input[value='{HOME.id}']", "checked")
    assert either.run("return document.activeElement.id") == "passphrase"
    assert either.property("#passphrase", "value") == ""


def test_each_step_is_spoken(phone: Browser, street: World) -> None:
    """In a status line that stays while the list around it changes."""
    become(street.outbox, Phase.TRYING)
    street.joining.reach("found")
    phone.open(f"{street.joins}setup/{ID}")
    phone.run("window.line = document.querySelector('[role=status]')")
    assert phone.run("return line.textContent") == "Looking for the network"

    street.joining.reach("authenticated")
    phone.wait(lambda page: page.run("return line.textContent") == "Checking the password")
    assert phone.run("return line.isConnected")


def test_a_device_that_does_not_answer(phone: Browser, street: World) -> None:
    """Said so, with the name of the Wi-Fi to join again; and no more once it answers."""
    become(street.outbox, Phase.TRYING)
    street.joining.reach("found")
    phone.open(f"{street.joins}setup/{ID}")
    assert not phone.shown("#lost")
    phone.run("window.real = fetch; fetch = () => Promise.reject()")
    phone.wait(lambda page: page.shown("#lost"), seconds=20)
    assert "Vestibule-7KQ2" in phone.text("#lost")

    phone.run("fetch = real")
    phone.wait(lambda page: not page.shown("#lost"), seconds=20)


def test_looking_around_again(phone: Browser, street: World) -> None:
    """With scripts the page stays: it counts, then shows the new list, and keeps what was done."""
    phone.open(street.joins)
    phone.click(f"input[value='{HOME.id}']")
    phone.type("#passphrase", "correct horse")
    phone.click("button[formaction]")
    phone.wait(lambda page: page.text("button[formaction]") == "Searching… 0/13")
    street.rescan.progress = Scanning(7, 13)
    phone.wait(lambda page: page.text("button[formaction]") == "Searching… 7/13")

    street.scan.networks = (network("new one", -30), *street.scan.networks)
    street.rescan.progress = None
    phone.wait(lambda page: page.text("bdi") == "new one")
    assert phone.property(f"input[value='{HOME.id}']", "checked")
    assert phone.property("#passphrase", "value") == "correct horse"
    assert phone.text("button[formaction]") == "Search again"


def test_looking_around_again_without_scripts(plain: Browser, street: World) -> None:
    """The button posts, and the page that comes back looks again until the list is new."""
    plain.phone()
    plain.open(street.joins)
    plain.click("button[formaction]")
    plain.wait(lambda page: page.text("button[formaction]").startswith("Searching…"))
    assert plain.url() == f"{street.joins}?new=1"

    street.scan.networks = (network("new one", -30), *street.scan.networks)
    street.rescan.progress = None
    plain.wait(lambda page: page.text("bdi") == "new one")


def test_another_language(either: Browser, street: World) -> None:
    """Two taps from any page, and back on the same one."""
    become(street.outbox, Phase.FAILED, "lost")
    either.open(f"{street.joins}setup/{ID}")
    either.click("header a")
    either.wait(lambda page: page.text("h1") == "Language")
    either.click("[hreflang=ar]")
    either.wait(lambda page: page.text("h1") == "انقطع الاتصال")

    assert either.url() == f"{street.joins}setup/{ID}?lang=ar"
    assert either.run("return getComputedStyle(document.body).direction") == "rtl"


KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40}


def press(page: Browser, key: str) -> None:
    """One key, down and up."""
    text = {"Enter": "\r", " ": " "}.get(key, "")
    common = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
    page.command("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
    page.command("Input.dispatchKeyEvent", type="keyUp", **common)


def test_the_whole_way_by_keyboard(phone: Browser, street: World) -> None:
    """Every control is reached in its order and shows that it is; Enter sends the form."""
    phone.open(f"{street.joins}?lang=de")
    here = """const e = document.activeElement, s = getComputedStyle(e);
              return [e.name || e.id || e.textContent.trim(), s.outlineStyle != "none"]"""
    reached = []
    for _ in range(9):
        press(phone, "Tab")
        reached.append(phone.run(here))
    assert reached == [
        ["Deutsch", True],
        ["network", True],
        ["Weitere Netze (15)", True],
        ["Anderes Netz", True],
        ["Neu suchen", True],
        ["passphrase", True],
        ["show", True],
        ["Feste Adresse (optional)", True],
        ["Verbinden", True],
    ]

    phone.open(f"{street.joins}?lang=de")
    for key in ("Tab", "Tab", " ", "ArrowDown"):
        press(phone, key)
    chosen = phone.run("return document.querySelector('[name=network]:checked').value")
    assert chosen == street.scan.networks[1].id
    for _ in range(4):
        press(phone, "Tab")
    phone.command("Input.insertText", text="correct horse")
    press(phone, "Enter")
    phone.wait(lambda _: bool(street.outbox.records))
    assert street.outbox.records[-1].ssid == street.scan.networks[1].ssid


def test_lock_and_signal_in_forced_colours(phone: Browser, street: World) -> None:
    """Windows' high contrast takes backgrounds away; these are drawings, and stay."""
    forced = {"name": "forced-colors", "value": "active"}
    phone.command("Emulation.setEmulatedMedia", features=[forced])
    phone.open(street.joins)

    drawn = "return getComputedStyle(document.querySelector('label i'), '::after').backgroundImage"
    assert phone.run(drawn).startswith("linear-gradient")
