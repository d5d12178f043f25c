"""A file of wpa_supplicant's own as the owner: renamed into place, what was there kept beside it.

The file is the one that this interface's wpa_supplicant reads, by its command line, else
wpa_supplicant-INTERFACE.conf, which Debian's wpa_supplicant@INTERFACE.service reads and dhcpcd's
hook prefers. Putting it in place is the last step, and the one that counts; those before it
change nothing for a machine that still has the old one.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotspot import files
from hotspot.air import events
from hotspot.config import values
from hotspot.config.values import NotAllowed
from hotspot.control import Control, ControlError
from hotspot.errors import Refused
from hotspot.owner import configuration, networkd
from hotspot.owner.configuration import Configuration
from hotspot.owner.port import Kept
from hotspot.owner.supplicants import file_of, files_read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotspot.uplink.wanted import Wanted

_BEFORE: Final = ".before-vestibule"
# A new wpa_supplicant takes 0.1 s to its socket; one that is silent may have been ended.
_LOOK_SECONDS: Final = 0.25
_SYSTEMCTL_SECONDS: Final = 30


class WpaSupplicant:
    """The owner behind a file; see `hotspot.owner.port.Owner`.

    `country` is the access point's, `own_directory` for our sockets while we ask; `root` is
    where /etc, /run and /proc are, for the tests.
    """

    def __init__(self, country: str, own_directory: Path, root: Path = Path("/")) -> None:
        self._country = country
        self._own = own_directory
        self._root = root
        self._folder = root / "etc/wpa_supplicant"
        self._networks = root / "etc/systemd/network"

    def check(self, wanted: Wanted) -> None:
        """Refuse what the file cannot hold, and a fixed address where nobody would set it."""
        self._configuration(wanted, "check", "")
        if wanted.address is not None and not self._networkd_runs():
            remedy = "take a lease, or have systemd-networkd or NetworkManager here"
            raise Refused("nothing here would set a fixed address", remedy)

    def keep(self, wanted: Wanted, key: str, interface: str) -> None:
        """Put the file in place; a former one that is not ours stays beside it."""
        self.check(wanted)
        with _refusals():
            address = self._address(wanted, key, interface)
            path, unit = file_of(interface, self._own, self._root), self._started(interface)
            text = configuration.render(self._configuration(wanted, key, unit))
            self._folder.mkdir(parents=True, exist_ok=True)
            self._set_aside(path)
            files.replace(path, text.encode("ascii"), mode=0o600, durable=True)
            self._tidy(path, address)

    def kept(self) -> Kept | None:
        """What our file says."""
        with _refusals():
            return next((kept for _, _, kept in self._ours()), None)

    def settle(self, interface: str, seconds: float) -> bool:
        """Have the file read anew, and wait until the network is joined."""
        deadline = time.monotonic() + seconds
        if not self._socket(interface).exists():
            _systemctl("restart", f"wpa_supplicant@{interface}.service")
        kept = self.kept()
        while kept is not None:
            with contextlib.suppress(ControlError), self._asking(interface) as control:
                control.attach()
                control.request("RECONFIGURE")
                control.request("RECONNECT")
                return _joined(control, kept.ssid, deadline)
            # It is starting: its socket is not there yet, or nobody behind it.
            if time.monotonic() >= deadline:
                break
            time.sleep(_LOOK_SECONDS)
        return False

    def is_home(self, interface: str) -> bool:
        """Whether wpa_supplicant is on the kept network."""
        kept = self.kept()
        with contextlib.suppress(ControlError), self._asking(interface) as control:
            return kept is not None and _is_on(control, kept.ssid)
        return False

    def forget(self) -> bytes | None:
        """Put back the file that ours took the place of, or leave none."""
        forgotten = None
        with _refusals():
            for path, text, kept in self._ours():
                forgotten = kept.ssid
                self._put_back(path)
                if unit := configuration.enabled(text):
                    _systemctl("disable", unit)
            self._tidy()
        return forgotten

    def _configuration(self, wanted: Wanted, key: str, unit: str) -> Configuration:
        try:
            return Configuration(wanted=wanted, key=key, country=self._country, unit=unit)
        except NotAllowed as error:
            raise Refused("this network cannot be kept", f"choose {error}") from error

    def _ours(self) -> Iterator[tuple[Path, str, Kept]]:
        """Our files, with what they say."""
        for path in sorted({*self._folder.glob("*.conf"), *files_read(self._own, self._root)}):
            with contextlib.suppress(FileNotFoundError):
                text = path.read_text(encoding="utf-8", errors="replace")
                if (kept := configuration.read(text)) is not None:
                    yield path, text, kept

    def _address(self, wanted: Wanted, key: str, interface: str) -> Path:
        """The file that sets the address on this network, there where somebody reads it."""
        path = self._networks / networkd.name(interface, key)
        if self._networkd_runs():
            self._networks.mkdir(parents=True, exist_ok=True)
            text = networkd.render(wanted, interface)
            files.replace(path, text.encode("ascii"), mode=0o644, durable=True)
        return path

    def _tidy(self, *kept: Path) -> None:
        """Remove what earlier joins of ours have left, in whatever place they had."""
        for path, _, _ in list(self._ours()):
            if path not in kept:
                self._put_back(path)
        for path in self._networks.glob(f"{networkd.PREFIX}*{networkd.SUFFIX}"):
            if path not in kept:
                files.remove(path)

    def _set_aside(self, path: Path) -> None:
        """A second name for somebody else's file, beside those from before it."""
        with contextlib.suppress(FileNotFoundError):
            if configuration.read(path.read_text(encoding="utf-8", errors="replace")) is None:
                before = _before(path)
                # Cut short after this step, an earlier `keep` has made that name already.
                if not (before and before[-1].samefile(path)):
                    number = _number(before[-1]) + 1 if before else 1
                    files.link(path, path.with_name(f"{path.name}{_BEFORE}-{number}"))

    def _put_back(self, path: Path) -> None:
        if before := _before(path):
            files.rename(before[-1], path)
        else:
            files.remove(path)

    def _started(self, interface: str) -> str:
        """The unit that starts wpa_supplicant here from now on; "" where somebody starts it."""
        there = [kept for _, text, kept in self._ours() if configuration.enabled(text)]
        if self._socket(interface).exists() and not there:
            return ""
        unit = f"wpa_supplicant@{values.interface(interface)}.service"
        if not _systemctl("enable", unit):
            return ""
        # systemd has made a link of it somewhere, and synced nothing.
        os.sync()
        return unit

    def _networkd_runs(self) -> bool:
        return (self._root / "run/systemd/netif/state").exists()

    def _socket(self, interface: str) -> Path:
        return self._root / "run/wpa_supplicant" / interface

    def _asking(self, interface: str) -> Control:
        return Control(self._socket(interface), self._own)


