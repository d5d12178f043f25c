"""The radio's side of an interface: what it can be, what it is, what it hears (nl80211)."""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING, Final

from hotspot import nl80211
from hotspot.netlink import ACK, DUMP, Generic
from hotspot.nl80211 import Adapter

if TYPE_CHECKING:
    from collections.abc import Mapping

# linux/nl80211.h: commands and attributes.
_GET_WIPHY, _GET_INTERFACE, _SET_INTERFACE = 1, 5, 6
_REQUEST_SET_REG, _GET_REG, _GET_SCAN, _TRIGGER_SCAN = 27, 31, 32, 33
_NEW_SCAN_RESULTS, _SCAN_ABORTED, _REG_CHANGE = 34, 35, 36
_WIPHY, _IFINDEX, _IFNAME, _IFTYPE, _SUPPORTED_IFTYPES, _REG_ALPHA2 = 1, 3, 4, 5, 32, 33
_SCAN_SSIDS, _BSS, _INTERFACE_COMBINATIONS, _SPLIT_WIPHY_DUMP = 45, 47, 120, 174

# One empty name to probe for: be told of every network, do not only listen.
_EVERY_SSID: Final = struct.pack("=HH", 4, 1)

# How long the kernel may take to read a country's rules from its database.
_REGULATORY_SECONDS: Final = 2.0


class Wireless(Generic):
    """nl80211, while it is open; a context manager. Failures are `OSError`."""

    def __init__(self) -> None:
        super().__init__("nl80211")

    def adapters(self) -> tuple[Adapter, ...]:
        """The Wi-Fi interfaces of this machine, oldest first; none without a driver."""
        if not self.exists:
            return ()
        radios: dict[bytes, dict[int, bytes]] = {}
        for part in self.ask(_GET_WIPHY, DUMP, {_SPLIT_WIPHY_DUMP: b""}):
            # The kernel tells of one radio in many messages, another part in each.
            radios.setdefault(part[_WIPHY], {}).update(part)
        interfaces = self.ask(_GET_INTERFACE, DUMP, {})
        found = [_adapter(one, radios[one[_WIPHY]]) for one in interfaces if _IFNAME in one]
        return tuple(sorted(found, key=lambda adapter: adapter.index))

    def type(self, index: int) -> str:
        """What the interface is now, by its nl80211 name."""
        (found,) = self.ask(_GET_INTERFACE, 0, {_IFINDEX: _packed(index)})
        return nl80211.TYPES[_number(found[_IFTYPE])]

    def set_type(self, index: int, kind: str) -> None:
        """Make the interface something else. Raises `OSError` EBUSY while the link is up."""
        number = nl80211.TYPES.index(kind)
        self.ask(_SET_INTERFACE, ACK, {_IFINDEX: _packed(index), _IFTYPE: _packed(number)})

    def country(self) -> str:
        """The country whose rules the radios follow; "00" is the world's common least."""
        (found,) = self.ask(_GET_REG, 0, {})
        return found[_REG_ALPHA2].rstrip(b"\0").decode("ascii", "replace")

    def set_country(self, country: str) -> None:
        """Ask for a country's rules, and wait a moment until they hold.

        Where the kernel has no database they never do; hostapd will then say so. Where there is
        no driver any more there are no rules.
        """
        if not self.exists:
            return
        with self.events("regulatory") as events:
            self.ask(_REQUEST_SET_REG, ACK, {_REG_ALPHA2: country.encode("ascii") + b"\0"})
            if self.country() != country:
                events.wait(_REGULATORY_SECONDS, lambda command, _: command == _REG_CHANGE)

    def scan(self, index: int, seconds: float) -> list[bytes]:
        """What a scan of all channels heard: one NL80211_ATTR_BSS each.

        Waits for the kernel's word that it has ended, at most `seconds`, and gives what was
        heard by then. The link must be up. Raises `OSError` when no scan could be started.
        """
        own = {_IFINDEX: _packed(index)}
        with self.events("scan") as events:
            try:
                self.ask(_TRIGGER_SCAN, ACK, own | {_SCAN_SSIDS: _EVERY_SSID})
            except OSError as error:
                if error.errno != errno.EBUSY:
                    raise
                # Somebody else's scan is under way, and its results are as good.
            events.wait(seconds, lambda command, of: _has_ended(command, of, own))
        return [one[_BSS] for one in self.ask(_GET_SCAN, DUMP, own) if _BSS in one]


def index_of(interface: str) -> int:
    """The index by which the kernel knows an interface. Raises `OSError` when there is none."""
    try:
        return socket.if_nametoindex(interface)
    except OSError:
        # Python's own has a text and no errno.
        raise OSError(errno.ENODEV, f"no interface {interface}") from None


def _has_ended(command: int, of: Mapping[int, bytes], own: Mapping[int, bytes]) -> bool:
    return command in {_NEW_SCAN_RESULTS, _SCAN_ABORTED} and of.get(_IFINDEX) == own[_IFINDEX]


def _adapter(interface: Mapping[int, bytes], radio: Mapping[int, bytes]) -> Adapter:
    return Adapter(
        interface=interface[_IFNAME].rstrip(b"\0").decode(errors="replace"),
        index=_number(interface[_IFINDEX]),
        phy=_number(interface[_WIPHY]),
        types=nl80211.types(radio.get(_SUPPORTED_IFTYPES, b"")),
        combinations=nl80211.combinations(radio.get(_INTERFACE_COMBINATIONS, b"")),
    )


def _packed(number: int) -> bytes:
    return struct.pack("=I", number)


def _number(payload: bytes) -> int:
    return int(struct.unpack("=I", payload)[0])
