"""A home network: an access point on a radio of its own, in a namespace, with DHCP behind it."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.lab.guest import namespaces
from tests.lab.guest.control import Control
from tests.lab.guest.program import Program, run

UP_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class HomeNetwork:
    """What a router's label says, and its range; `address` is the router's, with its prefix."""

    ssid: bytes
    passphrase: str
    channel: int = 1
    address: str = "192.168.77.1/24"
    lease_from: str = "192.168.77.100"
    lease_to: str = "192.168.77.200"


class Home:
    """The network on the air, from now until the block ends."""

    def __init__(self, name: str, radio: int, network: HomeNetwork, logs: Path) -> None:
        self.name = name
        self.network = network
        self.interface = f"wlan{radio}"
        self._leaving = contextlib.ExitStack()
        self._logs = logs
        namespaces.make(name)
        namespaces.take_radio(name, radio)
        address = ["ip", "addr", "add", network.address, "dev", self.interface]
        run(*namespaces.inside(name), *address)
        self.hostapd = self._leaving.enter_context(self._hostapd())
        self.hostapd.said("AP-ENABLED", UP_SECONDS)
        self.control = self._leaving.enter_context(
            Control(Path("/run/lab") / name / self.interface)
        )
        self._leaving.enter_context(self._dnsmasq())

    def _hostapd(self) -> Program:
        folder = Path("/run/lab") / self.name
        settings = folder.with_suffix(".conf")
        key = hashlib.pbkdf2_hmac(
            "sha1", self.network.passphrase.encode(), self.network.ssid, 4096, 32
        )
        values = {
            "interface": self.interface,
            "driver": "nl80211",
            "ctrl_interface": folder,
            "ssid2": self.network.ssid.hex(),
            "hw_mode": "g",
            "channel": self.network.channel,
            "wpa": 2,
            "wpa_key_mgmt": "WPA-PSK",
            "rsn_pairwise": "CCMP",
            "wpa_psk": key.hex(),
        }
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("".join(f"{key}={value}\n" for key, value in values.items()))
        argv = [*namespaces.inside(self.name), "hostapd", "-t", str(settings)]
        return Program(argv, self._logs / f"{self.name}-hostapd.log")

    def _dnsmasq(self) -> Program:
        home = self.network
        argv = [*namespaces.inside(self.name), "dnsmasq", "--keep-in-foreground", "--pid-file="]
        argv += ["--conf-file=/dev/null", "--log-facility=-", "--log-dhcp", "--port=0"]
        argv += [f"--interface={self.interface}", "--bind-interfaces", "--no-ping"]
        argv += [f"--dhcp-leasefile=/run/lab/{self.name}.leases", "--dhcp-authoritative"]
        argv += [f"--dhcp-range={home.lease_from},{home.lease_to},600"]
        return Program(argv, self._logs / f"{self.name}-dnsmasq.log")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        self._leaving.close()
