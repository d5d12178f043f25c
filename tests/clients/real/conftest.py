"""Where a program is missing its tests are skipped with the reason; in CI that is a failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.abuse.wiretap import wiretap
from tests.clients.real import drivers
from tests.clients.real.marionette import Firefox, firefox
from tests.clients.real.wired import Wired, wired
from tests.webdriver import Browser

EVERYONE = ("ip",)
PROGRAMS = {
    "chromium": ("chromium", "chromedriver"),
    "webkit": ("WebKitWebDriver", "Xvfb"),
    "firefox": ("firefox-esr",),
}
BROWSERS: dict[str, Callable[[Wired], AbstractContextManager[Browser]]] = {
    "chromium": drivers.chromium,
    "webkit": drivers.webkit,
}


def needs(client: str) -> None:
    """End the test here if this client cannot be had, or its machine."""
    missing = [name for name in (*PROGRAMS[client], *EVERYONE) if shutil.which(name) is None]
    if client == "webkit" and drivers.minibrowser() is None:
        missing.append("MiniBrowser")
    why = f"not installed: {', '.join(missing)}" if missing else ""
    if os.geteuid() != 0:
        why = "network namespaces need root"
    if why and os.environ.get("CI") == "true":
        pytest.fail(why, pytrace=False)
    if why:
        pytest.skip(why)


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wired]:
    """The appliance and the client.

    At the end the portal may have reset no connection, and nothing in the appliance have failed.
    """
    with wired(tmp_path) as both:
        with wiretap(both.appliance, "wlan0") as seen:
            yield both
        assert seen.segments[80] > 0
        assert seen.resets[80] == 0
        for name in ("portal", "dnsd"):
            assert "Traceback" not in both.log(name)
            assert "failed" not in both.log(name)


@pytest.fixture(params=BROWSERS)
def browser(request: pytest.FixtureRequest) -> Iterator[tuple[Browser, Wired]]:
    """Each browser in turn, on the client's machine."""
    needs(request.param)
    wire: Wired = request.getfixturevalue("wire")
    with BROWSERS[request.param](wire) as running:
        yield running, wire


@pytest.fixture
def fox(request: pytest.FixtureRequest) -> Iterator[tuple[Firefox, Wired]]:
    """Firefox on the client's machine."""
    needs("firefox")
    wire: Wired = request.getfixturevalue("wire")
    with firefox(wire) as running:
        yield running, wire
