"""The real radio: the access point's own interface, and the parts of joining put together.

Each answer opens the kernel's doors anew: an adapter may have been pulled and put back, and the
access point comes and goes.
"""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hotspot import hostapd
from hotspot.agent import scanning
from hotspot.agent.port import Cancelled, CannotEver, CannotNow
from hotspot.air import scan
from hotspot.air.nl80211 import Adapter, Station
from hotspot.air.wireless import Wireless, index_of
from hotspot.channel import Heard
from hotspot.checks import preflight
from hotspot.control import Control, ControlError
from hotspot.errors import Refused
from hotspot.home import homecoming, household
from hotspot.machine import journal
from hotspot.netlink import Links
from hotspot.owner import opening
from hotspot.owner.port import Kept, Owner
from hotspot.settings import Settings
from hotspot.uplink import interface, moving, outcome
from hotspot.uplink.attempt import Attempt, Place
from hotspot.uplink.outcome import Ended, Outcome
from hotspot.uplink.wanted import Wanted


class RealRadio:
    """The radio of the run in `runtime`, by these settings.

    `wireless` opens nl80211, `opened` the owner of the home network.
    """

    def __init__(
        self,
        settings: Settings,
        runtime: Path,
        wireless: Callable[[], Wireless] = Wireless,
        opened: Callable[[Settings, str, Path], Owner] = opening.opened,
    ) -> None:
        self._settings = settings
        self._runtime = runtime
        self._wireless = wireless
        self._opened = opened

    def scan(self, tell: Callable[[int, int], None], cancelled: Cancelled) -> Sequence[Heard]:
        """Listen on each channel in turn; the list of before stays if that is not possible."""
        with self._on_air() as (wireless, name):
            heard = scanning.listen(wireless, index_of(name), tell, cancelled)
        if not cancelled.is_set():
            scan.write(self._runtime, heard)
        return heard

    def stations(self) -> Sequence[Station]:
        """As the kernel counts them."""
        with self._on_air() as (wireless, name):
            return wireless.stations(index_of(name))

    def dismiss(self, address: str) -> None:
        """By hostapd's list of those it denies, which also sends off who is on."""
        self._told(f"DENY_ACL ADD_MAC {address}")
        # Some drivers are quicker by this; where it has left already it is a FAIL.
        self._told(f"DEAUTHENTICATE {address}", must=False)

    def readmit(self, address: str) -> None:
        """Take it off that list; a hostapd that was started anew meanwhile knows nothing of it."""
        self._told(f"DENY_ACL DEL_MAC {address}", must=False)

    def join(
        self,
        key: str,
        wanted: Wanted,
        tell: Callable[[outcome.Event], None],
        cancelled: Cancelled,
    ) -> Ended:
        """See `hotspot.uplink.attempt`. The household hears of its begin and its end."""
        self._ring(homecoming.BEGUN)
        end = homecoming.ENDED
        try:
            ended = self._joined(key, wanted, tell, cancelled)
            if ended.outcome is Outcome.CONNECTED:
                end = homecoming.KEPT
            return ended
        finally:
            self._ring(end)

    def _joined(
        self,
        key: str,
        wanted: Wanted,
        tell: Callable[[outcome.Event], None],
        cancelled: Cancelled,
    ) -> Ended:
        with self._on_air() as (wireless, name), Links() as links:
            kernel = moving.Interface(wireless, links, name)
            wish = self._settings.radio.follow
            adapter = _adapter(wireless, name)
            room = moving.SharedRadio(adapter, kernel, self._runtime, wish, cancelled.wait)
            attempt = Attempt(self._place(name), room, self._owner(name))
            return attempt.join(key, wanted, tell, cancelled)

    def keep(self, key: str, wanted: Wanted, owner: str) -> None:
        """As after a join that went well, but the household does not hear of it.

        So the access point stays where it is, and the machine goes there at its next start.
        """
        with _reasons():
            name = self._name()
            here = opening.named(self._settings, name, self._runtime)
            if owner not in {"", here}:
                raise CannotNow(f"this machine's networks are in the hands of {here}, not {owner}")
            opened = self._owner(name)
            try:
                opened.check(wanted)
            except Refused as refusal:
                raise CannotEver(str(refusal)) from refusal
            beside = interface.NAME if self._settings.radio.linger is None else ""
            opened.keep(wanted, key, beside or name)

    def state(self) -> str:
        """What the household says."""
        try:
            return (self._runtime / household.FILE).read_text(encoding="ascii")
        except OSError:
            return homecoming.SERVING

    def kept(self) -> Kept | None:
        """The home network of ours."""
        with _reasons():
            return self._owner(self._name()).kept()

    def forget(self) -> bytes | None:
        """Let go of it."""
        with _reasons():
            ssid = self._owner(self._name()).forget()
        self._ring(homecoming.FORGOTTEN)
        return ssid

    def tidy(self) -> None:
        """Remove what an agent that was killed in the middle of a join has left."""
        with _reasons(), self._wireless() as wireless:
            interface.tidy(wireless)

    def _told(self, command: str, *, must: bool = True) -> None:
        """Have hostapd do something. Raises `CannotNow`."""
        found = journal.read(self._runtime)
        if found is None:
            raise CannotNow("there is no access point now")
        socket_ = self._runtime / hostapd.CONTROL / found.before.interface
        try:
            with Control(socket_, self._runtime) as control:
                done = control.request(command).strip() == "OK"
        except ControlError as error:
            raise CannotNow(f"hostapd does not answer ({error})") from error
        if must and not done:
            raise CannotNow(f"hostapd refuses {command.partition(' ')[0]}")

    def _ring(self, word: str) -> None:
        household.ring(str(self._runtime), word)

    def _place(self, name: str) -> Place:
        return Place(
            interface=name,
            address=self._settings.network.address,
            runtime=self._runtime,
            internet=self._settings.home.internet,
            hostname=socket.gethostname(),
            known=self._known,
            home=interface.NAME if self._settings.radio.linger is None else "",
        )

    def _known(self, ssid: bytes) -> list[int]:
        """Where a network of this name was heard, by the list for the page."""
        try:
            found = json.loads((self._runtime / scan.FILE).read_bytes())["networks"]
            return [int(one["frequency"]) for one in found if one["ssid"] == ssid.hex()]
        except (OSError, ValueError, LookupError, TypeError):
            return []

    def _owner(self, name: str) -> Owner:
        return self._opened(self._settings, name, self._runtime)

    def _name(self) -> str:
        """The interface of the access point, or the one that will be. Raises `Refused`."""
        found = journal.read(self._runtime)
        if found is not None:
            return found.before.interface
        with self._wireless() as wireless:
            adapters = wireless.adapters()
        return preflight.adapter(adapters, self._settings.radio.interface).interface

    @contextlib.contextmanager
    def _on_air(self) -> Iterator[tuple[Wireless, str]]:
        """nl80211, and the interface of the access point that is there. Raises `CannotNow`."""
        with _reasons():
            found = journal.read(self._runtime)
            if found is None:
                raise CannotNow("there is no access point now")
            with self._wireless() as wireless:
                yield wireless, found.before.interface


def _adapter(wireless: Wireless, name: str) -> Adapter:
    found = [one for one in wireless.adapters() if one.interface == name]
    if not found:
        raise CannotNow(f"there is no {name} any more")
    return found[0]


@contextlib.contextmanager
def _reasons() -> Iterator[None]:
    """The failures of kernel and owner as `CannotNow`."""
    try:
        yield
    except Refused as refusal:
        raise CannotNow(str(refusal)) from refusal
    except OSError as error:
        raise CannotNow(f"the radio does not work now ({error.strerror or error})") from error
