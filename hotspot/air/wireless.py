"""The radio's side of an interface: what it can be, what it is, what it hears (nl80211)."""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING, Final

from hotspot.air import nl80211
from hotspot.air.nl80211 import Adapter, Frequency, Station
from hotspot.netlink import ACK, DUMP, Generic

if TYPE_CHECKING:
    from collections.abc import Mapping

# linux/nl80211.h: commands and attributes.
_GET_WIPHY, _GET_INTERFACE, _SET_INTERFACE, _GET_STATION = 1, 5, 6, 17
_NEW_INTERFACE, _DEL_INTERFACE = 7, 8
_REQUEST_SET_REG, _GET_REG, _GET_SCAN, _TRIGGER_SCAN = 27, 31, 32, 33
_NEW_SCAN_RESULTS, _SCAN_ABORTED, _REG_CHANGE = 34, 35, 36
_WIPHY, _IFINDEX, _IFNAME, _IFTYPE, _SUPPORTED_IFTYPES, _REG_ALPHA2 = 1, 3, 4, 5, 32, 33
_MAC, _STA_INFO, _WIPHY_BANDS, _WIPHY_FREQ, _SCAN_FREQUENCIES = 6, 21, 22, 38, 44
_SCAN_SSIDS, _BSS, _INTERFACE_COMBINATIONS, _SCAN_FLAGS, _SPLIT_WIPHY_DUMP = 45, 47, 120, 158, 174
_SUPPORTED_COMMANDS: Final = 50
_SET_POWER_SAVE, _GET_POWER_SAVE, _PS_STATE = 61, 62, 93

# One empty name to probe for: be told of every network, do not only listen.
_EVERY_SSID: Final = struct.pack("=HH", 4, 1)

# NL80211_SCAN_FLAG_AP: scan although this interface beacons.
_BESIDE_BEACONS: Final = struct.pack("=I", 1 << 2)
# How often somebody else's scan may be under way when we come.
_TURNS: Final = 3

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
            # The kernel tells of one radio in many messages, another part in each, and a few
            # channels in each that is about a band: those are put in a row.
            known = radios.setdefault(part[_WIPHY], {})
            bands = known.get(_WIPHY_BANDS, b"") + part.get(_WIPHY_BANDS, b"")
            known.update(part)
            known[_WIPHY_BANDS] = bands
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

    def add_station(self, beside: int, name: str, address: bytes) -> None:
        """Another interface on the same radio, a station with a hardware address of its own.

        Raises `OSError`: EOPNOTSUPP from a driver that has none, EEXIST for a name that is taken.
        """
        (found,) = self.ask(_GET_INTERFACE, 0, {_IFINDEX: _packed(beside)})
        wanted = {_IFNAME: name.encode("ascii") + b"\0", _MAC: address}
        kind = _packed(nl80211.TYPES.index("station"))
        self.ask(_NEW_INTERFACE, ACK, {_WIPHY: found[_WIPHY], _IFTYPE: kind, **wanted})

    def bare(self) -> list[int]:
        """The radios that have no interface, by number."""
        parts = self.ask(_GET_WIPHY, DUMP, {_SPLIT_WIPHY_DUMP: b""})
        taken = {adapter.phy for adapter in self.adapters()}
        return sorted({_number(part[_WIPHY]) for part in parts} - taken)

    def add_first(self, phy: int, name: str) -> None:
        """An interface on a radio that has none: a station, until it is made something else."""
        kind = _packed(nl80211.TYPES.index("station"))
        wanted = {_WIPHY: _packed(phy), _IFTYPE: kind, _IFNAME: name.encode("ascii") + b"\0"}
        self.ask(_NEW_INTERFACE, ACK, wanted)

    def remove(self, index: int) -> None:
        """Remove an interface."""
        self.ask(_DEL_INTERFACE, ACK, {_IFINDEX: _packed(index)})

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
        # If somebody else's scan is under way, its results are as good.
        self._listen(own, {_SCAN_SSIDS: _EVERY_SSID}, seconds)
        return self._heard(own)

    def frequencies(self, index: int) -> list[Frequency]:
        """The channels that the interface's radio may use in its country, lowest first."""
        own = {_IFINDEX: _packed(index), _SPLIT_WIPHY_DUMP: b""}
        parts = self.ask(_GET_WIPHY, DUMP, own)
        bands = b"".join(part.get(_WIPHY_BANDS, b"") for part in parts)
        return [one for one in nl80211.frequencies(bands) if not one.disabled]

    def saves_power(self, index: int) -> bool:
        """Whether the interface sleeps between beacons. Raises `OSError` where it has no say."""
        (found,) = self.ask(_GET_POWER_SAVE, 0, {_IFINDEX: _packed(index)})
        return _number(found[_PS_STATE]) > 0

    def stay_awake(self, index: int) -> None:
        """Switch the interface's power saving off."""
        self.ask(_SET_POWER_SAVE, ACK, {_IFINDEX: _packed(index), _PS_STATE: _packed(0)})

    def frequency(self, index: int) -> int:
        """The channel that the interface is on now, by its centre in MHz; 0 for none."""
        (found,) = self.ask(_GET_INTERFACE, 0, {_IFINDEX: _packed(index)})
        return _number(found[_WIPHY_FREQ]) if _WIPHY_FREQ in found else 0

    def listen(self, index: int, where: Frequency, seconds: float) -> list[bytes]:
        """What is heard on one channel while the interface itself beacons: as `scan` gives it.

        Raises `OSError`: EOPNOTSUPP where the driver does not scan beside beacons, EBUSY when
        others scan all the time.
        """
        own = {_IFINDEX: _packed(index)}
        words = {_SCAN_FREQUENCIES: _nested(_packed(where.mhz)), _SCAN_FLAGS: _BESIDE_BEACONS}
        if not where.passive:
            words[_SCAN_SSIDS] = _EVERY_SSID
        # What others scan may be other channels: wait for their end, and then it is our turn.
        if not any(self._listen(own, words, seconds) for _ in range(_TURNS)):
            raise OSError(errno.EBUSY, "another program scans all the time")
        return self._heard(own)

    def stations(self, index: int) -> list[Station]:
        """Who is associated with the interface."""
        found = self.ask(_GET_STATION, DUMP, {_IFINDEX: _packed(index)})
        return [nl80211.station(one[_MAC], one.get(_STA_INFO, b"")) for one in found if _MAC in one]

    def _listen(self, own: Mapping[int, bytes], words: Mapping[int, bytes], seconds: float) -> bool:
        """Scan, or wait for the end of the scan that others have begun: whether it was ours."""
        ours = True
        with self.events("scan") as events:
            try:
                self.ask(_TRIGGER_SCAN, ACK, {**own, **words})
            except OSError as error:
                if error.errno != errno.EBUSY:
                    raise
                ours = False
            events.wait(seconds, lambda command, of: _has_ended(command, of, own))
        return ours

    def _heard(self, own: Mapping[int, bytes]) -> list[bytes]:
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
        announces=nl80211.announces(radio.get(_SUPPORTED_COMMANDS, b"")),
        frequencies=nl80211.frequencies(radio[_WIPHY_BANDS]),
    )


def _nested(payload: bytes) -> bytes:
    """The payload as the first of a list of attributes."""
    return struct.pack("=HH", 4 + len(payload), 1) + payload


def _packed(number: int) -> bytes:
    return struct.pack("=I", number)


def _number(payload: bytes) -> int:
    return int(struct.unpack("=I", payload)[0])
