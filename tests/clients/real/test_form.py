"""Chromium and WebKitGTK with our resolver as their only one: from the probe's URL to "online"."""

from __future__ import annotations

import pytest

from tests.clients.real.wired import CLIENT, URL, Wired
from tests.portal.fakes import neighbourhood
from tests.webdriver import Browser

pytestmark = [pytest.mark.browser, pytest.mark.netns]

APPLE = "http://captive.apple.com/hotspot-detect.html"
GOOGLE = "http://connectivitycheck.gstatic.com/generate_204"
HOME = neighbourhood()[0]
CANARY = "kanarienvogel-4711"
SECONDS = 30


def test_from_the_probe_to_online(browser: tuple[Browser, Wired]) -> None:
    """By a name nobody has to the page, from the page to the store, and from there to online."""
    page, wire = browser
    for probe in (GOOGLE, APPLE):
        page.open("about:blank")
        page.open(probe)
        assert page.url() == URL
        assert page.text("h1") == "Choose your Wi-Fi"

    page.click(f"input[value='{HOME.id}']")
    page.type("#passphrase", CANARY)
    page.click("button.go")
    page.wait(lambda now: now.text("h1") == "Saved", seconds=SECONDS)
    (record,) = wire.records()
    assert (record.ssid, record.passphrase) == (HOME.ssid, CANARY)
    assert page.url() == f"{URL}setup/{record.id}"

    # Nobody touches the page from here on: it looks by itself how far things are.
    assert wire.delivers()["id"] == record.id
    page.wait(lambda now: now.text("h1") == "Saved and passed on", seconds=SECONDS)
    page.wait(lambda now: "You can stay connected" in now.text(), seconds=SECONDS)
    assert (wire.folder / "released" / CLIENT).exists()
    page.open(APPLE)
    assert (page.url(), page.title()) == (APPLE, "Success")
