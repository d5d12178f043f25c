"""Firefox ESR with our resolver as its only one: what its captive-portal service makes of us."""

from __future__ import annotations

import pytest

from tests.clients.real.marionette import Firefox, Portal
from tests.clients.real.wired import CLIENT, URL, Wired

pytestmark = [pytest.mark.browser, pytest.mark.netns]

CANONICAL = "http://detectportal.firefox.com/canonical.html"
SECONDS = 60


def test_locked_then_unlocked(fox: tuple[Firefox, Wired]) -> None:
    """It finds the portal by itself; once its person stays without Internet, it is unlocked."""
    browser, wire = fox
    asked = browser.inside("return Services.prefs.getCharPref('captivedetect.canonicalURL')")
    assert asked == CANONICAL
    browser.waits_for(Portal.LOCKED, SECONDS)

    # What the button of its bar opens.
    browser.open(CANONICAL)
    assert browser.run("return location.href") == URL
    browser.run("document.querySelector(\"[action='/release'] button\").click()")
    browser.waits_for(Portal.UNLOCKED, SECONDS)
    assert (wire.folder / "released" / CLIENT).exists()
