"""Every page of the bench, for pictures and for those who look at all of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tests.portal.bench.wall.world import World, shift, world
from tests.webdriver import Browser

# The path of each, as it is opened by somebody who has signed in.
PAGES: Final[Mapping[str, str]] = {
    "wall": "/bench",
    "devices": "/bench/devices?group=f",
    "device": "/bench?d=lamp-041",
    "conflict": "/bench?d=lamp-077",
    "working": "/bench?d=lamp-126",
    "check": "/bench/check",
    "job": "/bench/jobs",
    "import": "/bench/import",
    "files": "/bench/files",
    "labels": "/bench/labels",
    "sheet": "/bench/sheet?which=new",
    "report": "/bench/report",
    "people": "/bench/people",
    "audit": "/bench/audit",
    "boot": "/bench/boot",
    "entrance": "/bench/sign-in",
    "error": "/bench?d=nobody",
}


@dataclass
class Site:
    """A bench behind a socket, and Ada's session there."""

    made: World
    url: str
    cookie: str

    def enter(self, browser: Browser) -> None:
        """Let the browser be Ada's."""
        browser.command(
            "Network.setCookie", name="bench", value=self.cookie, url=f"{self.url}/bench",
            path="/bench", httpOnly=True, sameSite="Strict",
        )  # fmt: skip

    def show(self, browser: Browser, name: str) -> None:
        """Open one of the pages."""
        session = self.made.office.sessions.find(self.cookie, 1000.0, act=True)
        assert session is not None
        session.parcel = ("devices.csv", b"id,mac\r\n")
        if name == "entrance":
            browser.command("Network.clearBrowserCookies")
        else:
            self.enter(browser)
        browser.open(self.url + PAGES[name])


@contextmanager
def site(count: int = 200, *, hostile: bool = False) -> Iterator[Site]:
    """A shift of so many devices; `hostile` ones have names that are meant to break pages."""
    with tempfile.TemporaryDirectory() as folder:
        made = world(Path(folder), shift(count))
        if hostile:
            _spoil(made)
        with made.serving() as url:
            yield Site(made, url, made.cookie())


# Markup, a change of direction, no blank to break a line at, a printer's command.
HOSTILE: Final = (
    "<script>document.title='broken'</script>", "<img src=x onerror=\"document.title='broken'\">",
    "\u202egnorw\u202c", "x" * 64, "^XZ~JA", "\"'&lt;",
)  # fmt: skip


def _spoil(made: World) -> None:
    """Give a device of each kind a hostile word in every column."""
    devices = made.desk.devices
    for number, (id_, row) in enumerate([*devices.items()]):
        word = HOSTILE[number % len(HOSTILE)]
        devices[id_] = replace(
            row, name=word, serial=word, product=word, version=word, detail=word, note=word,
            protocol=word, evidence=word,
        )  # fmt: skip