def _before(path: Path) -> list[Path]:
    """Somebody else's files that ours took the place of, the last one last."""
    return sorted(path.parent.glob(f"{path.name}{_BEFORE}-[0-9]*"), key=_number)


def _number(path: Path) -> int:
    digits = path.name.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0


def _joined(control: Control, ssid: bytes, deadline: float) -> bool:
    """Whether it is on the network before `deadline`; asked again after each event."""
    while not _is_on(control, ssid):
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        select.select([control], [], [], min(left, _LOOK_SECONDS))
        while control.read():
            pass
    return True


def _is_on(control: Control, ssid: bytes) -> bool:
    status = events.pairs(control.request("STATUS"))
    name = configuration.escaped(ssid)
    return (status.get("wpa_state"), status.get("ssid")) == ("COMPLETED", name)


def _systemctl(verb: str, unit: str) -> bool:
    """Whether systemd has done it; it may not run here at all."""
    with contextlib.suppress(FileNotFoundError, subprocess.TimeoutExpired):
        done = subprocess.run(
            ["systemctl", verb, unit], check=False, timeout=_SYSTEMCTL_SECONDS,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return done.returncode == 0
    return False


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """What a file system says, with a remedy."""
    try:
        yield
    except OSError as error:
        remedy = "see whether its disk is full or read-only"
        raise Refused(f"{error.filename}: {error.strerror}", remedy) from error
