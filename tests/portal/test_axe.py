"""Every screen before axe-core, which finds what a person who cannot see well would stumble over.

axe-core is a file of JavaScript that `deploy/setup test` fetches; it is run in a real Chromium.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portal.screens import SCENES, World, world
from tests.webdriver import INSTALLED, Browser, browser

AXE = Path(__file__).parents[2] / ".cache" / "axe-core-4.14.1.js"
# WCAG 2.2 up to AA, and what axe's makers count among good practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """
return axe.run(document, {runOnly: arguments[0], resultTypes: ["violations"]}).then(found =>
  found.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.failureSummary + " " + n.html)))
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not INSTALLED, reason="chromium and chromium-driver are not installed"),
]


@pytest.fixture(scope="module")
def axe() -> str:
    """Its source. Where it could not be fetched, that is a failure only with CI set."""
    if not AXE.exists():
        verdict = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        verdict(f"{AXE} is missing: deploy/setup test fetches it")
    return AXE.read_text()


@pytest.fixture(scope="module")
def street() -> Iterator[World]:
    """The world of all screens."""
    with world() as made:
        yield made


@pytest.fixture(scope="module")
def phone() -> Iterator[Browser]:
    """One browser for all."""
    with browser() as running:
        yield running


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("name", SCENES)
def test_nobody_stumbles(street: World, phone: Browser, axe: str, name: str, language: str) -> None:
    """No violation on any screen, in the light and in the dark, also from right to left; nothing
    wider than a small screen; and nothing said on the console.
    """
    street.begin()
    phone.phone()
    phone.logged()
    SCENES[name](phone, street, f"lang={language}")
    phone.run(axe)

    for dark in (False, True):
        phone.phone(dark=dark)
        assert phone.run(RUN, RULES) == []
    # Not to be scrolled sideways at 320 pixels, with text at 200 % (WCAG 2.2, 1.4.4 and 1.4.10).
    phone.phone(320)
    for zoom in (100, 200):
        phone.run("document.documentElement.style.fontSize = arguments[0]", f"{zoom}%")
        assert phone.run("return document.documentElement.scrollWidth - innerWidth") <= 0
    # Fakes have no event stream, and a refused form and a page that is not there say so too.
    expected = ("autocomplete attributes", "/events", "nothing?", "400 (BAD REQUEST)")
    assert [line for line in phone.logged() if not any(each in line for each in expected)] == []
