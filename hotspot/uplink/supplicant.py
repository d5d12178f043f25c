"""wpa_supplicant, started for one attempt on the station interface and ended with it.

Its configuration file names no network: what it is to join, it is told over its control socket,
so that no password ever stands in a file or an argument vector.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from typing import TYPE_CHECKING, Final, Self

from hotspot.control import Absent, Control, ControlError
from hotspot.supervisor import watch
from hotspot.uplink import credentials, sighting
from hotspot.uplink.outcome import Outcome
from hotspot.uplink.verdict import Word, word
from hotspot.uplink.waiting import Over, Patience

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from hotspot.air.events import Event
    from hotspot.uplink.sighting import Able, Seen
    from hotspot.uplink.wanted import Wanted

# Up within 0.2 s on a Pi, 3 s in the loaded lab.
_START_SECONDS: Final = 15.0
_END_SECONDS: Final = 5.0
# One channel: 0.04 s with probes, 0.12 s listening only; more where the machine is busy.
_CHANNEL_SECONDS: Final = 4.0
# Two beacons and a DTIM at home between two channels, so that no phone's page stalls.
_PAUSE: Final = 0.25
# id, bssid, freq, capabilities, level, ie (wpa_supplicant/ctrl_iface.c, WPA_BSS_MASK_*).
_MASK: Final = "MASK=0x497"

# P2P would add an interface of its own; both ways to WPA3's password element, for old and new.
_SETTINGS: Final = "p2p_disabled=1\nsae_pwe=2\n"


class Supplicant:
    """A running wpa_supplicant on `interface`; a context manager.

    `folder` is its own directory. Failures are `Over`.
    """

    def __init__(self, interface: str, folder: Path, patience: Patience) -> None:
        self._interface = interface
        self._folder = folder
        self._patience = patience
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as failing:
            failing.enter_context(self._process())
            self._control = failing.enter_context(self._reached())
            self._open = failing.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def able(self) -> Able:
        """What it can do with this driver."""
        capability = self._ask("GET_CAPABILITY key_mgmt"), self._ask("GET_CAPABILITY group_mgmt")
        return sighting.able(*capability)

    def frequencies(self) -> list[int]:
        """The channels it may use, in MHz."""
        return sighting.frequencies(self._ask("GET_CAPABILITY freq"))

    def look(self, wanted: Wanted, frequency: int) -> list[Seen]:
        """The access points of the wanted name that have been heard, after one more channel."""
        self._ask("SCAN TYPE=ONLY", f"freq={frequency} ssid {wanted.ssid.hex()}")
        deadline = time.monotonic() + _CHANNEL_SECONDS
        for event in self.events(deadline):
            if event.name in {"CTRL-EVENT-SCAN-RESULTS", "CTRL-EVENT-SCAN-FAILED"}:
                break
        self._patience.pause(_PAUSE)
        return list(self._heard(wanted))

    def forget_heard(self) -> None:
        """Begin anew with what has been heard."""
        self._ask("BSS_FLUSH 0")

    def take(self, variables: Iterable[tuple[str, str]], frequency: int) -> None:
        """Try this network, by the variables of `hotspot.uplink.credentials`, on one channel."""
        self._ask("REMOVE_NETWORK all")
        number = self._ask("ADD_NETWORK").strip()
        for name, value in (*variables, ("scan_freq", str(frequency))):
            if self._ask(f"SET_NETWORK {number} {name}", value).strip() != "OK":
                raise Over(Outcome.FAILED, what=f"wpa_supplicant takes no {name}")
        self._drain()
        self._ask(f"SELECT_NETWORK {number} freq={frequency}")

    def leave(self) -> None:
        """Forget the network and leave it."""
        self._ask("REMOVE_NETWORK all")

    def words(self, deadline: float) -> Iterator[Word]:
        """What its events say from now on, until the deadline (monotonic)."""
        yield from filter(None, map(word, self.events(deadline)))

    def events(self, deadline: float) -> Iterator[Event]:
        """Its events from now on, until the deadline (monotonic)."""
        while True:
            with _failures():
                while (event := self._control.read()) is not None:
                    yield event
            if not self._patience.readable([self._control.fileno()], deadline):
                return

    def fileno(self) -> int:
        """Readable when an event waits."""
        return self._control.fileno()

    def said(self) -> list[Word]:
        """What the events that have come by now say."""
        with _failures():
            found = list(iter(self._control.read, None))
        return [one for one in map(word, found) if one is not None]

    def certificates(self, text: str | None) -> str:
        """The path of a file with these certificates, "" for none."""
        if text is None:
            return ""
        path = self._folder / credentials.CERTIFICATES
        path.write_text(text, encoding="ascii")
        return str(path)

    def _heard(self, wanted: Wanted) -> Iterator[Seen]:
        number, seen = sighting.seen(self._ask(f"BSS FIRST {_MASK}"), wanted)
        while number:
            if seen is not None:
                yield seen
            number, seen = sighting.seen(self._ask(f"BSS NEXT-{number} {_MASK}"), wanted)

    def _drain(self) -> None:
        """What it said before counts no more."""
        self.said()

    def _ask(self, command: str, value: str = "") -> str:
        with _failures():
            return self._control.request(f"{command} {value}".rstrip())

    @contextlib.contextmanager
    def _process(self) -> Iterator[None]:
        settings = self._folder / "supplicant.conf"
        settings.write_text(f"ctrl_interface={self._folder}/supplicant\n{_SETTINGS}")
        settings.chmod(0o600)
        argv = ["wpa_supplicant", "-D", "nl80211", "-i", self._interface, "-c", str(settings)]
        with _failures():
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
        try:
            self._child = process
            yield
        finally:
            ended(process)

    def _reached(self) -> Control:
        """Its control socket, attached, once it has made it."""
        folder = self._folder / "supplicant"
        deadline = time.monotonic() + _START_SECONDS
        with watch.new_names(self._folder) as names:
            while time.monotonic() < deadline and self._child.poll() is None:
                with contextlib.suppress(Absent), contextlib.ExitStack() as failing:
                    control = failing.enter_context(Control(folder / self._interface, self._folder))
                    control.attach()
                    failing.pop_all()
                    return control
                # Its directory appears at once with the socket in it, or a moment before.
                self._patience.readable([names], min(deadline, time.monotonic() + _MOMENT))
        raise Over(Outcome.FAILED, what="wpa_supplicant does not start; its lines are in the log")


_MOMENT: Final = 0.1


def ended(process: subprocess.Popen[bytes]) -> None:
    """Have a child end, by force if it must be."""
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except ControlError as error:
        raise Over(Outcome.FAILED, what=f"wpa_supplicant is gone ({error})") from error
    except OSError as error:
        what = f"wpa_supplicant cannot be started ({error.strerror})"
        raise Over(Outcome.FAILED, what=what) from error
