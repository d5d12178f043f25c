"""Firefox on the client's machine, driven by Marionette: JSON behind its length, on a TCP port.

Debian packages no geckodriver, and it could not look into the browser itself, as this can: the
chrome context runs scripts with all of Firefox's own interfaces (remote/marionette/server.sys.mjs).
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from tests.clients.real.wired import Wired
from tests.webdriver import Refused

PORT = 2828
PREFERENCES: dict[str, bool] = {
    # Or Marionette would turn off what a driven browser should not do, which is what we are after.
    "remote.prefs.recommended": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "network.captive-portal-service.enabled": True,
}
_STATE = (
    "return Cc['@mozilla.org/network/captive-portal-service;1']"
    ".getService(Ci.nsICaptivePortalService).state"
)


class Portal(IntEnum):
    """nsICaptivePortalService.state."""

    UNKNOWN = 0
    NOT_CAPTIVE = 1
    UNLOCKED = 2
    LOCKED = 3


class Firefox:
    """One session. Commands are those of WebDriver, by Marionette's names."""

    def __init__(self, sock: socket.socket) -> None:
        self._stream = sock.makefile("rwb")
        self._number = 0
        self._read()  # who it is
        self.ask("WebDriver:NewSession")

    def ask(self, command: str, **parameters: object) -> Any:
        """One command; its result. Raises `Refused`."""
        self._number += 1
        body = json.dumps([0, self._number, command, parameters])
        self._stream.write(f"{len(body)}:{body}".encode())
        self._stream.flush()
        _, number, error, result = self._read()
        assert number == self._number
        if error is not None:
            raise Refused(f"{error['error']}: {error['message']}")
        return result

    def open(self, url: str) -> None:
        self.ask("WebDriver:Navigate", url=url)

    def inside(self, script: str) -> Any:
        """The value of a script that runs in the browser itself."""
        self.ask("Marionette:SetContext", value="chrome")
        try:
            return self.ask("WebDriver:ExecuteScript", script=script, args=[])["value"]
        finally:
            self.ask("Marionette:SetContext", value="content")

    def run(self, script: str) -> Any:
        """The value of a script that runs in the page."""
        return self.ask("WebDriver:ExecuteScript", script=script, args=[])["value"]

    def portal(self) -> Portal:
        """What the captive-portal service holds of the network."""
        return Portal(self.inside(_STATE))

    def waits_for(self, state: Portal, seconds: float) -> None:
        """Until the service says so."""
        deadline = time.monotonic() + seconds
        while (now := self.portal()) is not state:
            assert time.monotonic() < deadline, f"{now!r}, not {state!r}, after {seconds} s"
            time.sleep(0.1)

    def close(self) -> None:
        """Quit."""
        self.ask("Marionette:Quit", flags=["eForceQuit"])
        self._stream.close()

    def _read(self) -> Any:
        length = 0
        while (digit := self._stream.read(1)) != b":":
            assert digit.isdigit(), "Firefox has gone"
            length = length * 10 + int(digit)
        return json.loads(self._stream.read(length))


@contextmanager
def firefox(wire: Wired) -> Iterator[Firefox]:
    """A headless Firefox with a fresh profile."""
    profile = wire.folder / "firefox"
    profile.mkdir()
    lines = [f'user_pref("{name}", {json.dumps(value)});\n' for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    argv = ["firefox-esr", "--headless", "--no-remote", "--marionette"]
    # Without the last one, scripts in the chrome context are refused from Firefox 138 on.
    argv += ["--profile", str(profile), "--remote-allow-system-access"]
    home = {"HOME": str(wire.folder), "XDG_RUNTIME_DIR": str(wire.folder)}
    wire.starts(wire.client, "firefox", argv, home)
    with wire.reaches(wire.client, ("127.0.0.1", PORT)) as sock:
        sock.settimeout(60)
        running = Firefox(sock)
        try:
            yield running
        finally:
            running.close()
