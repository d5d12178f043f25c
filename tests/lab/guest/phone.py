"""A phone: a radio in a namespace of its own, wpa_supplicant, a DHCP client, and programs."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.lab.guest import namespaces
from tests.lab.guest.air import FREQUENCIES
from tests.lab.guest.control import Control
from tests.lab.guest.program import Program, run

SCRIPT: Final = Path(__file__).with_name("lease.sh")
# Association takes 1 s with KVM and up to 5 under emulation, a lease 3 more.
JOIN_SECONDS: Final = 60.0
LEASE_SECONDS: Final = 60.0


class Refused(AssertionError):  # noqa: N818 - it fails a story, as an assertion does
    """A program on the phone got an error instead of an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names as sent, the last of a name wins in `header`."""

    status: int
    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return {key.lower(): value for key, value in self.headers}.get(name.lower(), "")

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Phone:
    """A station on radio number `radio`; its interface is `wlan<radio>`."""

    def __init__(self, name: str, radio: int, logs: Path) -> None:
        self.name = name
        self.interface = f"wlan{radio}"
        self.logs = logs
        self._leaving = contextlib.ExitStack()
        namespaces.make(name)
        namespaces.take_radio(name, radio)
        folder = Path("/run/lab") / name
        self.supplicant = self._leaving.enter_context(self._supplicant(folder))
        self.control = self._leaving.enter_context(Control(folder / self.interface))
        self._hand = self._leaving.enter_context(self._start_hand())

    def joins(self, ssid: bytes, passphrase: str, *, seconds: float = JOIN_SECONDS) -> None:
        """Associate by WPA2, and get a lease."""
        self.associates(ssid, passphrase, seconds=seconds)
        self.leases()

    def associates(
        self, ssid: bytes, passphrase: str, *, seconds: float = JOIN_SECONDS, management: str = ""
    ) -> None:
        """Associate with the network of exactly these bytes. Values go in as hex."""
        key = hashlib.pbkdf2_hmac("sha1", passphrase.encode(), ssid, 4096, 32).hex()
        number = self.control.ask("ADD_NETWORK")
        self.control.do(f"SET_NETWORK {number} ssid {ssid.hex()}")
        self.control.do(f"SET_NETWORK {number} psk {key}")
        self.control.do(f"SET_NETWORK {number} key_mgmt {management or 'WPA-PSK'}")
        started = time.monotonic()
        self.control.do(f"SELECT_NETWORK {number}")
        self.control.hears("CTRL-EVENT-CONNECTED", seconds, since=started)

    def leases(self) -> dict[str, str]:
        """A lease by busybox's udhcpc, put in force; the options it brought."""
        kept = Path(f"/run/lab/{self.name}.lease")
        kept.unlink(missing_ok=True)
        environment = {**os.environ, "LAB_LEASE": str(kept)}
        argv = [*namespaces.inside(self.name), os.environ["LAB_BUSYBOX"], "udhcpc"]
        argv += ["-f", "-q", "-n", "-t", "8", "-T", "2", "-O", "114"]
        argv += ["-i", self.interface, "-s", str(SCRIPT)]
        with (self.logs / f"{self.name}-udhcpc.log").open("ab") as log:
            subprocess.run(
                argv, env=environment, stdout=log, stderr=log, check=True, timeout=LEASE_SECONDS
            )
        return dict(line.split("=", 1) for line in kept.read_text().splitlines())

    def leaves(self) -> None:
        """Disassociate and forget every network."""
        self.control.do("REMOVE_NETWORK all")
        run(*namespaces.inside(self.name), "ip", "addr", "flush", "dev", self.interface)

    def scans(self, channel: int, *, seconds: float = JOIN_SECONDS) -> dict[bytes, str]:
        """Networks seen on a channel: SSID by its bytes, with the address of its access point.

        All channels take 4 s, most of them on those where only listening is allowed.
        """
        started = time.monotonic()
        self.control.do(f"SCAN freq={FREQUENCIES[channel]}")
        self.control.hears("CTRL-EVENT-SCAN-RESULTS", seconds, since=started)
        rows = [line.split("\t", 4) for line in self.control.ask("SCAN_RESULTS").splitlines()[1:]]
        return {unescaped(row[4]): row[0] for row in rows if len(row) == 5}

    def resolves(self, name: str) -> list[str]:
        """The addresses a program on the phone gets for a name."""
        return list(self._order(verb="resolve", name=name)["addresses"])

    def asks(
        self,
        url: str,
        *,
        agent: str = "",
        method: str = "GET",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        seconds: float = 15.0,
    ) -> Answer:
        """One HTTP request, redirects not followed."""
        fields = {"User-Agent": agent or "Mozilla/5.0 (lab)", "Connection": "close"}
        packed = base64.b64encode(body).decode()
        done = self._order(
            verb="ask",
            url=url,
            method=method,
            body=packed,
            headers={**fields, **(headers or {})},
            seconds=seconds,
        )
        fields_back = [(key, value) for key, value in done["headers"]]
        return Answer(done["status"], fields_back, base64.b64decode(done["body"]))

    def _order(self, **order: object) -> dict[str, Any]:
        assert self._hand.stdin is not None
        assert self._hand.stdout is not None
        self._hand.stdin.write(json.dumps(order).encode() + b"\n")
        self._hand.stdin.flush()
        assert select.select([self._hand.stdout], [], [], 60)[0], f"{self.name}: no answer: {order}"
        done: dict[str, Any] = json.loads(self._hand.stdout.readline())
        if "error" in done:
            raise Refused(f"{self.name}: {order.get('url', order.get('name'))}: {done['error']}")
        return done

    def _supplicant(self, folder: Path) -> Program:
        folder.mkdir(parents=True, exist_ok=True)
        settings = folder.with_suffix(".conf")
        settings.write_text(f"ctrl_interface={folder}\np2p_disabled=1\n")
        argv = [*namespaces.inside(self.name), "wpa_supplicant", "-t", "-D", "nl80211"]
        argv += ["-i", self.interface, "-c", str(settings)]
        return Program(argv, self.logs / f"{self.name}-wpa_supplicant.log")

    @contextlib.contextmanager
    def _start_hand(self) -> Any:
        argv = [*namespaces.inside(self.name), sys.executable, "-m", "tests.lab.guest.hand"]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            try:
                yield process
            finally:
                process.terminate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        self._leaving.close()


def unescaped(text: str) -> bytes:
    """An SSID as the control interface prints it (hostap's printf_encode), in bytes again."""
    return re.sub(rb"\\(x[0-9a-f]{2}|.)", _byte, text.encode())


def _byte(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if len(code) == 3:
        return bytes.fromhex(code[1:].decode())
    return {b"e": b"\x1b", b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(code, code)
