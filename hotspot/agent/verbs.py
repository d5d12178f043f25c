"""What each request does: events, one after the other, the last of which ends the conversation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Final

from hotspot.agent import protocol
from hotspot.agent.dismissing import Dismissing
from hotspot.agent.joining import Busy, Joining, Unknown, log_bug
from hotspot.agent.port import CannotEver, CannotNow, Radio
from hotspot.agent.protocol import Event, refused
from hotspot.agent.story import Story
from hotspot.air import scan
from hotspot.uplink.wanted import Wanted

# What a line holds; an adapter of a small board takes 8 to 32.
_MOST_STATIONS: Final = 500
_BUSY: Final = "a network is being joined"


class Verbs:
    """The agent's conversations about one radio. Many at a time, each in a thread of its own."""

    def __init__(self, radio: Radio, joining: Joining, dismissing: Dismissing) -> None:
        self._radio = radio
        self._joining = joining
        self._dismissing = dismissing
        self._turn = threading.Lock()
        self._scan = Story(ended=True)
        self._no_scan = threading.Event()

    @property
    def at_work(self) -> bool:
        """Whether something goes on though nobody may be listening."""
        scanning = not self._scan.ended
        return self._joining.under_way or scanning or self._dismissing.pending

    def answer(self, request: protocol.Request) -> Iterator[Event]:
        """The events that answer a request."""
        try:
            yield from self._events(request)
        except Busy:
            yield refused("busy")
        except Unknown:
            yield refused("unknown", "key")
        except CannotEver as reason:
            yield refused(str(reason), "network")
        except CannotNow as reason:
            yield refused(str(reason))

    def end(self) -> None:
        """Come to an end: whatever is under way is ended and cleaned up."""
        self._no_scan.set()
        self._joining.end()
        self._dismissing.end()
        self._scan.wait()

    def _events(self, request: protocol.Request) -> Iterator[Event]:
        match request:
            case protocol.Scan():
                return self._scanned().events()
            case protocol.Join(key, network):
                return self._begun(key, network).events()
            case protocol.Follow(key):
                return self._joining.follow(key).events()
            case protocol.Cancel(key):
                self._joining.cancel(key)
                return iter([{"event": "cancelled"}])
            case _:
                return iter([self._at_once(request)])

    def _at_once(self, request: protocol.Request) -> Event:
        match request:
            case protocol.Stations():
                return self._stations()
            case protocol.Keep(key, network, owner):
                return self._kept(key, network, owner)
            case protocol.Forget():
                return self._forgotten()
            case protocol.Dismiss(address, seconds):
                self._dismissing.dismiss(address, seconds)
                return {"event": "dismissed", "address": address}
            case _:
                return self._status()

    def _begun(self, key: str, network: Wanted) -> Story:
        with self._turn:
            # A list can wait, the person who has typed a password should not.
            self._no_scan.set()
            self._scan.wait()
            return self._joining.begin(key, network)

    def _kept(self, key: str, network: Wanted, owner: str) -> Event:
        with self._turn:
            if self._joining.under_way:
                raise Busy
            self._radio.keep(key, network, owner)
        return {"event": "kept", "key": key, "ssid": network.ssid.hex()}

    def _scanned(self) -> Story:
        """The scan under way, or a new one: whoever asks meanwhile hears the same."""
        with self._turn:
            if self._joining.under_way:
                raise CannotNow(_BUSY)
            if self._scan.ended:
                self._scan, self._no_scan = Story(), threading.Event()
                threading.Thread(target=self._listen, name="scan").start()
            return self._scan

    def _listen(self) -> None:
        story = self._scan
        try:
            heard = self._radio.scan(
                lambda done, of: story.tell({"event": "scanning", "done": done, "of": of}),
                self._no_scan,
            )
            story.tell({"event": "networks", "networks": scan.entries(heard)})
        except CannotNow as reason:
            story.tell(refused(str(reason)))
        except Exception as bug:  # noqa: BLE001 - this thread's one top-level handler
            log_bug("scan", bug)
            story.tell(refused("a fault of ours; the log says more"))
        finally:
            story.end()

    def _stations(self) -> Event:
        found = [
            {"address": one.address, "seconds": one.seconds, "signal": one.signal}
            for one in self._radio.stations()[:_MOST_STATIONS]
        ]
        return {"event": "stations", "stations": found}

    def _forgotten(self) -> Event:
        with self._turn:
            if self._joining.under_way:
                raise CannotNow(_BUSY)
            name = self._radio.forget()
        return {"event": "forgotten", "ssid": None if name is None else name.hex()}

    def _status(self) -> Event:
        kept = self._radio.kept()
        known = {"key": kept.key, "ssid": kept.ssid.hex()} if kept else None
        state = "joining" if self._joining.under_way else self._radio.state()
        return {"event": "status", "state": state, "join": self._joining.last(), "kept": known}
