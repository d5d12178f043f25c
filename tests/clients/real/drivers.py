"""Chromium and WebKitGTK on the client's machine, each behind its own WebDriver.

WebKitGTK 2.50 is the engine of Safari 26, and so the nearest to Apple's sheet that runs on Linux.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clients.real.wired import Connection, Wired
from tests.webdriver import CHROMEDRIVER, CHROMIUM, FLAGS, Browser, ask

PORT = 4444
# Debian's, by whichever architecture and API version it was built for.
MINIBROWSERS = "*-linux-*/webkit2gtk-4.*/MiniBrowser"


@contextmanager
def chromium(wire: Wired) -> Iterator[Browser]:
    """A headless Chromium."""
    options = {
        "binary": CHROMIUM,
        "args": [*FLAGS.split(), f"--user-data-dir={wire.folder}/chromium"],
    }
    wire.starts(wire.client, "chromedriver", [str(CHROMEDRIVER), f"--port={PORT}"])
    with _session(wire, {"goog:chromeOptions": options}) as browser:
        yield browser


@contextmanager
def webkit(wire: Wired) -> Iterator[Browser]:
    """WebKitGTK's MiniBrowser on a screen of its own."""
    environment = {
        "DISPLAY": f":{_screen(wire)}",
        "HOME": str(wire.folder),
        "XDG_RUNTIME_DIR": str(wire.folder),
        # bubblewrap does not nest in a container, and the only page here is ours.
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
        "NO_AT_BRIDGE": "1",
    }
    driver = ["WebKitWebDriver", f"--port={PORT}"]
    wire.starts(wire.client, "webkitwebdriver", driver, environment)
    options = {"binary": str(minibrowser()), "args": ["--automation"]}
    with _session(wire, {"webkitgtk:browserOptions": options}) as browser:
        yield browser


def minibrowser() -> Path | None:
    """The newest MiniBrowser there is."""
    return max(Path("/usr/lib").glob(MINIBROWSERS), default=None)


def _screen(wire: Wired) -> int:
    """The number of a new screen, which Xvfb chooses itself and writes when it is there."""
    ours, its = os.pipe()
    with os.fdopen(ours) as reading:
        argv = ["Xvfb", "-displayfd", str(its), "-screen", "0", "800x1000x24", "-nolisten", "tcp"]
        try:
            wire.starts(wire.client, "xvfb", argv, descriptors=[its])
        finally:
            os.close(its)
        return int(reading.readline())


@contextmanager
def _session(wire: Wired, capabilities: dict[str, object]) -> Iterator[Browser]:
    connection = Connection(wire, PORT)
    try:
        wanted = {"capabilities": {"alwaysMatch": capabilities}}
        session = ask(connection, "POST", "/session", wanted)["sessionId"]
        try:
            yield Browser(connection, session)
        finally:
            ask(connection, "DELETE", f"/session/{session}")
    finally:
        connection.close()
