"""A computer with NetworkManager: a radio in a namespace of its own, D-Bus, wpa_supplicant.

Debian's own NetworkManager, out of its package (tests/lab/image.py), put below the guest's /usr
where it looks for its plug-in.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.lab.guest import namespaces
from tests.lab.guest.program import Program, run, until

SCRIPT: Final = Path(__file__).with_name("networkmanager.sh")
START_SECONDS: Final = 60.0
JOIN_SECONDS: Final = 50.0  # less than what `run` waits
RESOLVER: Final = Path("/etc/resolv.conf")
# Root alone talks on this bus, so that everything may be allowed. No services are started by it.
BUS: Final = """\
<busconfig>
<type>system</type>
<listen>unix:path={path}</listen>
<auth>EXTERNAL</auth>
<policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy>
</busconfig>
"""
# Debian's /usr/lib/NetworkManager/conf.d/20-connectivity-debian.conf, but looking every 5 s and
# not every 5 min. polkit would only be asked whether root may.
SETTINGS: Final = """\
[main]
plugins=keyfile
dhcp=internal
dns=default
rc-manager=file
auth-polkit=false
[connectivity]
enabled=true
uri=http://network-test.debian.org/nm
interval=5
[keyfile]
path={path}
"""
PROFILE: Final = """\
[connection]
id=home
type=wifi
interface-name={interface}
[wifi]
mode=infrastructure
ssid={ssid}
[wifi-security]
key-mgmt=wpa-psk
psk={passphrase}
[ipv4]
method=auto
[ipv6]
method=disabled
"""


class Desktop:
    """A station on radio number `radio`, whose NetworkManager knows no network yet."""

    def __init__(self, name: str, radio: int, logs: Path) -> None:
        self.name = name
        self.interface = f"wlan{radio}"
        self._logs = logs
        self._folder = Path("/run/lab") / name
        self._leaving = contextlib.ExitStack()
        install()
        namespaces.make(name)
        namespaces.take_radio(name, radio)
        # NetworkManager renames a new file into place, which a bind mount would not let it. The
        # appliance asks no resolver, so that the guest's own file can be the desktop's.
        shutil.rmtree(namespaces.PER_NAMESPACE / name)
        RESOLVER.unlink(missing_ok=True)
        with contextlib.ExitStack() as started:
            self._start(started)
            self._leaving = started.pop_all()

    def joins(self, ssid: str, passphrase: str) -> None:
        """As after a click on the network and its password: associated, leased, connected."""
        profile = self._folder / "connections" / "home.nmconnection"
        profile.touch(mode=0o600)
        text = PROFILE.format(interface=self.interface, ssid=ssid, passphrase=passphrase)
        profile.write_text(text)
        self._nmcli("connection", "load", str(profile))
        self._nmcli("--wait", str(int(JOIN_SECONDS)), "connection", "up", "home")

    def connectivity(self) -> str:
        """What the desktop's corner shows: none, portal, limited, full or unknown."""
        return self._nmcli("-t", "networking", "connectivity").strip()

    def becomes(self, connectivity: str, seconds: float) -> None:
        """Until NetworkManager says so."""
        until(lambda: self.connectivity() == connectivity, seconds, connectivity)

    def told(self) -> list[str]:
        """The resolvers its lease brought."""
        return self._nmcli("-g", "IP4.DNS", "device", "show", self.interface).split()

    def posts(self, url: str) -> None:
        """A POST without a body that must succeed."""
        argv = ["curl", "--silent", "--show-error", "--fail", "--max-time", "15", "-X", "POST"]
        run(*namespaces.inside(self.name), *argv, url)

    def _nmcli(self, *words: str) -> str:
        return run(*namespaces.inside(self.name), *self._bus(), "nmcli", *words)

    def _bus(self) -> list[str]:
        return ["env", f"DBUS_SYSTEM_BUS_ADDRESS=unix:path={self._folder}/bus"]

    def _start(self, started: contextlib.ExitStack) -> None:
        connections = self._folder / "connections"
        for folder in (connections, self._folder / "none", Path("/var/lib/NetworkManager")):
            folder.mkdir(parents=True, exist_ok=True)
        bus, settings = self._folder / "bus.conf", self._folder / "NetworkManager.conf"
        bus.write_text(BUS.format(path=self._folder / "bus"))
        settings.write_text(SETTINGS.format(path=connections))
        argv = ["dbus-daemon", f"--config-file={bus}", "--nofork", "--nopidfile"]
        started.enter_context(self._program(argv))
        until((self._folder / "bus").is_socket, START_SECONDS, "D-Bus")
        started.enter_context(self._program([*self._bus(), "wpa_supplicant", "-u", "-t"]))
        argv = [*self._bus(), "sh", str(SCRIPT), f"--config={settings}"]
        argv += [f"--config-dir={self._folder}/none", f"--intern-config={self._folder}/intern.conf"]
        manager = started.enter_context(self._program(argv, "NetworkManager"))
        # Its "startup complete" is said after a first scan, 8 s later.
        manager.said(rf"\({self.interface}\): .* -> disconnected", START_SECONDS)

    def _program(self, argv: list[str], name: str = "") -> Program:
        name = name or next(word for word in argv if "=" not in word and word != "env")
        log = self._logs / f"{self.name}-{name}.log"
        return Program([*namespaces.inside(self.name), *argv], log)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        self._leaving.close()


def install() -> None:
    """Copy NetworkManager's files into the guest's own /usr, of which nothing stays.

    No links: they lie below a home, which no unit with ProtectHome= looks into.
    """
    clients = Path(os.environ["LAB_CLIENTS"])
    for file in clients.rglob("*"):
        if file.is_file():
            place = Path("/usr") / file.relative_to(clients)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            shutil.copy(file, place)
