"""NetworkManager as the one who looks after the appliance's own interface, as on Raspberry Pi OS.

The desktop's program (`tests.lab.guest.desktop`), but in the namespace of the appliance, on the
system's bus, with its profiles where Debian has them.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.lab.guest.desktop import BUS, SCRIPT, install
from tests.lab.guest.home import HomeNetwork
from tests.lab.guest.program import Program, run, until

START_SECONDS: Final = 120.0
JOIN_SECONDS: Final = 120.0
SOCKET: Final = Path("/run/dbus/system_bus_socket")
FOLDER: Final = Path("/run/lab/caretaker")
CONNECTIONS: Final = Path("/etc/NetworkManager/system-connections")
# Nothing but the radio: the guest has links that are none of its business.
SETTINGS: Final = """\
[main]
plugins=keyfile
dhcp=internal
dns=none
auth-polkit=false
[keyfile]
path={path}
unmanaged-devices=*,except:interface-name:wlan*,except:interface-name:vestibule*
"""
PROFILE: Final = """\
[connection]
id={name}
type=wifi
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


class Caretaker:
    """A running NetworkManager that knows these networks, as somebody has set them up before."""

    def __init__(self, interface: str, logs: Path, *known: HomeNetwork) -> None:
        self.interface = interface
        self._logs = logs
        self._leaving = contextlib.ExitStack()
        install()
        for folder in (
            CONNECTIONS,
            FOLDER / "none",
            SOCKET.parent,
            Path("/var/lib/NetworkManager"),
        ):
            folder.mkdir(parents=True, exist_ok=True)
        for network in known:
            name = network.ssid.decode()
            text = PROFILE.format(name=name, ssid=name, passphrase=network.passphrase)
            file = CONNECTIONS / f"{name}.nmconnection"
            file.touch(mode=0o600)
            file.write_text(text)
        with contextlib.ExitStack() as started:
            self._start(started)
            self._leaving = started.pop_all()

    def is_on(self, name: str, seconds: float = JOIN_SECONDS) -> None:
        """Until the interface is connected by the profile of this name."""
        until(lambda: self.state() == ("100 (connected)", name), seconds, f"connection by {name}")

    def state(self) -> tuple[str, str]:
        """What NetworkManager says of the interface, and the profile it is active by."""
        fields = "GENERAL.STATE,GENERAL.CONNECTION"
        lines = run(
            "nmcli", "-e", "no", "-g", fields, "device", "show", self.interface
        ).splitlines()
        return lines[0], lines[1]

    def profiles(self) -> dict[str, str]:
        """Every profile's file by its name, as a digest of what it holds."""
        return {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()
            for file in CONNECTIONS.iterdir()
        }

    def _start(self, started: contextlib.ExitStack) -> None:
        bus, settings = FOLDER / "bus.conf", FOLDER / "NetworkManager.conf"
        bus.write_text(BUS.format(path=SOCKET))
        settings.write_text(SETTINGS.format(path=CONNECTIONS))
        self._program(started, "dbus-daemon", f"--config-file={bus}", "--nofork", "--nopidfile")
        until(SOCKET.is_socket, START_SECONDS, "D-Bus")
        self._program(started, "wpa_supplicant", "-u", "-t")
        # The script's view of /sys is for NetworkManager alone.
        argv = ["unshare", "--mount", "sh", str(SCRIPT), f"--config={settings}"]
        argv += [f"--config-dir={FOLDER}/none", f"--intern-config={FOLDER}/intern.conf"]
        manager = self._program(started, *argv)
        manager.said(rf"\({re.escape(self.interface)}\): .* -> disconnected", START_SECONDS)

    def _program(self, started: contextlib.ExitStack, *argv: str) -> Program:
        name = "NetworkManager" if argv[0] == "unshare" else argv[0]
        return started.enter_context(Program(argv, self._logs / f"caretaker-{name}.log"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        self._leaving.close()
