"""NetworkManager as the owner: a new profile beside the old ones, until it has proven itself.

Whatever is on disk at any moment is whole profiles: those from before, and from `keep` on ours,
which NetworkManager tries first. Somebody else's are never touched, not even one for the same
network: `forget` could not put its passphrase back.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Final

from hotspot.config.values import NotAllowed
from hotspot.errors import Refused
from hotspot.owner import profile
from hotspot.owner.bus import Bus, BusError
from hotspot.owner.port import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hotspot.owner.profile import Ours
    from hotspot.uplink.wanted import Wanted

_SERVICE: Final = "org.freedesktop.NetworkManager"
_ROOT: Final = "/org/freedesktop/NetworkManager"
_SETTINGS: Final = f"{_ROOT}/Settings"
_PROFILES: Final = f"{_SERVICE}.Settings"
_PROFILE: Final = f"{_SERVICE}.Settings.Connection"
_DEVICE: Final = f"{_SERVICE}.Device"
_ACTIVE: Final = f"{_SERVICE}.Connection.Active"

# nm-dbus-interface.h: NM_SETTINGS_ADD_CONNECTION2_FLAG_TO_DISK and its twin of Update2.
_TO_DISK: Final = 0x1
# NM_CHECKPOINT_CREATE_FLAG_ALLOW_OVERLAPPING: one that an agent left when it was killed must
# not stop the next.
_OVERLAPPING: Final = 0x8
_DISCONNECTED: Final = 30  # NM_DEVICE_STATE_DISCONNECTED: from here on it can be activated
# NM_ACTIVE_CONNECTION_STATE_UNKNOWN, …_ACTIVATING, …_ACTIVATED; 3 and 4 are the way down.
_UNDER_WAY: Final = frozenset({0, 1, 2})
_ACTIVATED: Final = 2
_DEACTIVATED: Final = 4
_NOTHING: Final = "/"  # D-Bus has no null for object paths
# How much later NetworkManager rolls back by itself, should we be gone by then.
_MARGIN: Final = 30


class NetworkManager:
    """The owner behind D-Bus; see `hotspot.owner.port.Owner`.

    `address` is the bus's, `sync` waits until everything written is on disk.
    """

    def __init__(self, address: str = "SYSTEM", sync: Callable[[], None] = os.sync) -> None:
        self._address = address
        self._sync = sync

    def check(self, wanted: Wanted) -> None:
        """Refuse what a profile cannot hold."""
        _rendered(wanted, "check", "lo", 0)

    def keep(self, wanted: Wanted, key: str, interface: str) -> None:
        """Add the profile, on disk; while the interface is not its own, it does nothing with it."""
        with self._talking() as bus:
            others = [ours.number for path, ours in _ours(bus) if ours.key != key]
            settings = _rendered(wanted, key, interface, max(others, default=0) + 1)
            there = _path(bus, profile.identity(key))
            if there is None:
                asked = (_SETTINGS, _PROFILES, "AddConnection2", "a{sa{sv}}ua{sv}")
            else:
                asked = (there, _PROFILE, "Update2", "a{sa{sv}}ua{sv}")
            bus.call(*asked, settings, _TO_DISK, {})
            _confirm(bus, Kept(key, wanted.ssid))
        # Whoever wrote the file, and wherever: keyfile's writer does not fsync a new one, and
        # netplan's, which Raspberry Pi OS 13 has in its place, lies elsewhere.
        self._sync()

    def kept(self) -> Kept | None:
        """The newest profile of ours."""
        with self._talking() as bus:
            newest = _newest(bus)
        return newest and Kept(newest[1].key, newest[1].ssid)

    def settle(self, interface: str, seconds: float) -> bool:
        """Activate under a checkpoint; the former connection comes back if that fails."""
        deadline = time.monotonic() + seconds
        with self._talking() as bus:
            newest = _newest(bus)
            if newest is None:
                return False
            bus.listen()
            device = _device(bus, interface)
            if not _usable(bus, device, deadline):
                return False
            # Before the question whether it is home already, so that there is a way back.
            left = max(1, int(deadline - time.monotonic()))
            words = ("CheckpointCreate", "aouu", [device], left + _MARGIN, _OVERLAPPING)
            (checkpoint,) = bus.call(_ROOT, _SERVICE, *words)
            home = _activated(bus, newest[0], device, deadline)
            back = "CheckpointDestroy" if home else "CheckpointRollback"
            bus.call(_ROOT, _SERVICE, back, "o", checkpoint)
            if home:
                _delete(bus, [path for path, _ in _ours(bus) if path != newest[0]])
        return home

    def is_home(self, interface: str) -> bool:
        """Whether the interface's active connection is our newest profile, all the way up."""
        with self._talking() as bus:
            newest = _newest(bus)
            if newest is None:
                return False
            active = bus.get(_device(bus, interface), _DEVICE, "ActiveConnection")
            return _state(bus, active, newest[0]) == _ACTIVATED

    def forget(self) -> bytes | None:
        """Delete every profile of ours."""
        with self._talking() as bus:
            newest = _newest(bus)
            _delete(bus, [path for path, _ in _ours(bus)])
        self._sync()
        return newest and newest[1].ssid

    @contextlib.contextmanager
    def _talking(self) -> Iterator[Bus]:
        """A connection for one errand: the agent that asks is gone after a minute."""
        try:
            with Bus(_SERVICE, self._address) as bus:
                yield bus
        except BusError as error:
            remedy = "see journalctl -u NetworkManager, or set home.owner to wpa_supplicant"
            raise Refused(f"NetworkManager did not do it ({error.name})", remedy) from error


