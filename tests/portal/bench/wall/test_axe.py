"""Every page of the bench before axe-core, on a phone and a laptop, in the light and the dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.portal.bench.wall.scenes import PAGES, Site, site
from tests.portal.test_axe import RULES, RUN, axe
from tests.webdriver import INSTALLED, Browser, browser

__all__ = ["axe"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not INSTALLED, reason="chromium and chromium-driver are not installed"),
]


# A phone and a laptop, light and dark; what every page has on both is looked at once in each.
LOOKS = ((390, 844, False), (1280, 800, True), (390, 844, True), (1280, 800, False))
# Where devices' own words stand.
THEIRS = ("wall", "devices", "device", "labels", "report")


@pytest.fixture(scope="module")
def plain_site() -> Iterator[Site]:
    """A shift."""
    with site(60) as made:
        yield made


@pytest.fixture(scope="module")
def hostile_site() -> Iterator[Site]:
    """A shift whose devices have names that are meant to break pages."""
    with site(60, hostile=True) as made:
        yield made


@pytest.fixture(scope="module")
def laptop() -> Iterator[Browser]:
    """One browser for all."""
    with browser() as running:
        yield running


@pytest.mark.parametrize("name", PAGES)
def test_nobody_stumbles(plain_site: Site, laptop: Browser, axe: str, name: str) -> None:
    """No violation; nothing wider than a small screen at twice the size; no word on the console;
    and what devices call themselves runs nowhere.
    """
    _look(plain_site, laptop, axe, name)


@pytest.mark.parametrize("name", THEIRS)
def test_hostile_names_break_nothing(
    hostile_site: Site, laptop: Browser, axe: str, name: str
) -> None:
    """The same where devices call themselves markup, a change of direction, one long word."""
    _look(hostile_site, laptop, axe, name)


def _look(bench: Site, laptop: Browser, axe: str, name: str) -> None:
    laptop.phone()
    laptop.logged()
    bench.show(laptop, name)
    laptop.run(axe)
    for width, height, dark in LOOKS if name == "wall" else LOOKS[:2]:
        laptop.phone(width, height, dark=dark)
        assert laptop.run(RUN, RULES) == []
    if name != "sheet":  # paper: its millimetres are the printer's
        laptop.phone(320)
        for zoom in (100, 200):
            laptop.run("document.documentElement.style.fontSize = arguments[0]", f"{zoom}%")
            wider = "return document.documentElement.scrollWidth - innerWidth"
            assert laptop.run(wider) <= 0, zoom
    assert laptop.title() != "broken"
    expected = ("autocomplete attributes", "username fields", "404 (NOT FOUND)")
    said = laptop.logged()
    assert [line for line in said if not any(each in line for each in expected)] == []
