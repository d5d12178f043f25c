"""A NetworkManager without a network: its D-Bus interface, on a bus of the test's own.

It keeps profiles by their settings as the real one does, and brings a connection up, or fails
to, when it is told to activate it. Names and numbers are those of nm-dbus-interface.h.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Self

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

from tests.hotspot.real import program

ROOT: Final = "/org/freedesktop/NetworkManager"
NAME: Final = "org.freedesktop.NetworkManager"
DEVICE: Final = f"{ROOT}/Devices/1"
BUS: Final = """\
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
"""
UNMANAGED, DISCONNECTED = 10, 30
ACTIVATING, ACTIVATED, DEACTIVATED = 1, 2, 4

Settings = dict[str, dict[str, tuple[str, Any]]]


class Fault(Exception):  # noqa: N818 - an answer, named as D-Bus names it
    """An error reply of this name."""


@contextlib.contextmanager
def bus(folder: Path) -> Iterator[str]:
    """The address of a bus that only this test is on."""
    path, settings = folder / "bus", folder / "bus.conf"
    settings.write_text(BUS.format(path=path))
    argv = [program("dbus-daemon"), f"--config-file={settings}", "--nofork", "--nopidfile"]
    with subprocess.Popen(
        [*argv, "--print-address=1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as daemon:
        assert daemon.stdout is not None
        # Said once it listens.
        assert daemon.stdout.readline()
        try:
            yield f"unix:path={path}"
        finally:
            daemon.kill()


class FakeNetworkManager:
    """One wlan0, given back or not (`state`), where activation `works` or fails; a context manager.

    With `netplan` it keeps names as text, whatever they were. `asked` is every method that was
    called, `rolled_back` how many checkpoints were.
    """

    def __init__(self, address: str) -> None:
        self.profiles: dict[str, Settings] = {}
        self.state = DISCONNECTED
        self.works = True
        self.active: tuple[str, int] | None = None
        self.asked: list[str] = []
        self.checkpoints: list[str | None] = []
        self.rolled_back = 0
        self.fault = ""
        self.netplan = False
        self._count = 0
        self._connection: DBusConnection = open_dbus_connection(address)
        Proxy(message_bus, self._connection).RequestName(NAME)
        self._thread = threading.Thread(target=self._serve)

    def add(self, **settings: Any) -> str:
        """A profile that somebody else has made, by its groups; its path."""
        self._count += 1
        path = f"{ROOT}/Settings/{self._count}"
        self.profiles[path] = settings
        return path

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        # The thread hears of it as the end of the stream.
        with contextlib.suppress(OSError):
            self._connection.sock.shutdown(2)
        self._thread.join(20)
        self._connection.close()

    def _serve(self) -> None:
        with contextlib.suppress(ConnectionError, OSError):
            while True:
                message = self._connection.receive()
                if message.header.message_type is MessageType.method_call:
                    self._answer(message)

    def _answer(self, message: Message) -> None:
        fields = message.header.fields
        member, path = fields[HeaderFields.member], fields[HeaderFields.path]
        self.asked.append(member)
        try:
            method = "faulty" if self.fault == member else member.lower()
            signature, body = getattr(self, f"_{method}")(path, *message.body)
            reply = new_method_return(message, signature, body)
        except Fault as fault:
            reply = new_error(message, str(fault), "s", (f"refused: {message.body}",))
        self._connection.send(reply)
        if member == "ActivateConnection":
            self._go()

    def _go(self) -> None:
        """A moment later the activation has come to its end."""
        assert self.active is not None
        self.active = (self.active[0], ACTIVATED if self.works else DEACTIVATED)
        emitter = DBusAddress(f"{ROOT}/ActiveConnection/1", interface=f"{NAME}.Connection.Active")
        self._connection.send(new_signal(emitter, "StateChanged", "uu", (self.active[1], 0)))

    def give_back(self) -> None:
        """wlan0 is NetworkManager's again."""
        self.state = DISCONNECTED
        emitter = DBusAddress(DEVICE, interface=f"{NAME}.Device")
        self._connection.send(new_signal(emitter, "StateChanged", "uuu", (30, 10, 0)))

    def _faulty(self, *_words: object) -> tuple[str, tuple[Any, ...]]:
        raise Fault(f"{NAME}.Faulty")

    def _listconnections(self, _path: str) -> tuple[str, tuple[Any, ...]]:
        return "ao", (list(self.profiles),)

    def _getsettings(self, path: str) -> tuple[str, tuple[Any, ...]]:
        if path not in self.profiles:
            raise Fault("org.freedesktop.DBus.Error.UnknownMethod")
        # Secrets are only given out by GetSecrets.
        groups = {
            name: {key: value for key, value in group.items() if key not in {"psk", "password"}}
            for name, group in self.profiles[path].items()
        }
        return "a{sa{sv}}", (groups,)

    def _getconnectionbyuuid(self, _path: str, identity: str) -> tuple[str, tuple[Any, ...]]:
        for path, settings in self.profiles.items():
            if settings["connection"]["uuid"][1] == identity:
                return "o", (path,)
        raise Fault(f"{NAME}.Settings.InvalidConnection")

    def _addconnection2(
        self, _path: str, settings: Settings, flags: int, _args: object
    ) -> tuple[str, tuple[Any, ...]]:
        assert flags == 1
        if self.netplan:
            name = settings["802-11-wireless"]["ssid"][1].decode(errors="replace").encode()
            settings["802-11-wireless"]["ssid"] = ("ay", name)
        return "oa{sv}", (self.add(**settings), {})

    def _update2(
        self, path: str, settings: Settings, flags: int, _args: object
    ) -> tuple[str, tuple[Any, ...]]:
        assert flags == 1
        self.profiles[path] = settings
        return "a{sv}", ({},)

    def _delete(self, path: str) -> tuple[None, tuple[()]]:
        del self.profiles[path]
        return None, ()

    def _getdevicebyipiface(self, _path: str, name: str) -> tuple[str, tuple[Any, ...]]:
        if name != "wlan0":
            raise Fault(f"{NAME}.UnknownDevice")
        return "o", (DEVICE,)

    def _get(self, _path: str, _interface: str, name: str) -> tuple[str, tuple[Any, ...]]:
        active = f"{ROOT}/ActiveConnection/1"
        if name == "State" and _path == DEVICE:
            return "v", (("u", self.state),)
        if name == "ActiveConnection":
            return "v", (("o", active if self.active else "/"),)
        if self.active is None:
            raise Fault("org.freedesktop.DBus.Error.UnknownObject")
        values = {"Connection": ("o", self.active[0]), "State": ("u", self.active[1])}
        return "v", (values[name],)

    def _checkpointcreate(
        self, _path: str, devices: list[str], seconds: int, flags: int
    ) -> tuple[str, tuple[Any, ...]]:
        assert (devices, flags) == ([DEVICE], 8)
        assert seconds > 0
        self.checkpoints.append(self.active[0] if self.active else None)
        return "o", (f"{ROOT}/Checkpoint/{len(self.checkpoints)}",)

    def _checkpointdestroy(self, _path: str, _checkpoint: str) -> tuple[None, tuple[()]]:
        self.checkpoints.pop()
        return None, ()

    def _checkpointrollback(self, _path: str, _checkpoint: str) -> tuple[str, tuple[Any, ...]]:
        former = self.checkpoints.pop()
        self.active = (former, ACTIVATED) if former else None
        self.rolled_back += 1
        return "a{su}", ({DEVICE: 0},)

    def _activateconnection(
        self, _path: str, profile: str, device: str, specific: str
    ) -> tuple[str, tuple[Any, ...]]:
        assert (device, specific) == (DEVICE, "/")
        self.active = (profile, ACTIVATING)
        return "o", (f"{ROOT}/ActiveConnection/1",)