def _rendered(wanted: Wanted, key: str, interface: str, number: int) -> dict[str, profile.Group]:
    try:
        return profile.render(wanted, key, interface, number)
    except NotAllowed as error:
        raise Refused("this network cannot be kept", f"choose {error}") from error


def _ours(bus: Bus) -> list[tuple[str, Ours]]:
    """The profiles of ours by their paths."""
    found = []
    (paths,) = bus.call(_SETTINGS, _PROFILES, "ListConnections")
    for path in paths:
        # One that is deleted in between is not there.
        with contextlib.suppress(BusError):
            (settings,) = bus.call(path, _PROFILE, "GetSettings")
            if (ours := profile.read(settings)) is not None:
                found.append((path, ours))
    return found


def _confirm(bus: Bus, kept: Kept) -> None:
    """Remove the profile if it is not what was asked for, and refuse.

    NetworkManager with netplan behind it, for one, keeps no names that are not UTF-8.
    """
    if kept in [Kept(ours.key, ours.ssid) for _, ours in _ours(bus)]:
        return
    path = _path(bus, profile.identity(kept.key))
    _delete(bus, [path] if path else [])
    remedy = "see its log, or set home.owner to wpa_supplicant"
    raise Refused("NetworkManager has not kept the network as it is", remedy)


def _newest(bus: Bus) -> tuple[str, Ours] | None:
    return max(_ours(bus), key=lambda one: one[1].number, default=None)


def _path(bus: Bus, identity: str) -> str | None:
    with contextlib.suppress(BusError):
        (path,) = bus.call(_SETTINGS, _PROFILES, "GetConnectionByUuid", "s", identity)
        return str(path)
    return None


def _device(bus: Bus, interface: str) -> str:
    return str(bus.call(_ROOT, _SERVICE, "GetDeviceByIpIface", "s", interface)[0])


def _usable(bus: Bus, device: str, deadline: float) -> bool:
    """Whether it can be activated, as soon as it has been given back and is ready."""
    while bus.get(device, _DEVICE, "State") < _DISCONNECTED:
        if not bus.changed(deadline):
            return False
    return True


def _activated(bus: Bus, path: str, device: str, deadline: float) -> bool:
    """Whether this profile gets up on the device, started now unless it is on its way."""
    active = bus.get(device, _DEVICE, "ActiveConnection")
    if _state(bus, active, path) not in _UNDER_WAY:
        words = ("ActivateConnection", "ooo", path, device, _NOTHING)
        (active,) = bus.call(_ROOT, _SERVICE, *words)
    while (state := _state(bus, active, path)) != _ACTIVATED:
        if state not in _UNDER_WAY or not bus.changed(deadline):
            return False
    return True


def _state(bus: Bus, active: str, path: str) -> int:
    """How far an active connection is, NMActiveConnectionState; over if it is another profile's."""
    # One that has failed is soon no object any more.
    with contextlib.suppress(BusError):
        if active != _NOTHING and bus.get(active, _ACTIVE, "Connection") == path:
            return int(bus.get(active, _ACTIVE, "State"))
    return _DEACTIVATED


def _delete(bus: Bus, paths: list[str]) -> None:
    for path in paths:
        bus.call(path, _PROFILE, "Delete")
