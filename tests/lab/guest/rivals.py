"""What a user would set up instead of us, in the guest: each as its own guide has it.

`Bare` is hostapd alone, the least that is an access point. `Routed` is hostapd, dnsmasq and
lighttpd with PHP, the programs and settings of RaspAP (which is no package), started all at once:
its own script waits between them. `Managed` is NetworkManager's hotspot, on which comitup and
wifi-connect put their portal, without one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.lab.guest.appliance import descendants
from tests.lab.guest.caretaker import CONNECTIONS, Caretaker
from tests.lab.guest.program import Program, run

SSID: Final = b"rival"
KEY: Final = "correct horse battery"
CHANNEL: Final = 6
FOLDER: Final = Path("/run/lab/rival")
ADDRESS: Final = "10.3.141.1"

_HOSTAPD: Final = f"""\
driver=nl80211
ctrl_interface={FOLDER}/hostapd
interface=wlan0
ssid={SSID.decode()}
country_code=DE
hw_mode=g
channel={CHANNEL}
beacon_int=100
auth_algs=1
wpa=2
wpa_key_mgmt=WPA-PSK
wpa_pairwise=CCMP
wpa_passphrase={KEY}
"""
_DNSMASQ: Final = f"""\
interface=wlan0
bind-interfaces
no-resolv
no-hosts
dhcp-range=10.3.141.50,10.3.141.254,255.255.255.0,12h
address=/#/{ADDRESS}
dhcp-leasefile={FOLDER}/leases
pid-file={FOLDER}/dnsmasq.pid
user=root
"""
# Four children, as Debian's own 15-fastcgi-php.conf has it.
_LIGHTTPD: Final = f"""\
server.modules = ("mod_access", "mod_fastcgi", "mod_redirect")
server.document-root = "{FOLDER}/www"
server.bind = "{ADDRESS}"
server.port = 80
index-file.names = ("index.php")
server.error-handler-404 = "/index.php"
fastcgi.server = (".php" => ((
    "bin-path" => "/usr/bin/php-cgi",
    "socket" => "{FOLDER}/php.socket",
    "max-procs" => 1,
    "bin-environment" => ("PHP_FCGI_CHILDREN" => "4", "PHP_FCGI_MAX_REQUESTS" => "10000"),
    "broken-scriptfilename" => "enable",
)))
"""
_PAGE: Final = """\
<!doctype html><title>Set-up</title><form method=post><input name=ssid><input name=key>
<button>Connect</button></form><?php echo htmlspecialchars($_SERVER["REQUEST_URI"]); ?>
"""
_HOTSPOT: Final = f"""\
[connection]
id=hotspot
type=wifi
autoconnect=false
[wifi]
mode=ap
band=bg
channel={CHANNEL}
ssid={SSID.decode()}
[wifi-security]
key-mgmt=wpa-psk
psk={KEY}
[ipv4]
method=shared
[ipv6]
method=disabled
"""


class Rival:
    """Programs of somebody else; entered, they are started. `pids` are those that serve."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self.programs: list[Program] = []
        FOLDER.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """All of it, at once."""

    def pids(self) -> list[int]:
        """Every process of it."""
        return [pid for program in self.programs for pid in descendants(program.pid)]

    def begins(self, *argv: str) -> Program:
        """Start one program."""
        name = Path(argv[0]).name
        program = Program(list(argv), self._logs / f"rival-{name}.log")
        self.programs.append(program)
        return program

    def stop(self) -> None:
        """End it, the last first."""
        for program in reversed(self.programs):
            with contextlib.suppress(ProcessLookupError):
                program.end()
        self.programs.clear()
        run("ip", "addr", "flush", "dev", "wlan0")


class Bare(Rival):
    """hostapd alone."""

    def start(self) -> None:
        """It is the beacon that counts."""
        (FOLDER / "hostapd.conf").write_text(_HOSTAPD)
        self.begins("hostapd", str(FOLDER / "hostapd.conf"))


class Routed(Bare):
    """hostapd, dnsmasq, lighttpd with PHP."""

    def start(self) -> None:
        """The address first, or dnsmasq and lighttpd have nothing to bind to."""
        run("ip", "link", "set", "wlan0", "up")
        run("ip", "addr", "replace", f"{ADDRESS}/24", "dev", "wlan0")
        super().start()
        (FOLDER / "dnsmasq.conf").write_text(_DNSMASQ)
        (FOLDER / "lighttpd.conf").write_text(_LIGHTTPD)
        (FOLDER / "www").mkdir(exist_ok=True)
        (FOLDER / "www/index.php").write_text(_PAGE)
        self.begins("dnsmasq", "--keep-in-foreground", f"--conf-file={FOLDER}/dnsmasq.conf")
        self.begins("lighttpd", "-D", "-f", str(FOLDER / "lighttpd.conf"))


class Managed(Rival):
    """NetworkManager's hotspot; only the hotspot is started, for the rest is there from the boot
    on. To be used inside `present`.
    """

    def start(self) -> None:
        """By nmcli, which does not wait."""
        run("nmcli", "--wait", "0", "connection", "up", "hotspot")

    def stop(self) -> None:
        """The hotspot is gone when NetworkManager is."""

    @contextlib.contextmanager
    def present(self) -> Iterator[None]:
        """NetworkManager, wpa_supplicant and the bus, while the block lasts."""
        with Caretaker("wlan0", self._logs):
            file = CONNECTIONS / "hotspot.nmconnection"
            file.touch(mode=0o600)
            file.write_text(_HOTSPOT)
            run("nmcli", "connection", "reload")
            yield

    def pids(self) -> list[int]:
        """NetworkManager, its dnsmasq, and wpa_supplicant; not the bus."""
        wanted = {"NetworkManager", "wpa_supplicant", "dnsmasq"}
        return [
            int(folder.name)
            for folder in Path("/proc").iterdir()
            if folder.name.isdecimal() and _name(folder) in wanted
        ]


def _name(folder: Path) -> str:
    with contextlib.suppress(OSError):
        return (folder / "comm").read_text().strip()
    return ""
