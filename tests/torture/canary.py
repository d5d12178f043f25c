"""A secret in every form in which a program may have put it down.

python -m tests.torture canary
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

from portal.provisioning.secrecy.sealing import generate
from tests.hotspot import demos
from tests.hotspot.demos import Demo
from tests.portal.reading import token_in

DEADLINE = 60
API = "/api/v1/setup"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def forms(secret: str) -> dict[str, bytes]:
    """The octets to look for, by the name of the form; of base64 what does not depend on where
    in a text it begins.
    """
    octets = secret.encode()
    found = {
        "plain": octets,
        "hex": octets.hex().encode(),
        "HEX": octets.hex().upper().encode(),
        "url": quote(secret, safe="").encode(),
        "form": quote_plus(secret).encode(),
        "json": json.dumps(secret)[1:-1].encode(),
        "utf-16-le": secret.encode("utf-16-le"),
        "utf-16-be": secret.encode("utf-16-be"),
        "reversed": octets[::-1],
        "python": repr(octets)[2:-1].encode(),
    }
    for shift in range(3):
        # The first and the last group may share bits with what stands around.
        encoded = base64.b64encode(bytes(shift) + octets)
        first = 4 if shift else 0
        middle = encoded[first : len(encoded) // 4 * 4 - 4]
        found[f"base64-{shift}"] = middle
        found[f"base64url-{shift}"] = middle.replace(b"+", b"-").replace(b"/", b"_")
    return found


@dataclass
class Haul:
    """All that was seen where no secret may be, by the name of the place."""

    seen: dict[str, bytes] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, place: str, octets: bytes) -> None:
        """Something was seen there, too."""
        with self._lock:
            self.seen[place] = self.seen.get(place, b"") + octets

    def files(self, folder: Path, what: str) -> None:
        """Every file below a folder, and every name."""
        for path in sorted(folder.rglob("*")):
            self.add(f"{what} names", str(path).encode())
            if path.is_file():
                self.add(f"{what} {path.relative_to(folder)}", path.read_bytes())

    def leaks(self, secret: str) -> list[str]:
        """Every place that holds the secret, and in which form."""
        return [
            f"{place}: {name}"
            for place, octets in self.seen.items()
            for name, form in forms(secret).items()
            if form in octets
        ]


@contextlib.contextmanager
def watched(process: int, haul: Haul) -> Iterator[None]:
    """Argument vectors and environments of a process and all below it, looked at all the time."""
    stop = threading.Event()

    def look() -> None:
        known: set[tuple[int, str]] = set()
        while not stop.is_set():
            family, parents = {process}, demos.parents()
            while more := {pid for pid, up in parents.items() if up in family} - family:
                family |= more
            for pid, name in ((pid, name) for pid in family for name in ("cmdline", "environ")):
                with contextlib.suppress(OSError):
                    octets = Path(f"/proc/{pid}/{name}").read_bytes()
                    if (pid, str(hash(octets))) not in known:
                        known.add((pid, str(hash(octets))))
                        haul.add(name, octets)
            stop.wait(0.02)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextlib.contextmanager
def listener(haul: Haul) -> Iterator[int]:
    """A server that takes down every octet and answers 503, on a port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = server.accept()
                    with client, contextlib.suppress(OSError):
                        client.settimeout(2)
                        while b"\r\n\r\n" not in (octets := client.recv(1 << 16)):
                            haul.add("traffic", octets)
                        haul.add("traffic", octets)
                        client.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]


SETTINGS = """
[radio]
country = "DE"
[provisioning]
joins = {joins}
[provisioning.fields.pin]
kind = "secret"
label = "PIN"
[delivery.keep]
backend = "file"
directory = "{keep}"
{keep_seals}
[delivery.broken]
backend = "command"
argv = ["/bin/sh", "-c", "cat >&2; exit 75"]
seal_to = "{key}"
[delivery.web]
backend = "http"
url = "http://127.0.0.1:{port}/"
tls = false
local = true
seal_to = "{key}"
[delivery.gone]
backend = "mqtt"
host = "127.0.0.1"
port = 9
tls = false
seal_to = "{key}"
"""


