"""`hotspot prepare`: make the interface ready for hostapd, the settings for it and for dnsmasq.

Nothing is changed before every check has passed, and nothing without its undoing being on file.
Run again while all is up, as after a crash of hostapd, it repairs what is missing: no second
scan, the channel as before.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotspot import channel, dnsmasq, files, hostapd, identity, nftables, plan
from hotspot.air import scan as scans
from hotspot.air.wireless import Wireless
from hotspot.checks import preflight
from hotspot.errors import Refused
from hotspot.machine import journal
from hotspot.machine import restore as undoing
from hotspot.machine.journal import Journal
from hotspot.machine.machine import Machine
from hotspot.owner import supplicants

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotspot.air.nl80211 import Adapter
    from hotspot.channel import Heard
    from hotspot.machine.steps import State
    from hotspot.settings import Portal, Settings

    Say = Callable[[str], None]

# A scan of both bands takes 2 to 4 s on a Pi, 3 to 6 s under emulation.
_SCAN_SECONDS: Final = 12.0
# Where Debian has hostapd and nft, and an ordinary PATH does not look.
_SYSTEM_PATH: Final = "/usr/local/sbin:/usr/sbin:/sbin"


def prepare(settings: Settings, state: Path, runtime: Path, say: Say) -> None:
    """Make all ready, or raise `Refused`; `say` takes a line that a person may want to read.

    Whatever ends it on the way, `restore` puts everything back.
    """
    preflight.root()
    preflight.programs(f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM_PATH}")
    runtime.mkdir(mode=0o755, parents=True, exist_ok=True)
    chosen = _adapter(settings, journal.read(runtime))
    found = _of_this_run(runtime, chosen, say)
    _check(settings, chosen, fresh=found is None, say=say)
    supplicants.leave(runtime)
    name = identity.of(settings.radio, state, os.urandom)
    table = nftables.render(
        chosen.interface,
        settings.network.address,
        tls=settings.portal.name is not None,
        mdns=settings.portal.mdns,
    )
    with Machine(chosen.interface, runtime, table) as machine:
        work = Preparation(machine, runtime, found or Journal(machine.observe()))
        number = channel_in_use(runtime) if found else None
        if number is None:
            number = channel.choose(settings.radio.channel, work.listen(settings, say))
        work.serve(settings)
    access_point = hostapd.from_settings(
        settings,
        interface=chosen.interface,
        ssid=name.ssid,
        passphrase=name.passphrase,
        channel=number,
        runtime=str(runtime),
    )
    _write(settings, access_point, runtime)


class Preparation:
    """The changes of one run: each on file in the journal before it is made."""

    def __init__(self, machine: Machine, runtime: Path, found: Journal) -> None:
        self._machine = machine
        self._runtime = runtime
        self._journal = found

    def listen(self, settings: Settings, say: Say) -> list[Heard]:
        """What is on the air, also written down for the page; nothing if the radio hears nothing.

        No scan is worth more than the access point: without one the channel is a guess.
        """
        # Neighbours first, then a second look: when they let go they also take away what is
        # theirs, and that is neither ours to remove nor ours to put back.
        self._reach(plan.left_alone)
        self._reach(lambda observed: plan.listening(observed, settings.radio.country))
        try:
            found = scans.heard(self._machine.scan(_SCAN_SECONDS))
        except OSError as error:
            say(f"prepare: no scan ({error.strerror}): the list of networks is empty")
            found = []
        scans.write(self._runtime, found)
        return found

    def serve(self, settings: Settings) -> None:
        """Make the interface an access point with its address and its firewall."""
        country, address = settings.radio.country, str(settings.network.address)
        self._reach(lambda observed: plan.serving(observed, country, address))

    def _reach(self, wanted: Callable[[State], State]) -> None:
        observed = self._machine.observe(self._journal.told)
        for step in plan.plan(observed, wanted(observed)):
            self._journal = self._journal.with_step(step)
            journal.write(self._runtime, self._journal)
            self._machine.execute(step)


def _adapter(settings: Settings, found: Journal | None) -> Adapter:
    with Wireless() as wireless:
        if found:
            _make_anew(wireless, found.before.interface)
        adapters = wireless.adapters()
    wanted = settings.radio.interface
    if wanted is None and found and found.before.interface in {a.interface for a in adapters}:
        # The one we are on, though another that was plugged in since may come first now.
        wanted = found.before.interface
    return preflight.adapter(adapters, wanted)


def _make_anew(wireless: Wireless, interface: str) -> None:
    """The interface that somebody has removed in the middle of our run, on the radio it left."""
    if interface in {one.interface for one in wireless.adapters()}:
        return
    for phy in wireless.bare()[:1]:
        with contextlib.suppress(OSError):
            wireless.add_first(phy, interface)


def _of_this_run(runtime: Path, chosen: Adapter, say: Say) -> Journal | None:
    """The journal, if it is about the interface we are to use; one about another is undone."""
    found = journal.read(runtime)
    if found is None or found.before.interface == chosen.interface:
        return found
    undoing.restore(runtime, say)
    return None


def _check(settings: Settings, chosen: Adapter, *, fresh: bool, say: Say) -> None:
    preflight.rfkill(chosen.interface)
    preflight.supplicant(chosen.interface)
    if fresh:
        # Later it is our own servers that hold them.
        tls = settings.portal.name is not None
        preflight.ports(chosen.interface, str(settings.network.address.ip), tls=tls)
        check_certificate(settings.portal, say)


def check_certificate(portal: Portal, say: Say) -> None:
    """Refuse what no phone would take; only at the start, for later the air counts for more."""
    if portal.name is None or portal.certificate is None or portal.key is None:
        return
    # Here: OpenSSL is 4 MiB that most runs never need.
    from hotspot.checks import certificate  # noqa: PLC0415 - see above

    files = certificate.Files(Path(portal.certificate), Path(portal.key))
    for line in certificate.check(portal.name, files, time.time()):
        say(f"prepare: {line}")
    say(f"prepare: iOS now asks {portal.api} instead of probing: if that fails, no sheet opens")


def _place(access_point: hostapd.AccessPoint) -> str:
    """What units learn of it: an EnvironmentFile= (systemd.exec(5))."""
    interface, name = access_point.interface, access_point.ssid.hex()
    return f"VESTIBULE_INTERFACE={interface}\nVESTIBULE_SSID={name}\n"


def channel_in_use(runtime: Path) -> int | None:
    """The channel that an earlier `prepare` of this run has settled on."""
    try:
        text = (runtime / hostapd.FILE).read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    found = re.search(r"^channel=(\d+)$", text, re.MULTILINE)
    return int(found[1]) if found else None


def _write(settings: Settings, access_point: hostapd.AccessPoint, runtime: Path) -> None:
    """The two configurations, and the directory of hostapd's socket.

    hostapd makes that directory too, and removes it when it ends; but `wait` watches it from
    before then.
    """
    (runtime / hostapd.CONTROL).mkdir(mode=0o700, exist_ok=True)
    dhcp = dnsmasq.render(
        settings.network,
        interface=access_point.interface,
        runtime=str(runtime),
        portal=settings.portal,
    )
    try:
        files.replace(runtime / dnsmasq.FILE, dhcp.encode("ascii"), mode=0o644)
        secret = hostapd.render(access_point).encode("ascii")
        files.replace(runtime / hostapd.FILE, secret, mode=0o600)
        # For the page, which says which Wi-Fi to come back to.
        files.replace(runtime / hostapd.NAME, access_point.ssid, mode=0o644)
        files.replace(runtime / hostapd.PLACE, _place(access_point).encode("ascii"), mode=0o644)
    except OSError as error:
        remedy = "name another directory with --runtime"
        raise Refused(f"{runtime} cannot be written to ({error.strerror})", remedy) from error
