"""A home network: an access point on a radio of its own, in a namespace, with a router behind it.

Each thing that can be wrong with one can be made so: no DHCP server, a gateway that is not there,
no Internet, a captive portal of its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.lab.guest import namespaces
from tests.lab.guest.control import Control
from tests.lab.guest.program import Program, run

UP_SECONDS: Final = 30.0
OWN: Final = Path("/run/lab")

# hostapd's words for each protection: key management, and protected management frames.
MANAGEMENT: Final = {
    "wpa2": ("WPA-PSK", 1),
    "wpa3": ("SAE", 2),
    "wpa2-wpa3": ("WPA-PSK SAE", 1),
    "owe": ("OWE", 2),
    "enterprise": ("WPA-EAP", 1),
}


@dataclass(frozen=True, slots=True)
class HomeNetwork:
    """What a router's label says, and its range; `address` is the router's, with its prefix.

    `gateway` is the one that the lease names, the router itself by default. `internet` is "yes",
    "no" or "portal". With `security` "enterprise" the user is `user` with the passphrase.
    """

    ssid: bytes
    passphrase: str = ""
    channel: int = 1
    address: str = "192.168.77.1/24"
    lease_from: str = "192.168.77.100"
    lease_to: str = "192.168.77.200"
    security: str = "wpa2"
    user: str = "anna"
    hidden: bool = False
    leases: bool = True
    gateway: str = ""
    internet: str = "no"

    @property
    def router(self) -> str:
        """The router's address without its prefix."""
        return self.address.partition("/")[0]


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
        self._serving = self._leaving.enter_context(contextlib.ExitStack())
        self.becomes(network)

    def becomes(self, network: HomeNetwork) -> None:
        """Another network on the same radio, in place of the one before."""
        self._serving.close()
        self.network = network
        run(*namespaces.inside(self.name), "ip", "addr", "flush", "dev", self.interface)
        address = ["ip", "addr", "add", network.address, "dev", self.interface]
        run(*namespaces.inside(self.name), *address)
        self.hostapd = self._serving.enter_context(self._hostapd())
        self.hostapd.said("AP-ENABLED", UP_SECONDS)
        self.control = self._serving.enter_context(Control(OWN / self.name / self.interface))
        self._serving.enter_context(self._dnsmasq())
        if network.internet != "no":
            self._serving.enter_context(self._outside())

    def changes(self, **fields: object) -> None:
        """The network as it is, but for these fields of `HomeNetwork`."""
        self.becomes(dataclasses.replace(self.network, **fields))  # type: ignore[arg-type] # named

    def off(self) -> None:
        """Somebody pulls the router's plug: no beacon, no goodbye."""
        self.control.do("DISABLE")

    def on(self) -> None:
        """And puts it back."""
        self.control.do("ENABLE")

    def _hostapd(self) -> Program:
        folder = OWN / self.name
        settings = folder.with_suffix(".conf")
        settings.parent.mkdir(parents=True, exist_ok=True)
        values = {**self._radio(), **dict(self._security()), "ctrl_interface": folder}
        settings.write_text("".join(f"{key}={value}\n" for key, value in values.items()))
        argv = [*namespaces.inside(self.name), "hostapd", "-t", str(settings)]
        return Program(argv, self._logs / f"{self.name}-hostapd.log")

    def _radio(self) -> dict[str, object]:
        home = self.network
        return {
            "interface": self.interface,
            "driver": "nl80211",
            "country_code": "DE",
            "ssid2": home.ssid.hex(),
            "hw_mode": "g" if home.channel < 15 else "a",
            "channel": home.channel,
            # 1: beacons with an empty name, and probes only answered by name.
            "ignore_broadcast_ssid": int(home.hidden),
        }

    def _security(self) -> Iterator[tuple[str, object]]:
        home = self.network
        if home.security == "open":
            return
        management, frames = MANAGEMENT[home.security]
        yield "wpa", 2
        yield "wpa_key_mgmt", management
        yield "rsn_pairwise", "CCMP"
        yield "ieee80211w", frames
        if "PSK" in management:
            key = hashlib.pbkdf2_hmac("sha1", home.passphrase.encode(), home.ssid, 4096, 32)
            yield "wpa_psk", key.hex()
        if "SAE" in management:
            yield "sae_password", home.passphrase
            yield "sae_pwe", 2
        if home.security == "enterprise":
            yield from self._server()

    def _server(self) -> Iterator[tuple[str, object]]:
        """hostapd's own RADIUS-less EAP server: PEAP and TTLS with MSCHAPv2 inside."""
        certificate, key = OWN / f"{self.name}.pem", OWN / f"{self.name}.key"
        words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        words += ["-subj", "/CN=radius.example", "-days", "30"]
        run("openssl", *words, "-keyout", str(key), "-out", str(certificate))
        users = OWN / f"{self.name}.users"
        inner = f'"{self.network.user}" MSCHAPV2,TTLS-MSCHAPV2 "{self.network.passphrase}" [2]\n'
        users.write_text(f"* PEAP,TTLS\n{inner}")
        yield "ieee8021x", 1
        yield "eap_server", 1
        yield "eap_user_file", users
        yield "ca_cert", certificate
        yield "server_cert", certificate
        yield "private_key", key

    def _dnsmasq(self) -> Program:
        home = self.network
        argv = [*namespaces.inside(self.name), "dnsmasq", "--keep-in-foreground", "--pid-file="]
        argv += ["--conf-file=/dev/null", "--log-facility=-", "--log-dhcp", "--no-resolv"]
        argv += [f"--interface={self.interface}", "--bind-interfaces", "--no-ping"]
        # Names only where there is somebody outside; and all of them are here.
        argv += ["--port=0"] if home.internet == "no" else [f"--address=/#/{home.router}"]
        if home.leases:
            argv += [f"--dhcp-leasefile=/run/lab/{self.name}.leases", "--dhcp-authoritative"]
            argv += [f"--dhcp-range={home.lease_from},{home.lease_to},600"]
            argv += [f"--dhcp-option=option:router,{home.gateway or home.router}"]
            argv += [f"--dhcp-option=option:dns-server,{home.router}"]
        return Program(argv, self._logs / f"{self.name}-dnsmasq.log")

    def _outside(self) -> Program:
        """All of the Internet's HTTP on the router's own address."""
        argv = [*namespaces.inside(self.name), sys.executable, "-m", "tests.lab.guest.outside"]
        argv += [self.network.router, self.network.internet]
        outside = Program(argv, self._logs / f"{self.name}-outside.log")
        outside.said("^listening", UP_SECONDS)
        return outside

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        self._leaving.close()
