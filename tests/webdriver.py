"""A real Chromium, driven by the W3C WebDriver protocol over plain HTTP.

No client library: a session is ten requests. Debian's own chromium and chromedriver.
"""

from __future__ import annotations

import base64
import http.client
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

CHROMIUM: Final = shutil.which("chromium")
CHROMEDRIVER: Final = shutil.which("chromedriver")
INSTALLED: Final = CHROMIUM is not None and CHROMEDRIVER is not None

# W3C WebDriver 12.1: the key under which an element's reference travels.
_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
FLAGS: Final = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
    " --hide-scrollbars"
)


class Refused(Exception):  # noqa: N818 - WebDriver's answer, not a crash of ours
    """WebDriver answered with an error."""


class Browser:
    """One session. Elements are named by CSS selectors; waits end at a deadline."""

    def __init__(self, connection: http.client.HTTPConnection, session: str) -> None:
        self._connection = connection
        self._session = session

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return ask(self._connection, method, f"/session/{self._session}{path}", body)

    def open(self, url: str) -> None:
        self._ask("POST", "/url", {"url": url})

    def url(self) -> str:
        return str(self._ask("GET", "/url"))

    def title(self) -> str:
        return str(self._ask("GET", "/title"))

    def _find(self, selector: str) -> str:
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])

    def click(self, selector: str) -> None:
        self._ask("POST", f"/element/{self._find(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        self._ask("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def text(self, selector: str = "body") -> str:
        return str(self._ask("GET", f"/element/{self._find(selector)}/text"))

    def property(self, selector: str, name: str) -> Any:
        return self._ask("GET", f"/element/{self._find(selector)}/property/{name}")

    def shown(self, selector: str) -> bool:
        return bool(self._ask("GET", f"/element/{self._find(selector)}/displayed"))

    def role(self, selector: str) -> str:
        return str(self._ask("GET", f"/element/{self._find(selector)}/computedrole"))

    def label(self, selector: str) -> str:
        return str(self._ask("GET", f"/element/{self._find(selector)}/computedlabel"))

    def description(self, selector: str) -> str:
        """What a screen reader adds to the label, by the accessibility tree."""
        self.command("Accessibility.enable")
        root = self.command("DOM.getDocument")["root"]["nodeId"]
        node = self.command("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        tree = self.command("Accessibility.getPartialAXTree", nodeId=node, fetchRelatives=False)
        return str(tree["nodes"][0].get("description", {}).get("value", ""))

    def run(self, script: str, *arguments: Any) -> Any:
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def command(self, name: str, /, **parameters: Any) -> Any:
        """A command of the Chrome DevTools Protocol."""
        return self._ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def screenshot(self, *, whole: bool = False, quality: int = 0) -> bytes:
        """The page as PNG, or as WebP of a `quality` up to 100: what the screen shows, or all."""
        kind = {"format": "webp", "quality": quality} if quality else {}
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=whole, **kind)
        return base64.b64decode(shot["data"])

    def phone(self, width: int = 390, height: int = 844, *, dark: bool = False) -> None:
        """Be a phone's screen of this many CSS pixels."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2,
            mobile=True,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.command("Emulation.setEmulatedMedia", features=[scheme, still])

    def logged(self) -> list[str]:
        """What the console has said since the last time: refused styles and scripts too."""
        return [entry["message"] for entry in self._ask("POST", "/se/log", {"type": "browser"})]

    def wait(self, happened: Callable[[Browser], bool], *, seconds: float = 10) -> None:
        """Return once `happened`; while a page loads, its elements may be gone for a moment."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if happened(self):
                    return
            except Refused:
                pass
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {self.url()}\n{self.text()}")


@contextmanager
def browser(*, scripts: bool = True) -> Iterator[Browser]:
    """A Chromium with a profile of its own, gone with all its processes at the end.

    Without `scripts`, pages run none; WebDriver's own still do.
    """
    with tempfile.TemporaryDirectory() as profile, _driver(Path(profile)) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            session = _session(connection, profile, scripts=scripts)
            try:
                yield Browser(connection, session)
            finally:
                ask(connection, "DELETE", f"/session/{session}")
        finally:
            connection.close()


@contextmanager
def _driver(folder: Path) -> Iterator[int]:
    """A running chromedriver's port, which it chooses itself and writes to its log."""
    log = folder / "chromedriver.log"
    process, port = _started(log)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


def _started(log: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A chromedriver and its port. It takes one for IPv6 and wants the same for IPv4, which may be
    taken; then it ends, and another one is tried.
    """
    for _ in range(5):
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(CHROMEDRIVER), "--port=0"], stdout=output, stderr=subprocess.STDOUT
            )
        port = _port(log, process)
        if port is not None:
            return process, port
        process.terminate()
        process.wait(timeout=10)
    raise AssertionError(log.read_text())


def _port(log: Path, process: subprocess.Popen[bytes]) -> int | None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            if "started successfully on port" in line:
                return int(line.rstrip(".").rpartition(" ")[2])
        time.sleep(0.02)
    return None


def _session(connection: http.client.HTTPConnection, profile: str, *, scripts: bool) -> str:
    # The content setting, as a person would set it: 1 allows, 2 blocks.
    setting = {"profile.managed_default_content_settings.javascript": 1 if scripts else 2}
    options = {
        "binary": CHROMIUM,
        "prefs": setting,
        "args": [*FLAGS.split(), f"--user-data-dir={profile}/profile"],
    }
    always = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
    answer = ask(connection, "POST", "/session", {"capabilities": {"alwaysMatch": always}})
    return str(answer["sessionId"])


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
) -> Any:
    """One command to a driver; its value. Raises `Refused`."""
    connection.request(method, path, None if body is None else json.dumps(body))
    value = json.loads(connection.getresponse().read())["value"]
    if isinstance(value, dict) and "error" in value:
        raise Refused(f"{value['error']}: {value['message'].splitlines()[0]}")
    return value