@dataclass
class Canary:
    """One run of the demo into which a secret is put by every way there is."""

    demo: Demo
    haul: Haul
    secret: str

    def ask(self, name: str, *request: object, expect: int) -> str:
        """One request, whose whole answer is taken down."""
        status, headers, body = self.demo.ask(*request)  # type: ignore[arg-type]
        self.haul.add(f"answer to {name}", f"{headers} {body}".encode())
        assert status == expect, (name, status, body[:300])
        return body

    def submit(self, name: str, ssid: str, *, expect: int = 202, **more: object) -> str:
        """One submission by the API; its id."""
        wish = {"ssid": ssid, "passphrase": self.secret, "fields": {"pin": self.secret}, **more}
        body = self.ask(name, "POST", API, JSON, json.dumps(wish), expect=expect)
        return str(json.loads(body).get("id", ""))

    def refused(self) -> None:
        """Every way in which it can be refused."""
        secret, ask = self.secret, self.ask
        self.submit("no name", "", expect=400)
        self.submit("too long", "x", passphrase=secret * 9, expect=400)
        self.submit("control", "x", passphrase=f"{secret}\x01", expect=400)
        self.submit("a list", "x", passphrase=[secret], expect=400)
        self.submit("unknown key", "x", password2=secret, expect=400)
        self.submit("unknown field", "x", fields={secret: secret}, expect=400)
        self.submit("a user", "x", user={"identity": "", "password": secret}, expect=400)
        ask("no JSON", "POST", API, JSON, f'{{"passphrase": "{secret}"', expect=400)
        ask("no type", "POST", API, {}, f"passphrase={secret}", expect=415)
        ask("oversize", "POST", API, JSON, secret * 9_000, expect=413)
        ask("a stranger", "POST", API, JSON | {"Origin": f"http://{secret.encode().hex()}"}, "{}",
            expect=403)  # fmt: skip
        form = {"ssid": "", "network": "other", "passphrase": secret, "field-pin": secret}
        ask("form without token", "POST", "/setup", FORM, urlencode(form), expect=403)
        signed = {**form, "token": token_in(self.demo.ask("GET", "/")[2])}
        ask("form with a mistake", "POST", "/setup", FORM, urlencode(signed), expect=400)
        where = f"/api/v1/{quote(secret)}?passphrase={quote(secret)}"
        ask("unknown path", "GET", where, {"Host": ":".join(map(str, self.demo.place))}, expect=404)

    def wait(self, id_: str, over: Callable[[str], bool]) -> None:
        """Until a record's document says so."""
        until, body = time.monotonic() + DEADLINE, ""
        while not over(body):
            assert time.monotonic() < until, body
            body = self.ask("state", "GET", f"{API}/{id_}", expect=200)
            time.sleep(0.05)
        self.ask("page", "GET", f"/setup/{id_}", expect=200)

    def abort(self, name: str, number: int) -> None:
        """A process of the run dies with all it knows, and another takes its place."""
        (pid,) = (p for p, line in self.demo.processes().items() if f"-m {name} " in line)
        os.kill(pid, number)
        demos.wait_for_end(pid)
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                self.ask("after a crash", "GET", "/api/v1/status", expect=200)
                return
        raise AssertionError(f"{name} does not come back")


def chosen() -> str:
    """A secret like no other, with signs that are written otherwise in URLs, JSON and shells."""
    return f"{secrets.token_urlsafe(12)} \"+/&<'%{secrets.token_hex(4)}"


def run(folder: Path, secret: str, *, joins: bool) -> Haul:
    """Put the secret into a demo everywhere; what was seen of it where it may not be.

    Without `joins` one delivery gets it plain, into a folder of its own that is not searched.
    With `joins` all of them seal, and a network refuses it too.
    """
    haul, (_, key) = Haul(), generate()
    keep, own = folder / "plain", folder / "own"
    for each in (keep, own):
        each.mkdir()
    with listener(haul) as port:
        seals = f'seal_to = "{key}"' if joins else ""
        words = {"joins": str(joins).lower(), "keep": keep, "keep_seals": seals}
        config = own / "config.toml"
        config.write_text(SETTINGS.format(key=key, port=port, **words))
        with demos.running(own, "--config", str(config)) as demo, watched(demo.process.pid, haul):
            _put(Canary(demo, haul, secret), keep, joins=joins)
            said = demo.processes()
        haul.add("standard output", "\n".join([*demo.lines, *said.values()]).encode())
    haul.files(own, "own")
    if joins:
        haul.files(keep, "plain")
    # Where a core would be: the working directories of the run.
    for place in (demos.ROOT, own):
        assert not list(place.glob("core*")), "a core file"
    return haul


def _put(canary: Canary, keep: Path, *, joins: bool) -> None:
    canary.refused()
    if joins:
        # The demo knows a wrong one by this; the other secret goes the same way.
        failing = canary.submit("not joined", "Home Sweet Home", passphrase="wrong password")
        canary.wait(failing, lambda body: '"wrong_password"' in body)
    id_ = canary.submit("a record", "Home Sweet Home")
    canary.wait(id_, lambda body: re.search(r'"(waiting|delivering)"', body) is not None)
    canary.abort("portal", signal.SIGABRT)
    until = time.monotonic() + DEADLINE
    while not (keep / f"{id_}.json").exists():
        assert time.monotonic() < until, "the plain delivery does not come"
        time.sleep(0.05)
    # Each of the sealing ones has failed at least once by now, or does so before the end.
    canary.wait(id_, lambda body: body.count('"waiting"') > 2)
    canary.abort("portal", signal.SIGKILL)


def main(words: list[str], say: Callable[[str], None]) -> bool:
    """Both runs, as often as asked for. Whether the secret was nowhere."""
    leaks: list[str] = []
    places = 0
    for _ in range(int(words[0]) if words else 3):
        for joins in (False, True):
            secret = chosen()
            with tempfile.TemporaryDirectory() as name:
                haul = run(Path(name), secret, joins=joins)
            places += len(haul.seen)
            leaks += haul.leaks(secret)
    kinds = len(forms("secret"))
    say(f"canary: {places} places searched for {kinds} forms, {len(leaks)} hits {leaks}")
    return not leaks
