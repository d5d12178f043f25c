"""What is refused before anything is changed, each with its remedy in one line."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from hotspot.air.nl80211 import Adapter
from hotspot.checks import preflight
from hotspot.errors import Refused
from hotspot.machine import neighbours
from tests.hotspot import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ABLE = Adapter("wlan1", 4, 1, frozenset({"station", "ap"}))
UNABLE = Adapter("wlan0", 3, 0, frozenset({"station"}))
ADDRESS = "100.64.64.1"


def test_root() -> None:
    """Root goes on; anybody else is told of sudo and of the demo."""
    preflight.root()
    pid = os.fork()
    if pid == 0:  # pragma: no cover - counted in the parent only
        os.setuid(65534)
        try:
            preflight.root()
        except Refused as refusal:
            os._exit(7 if "sudo" in refusal.remedy and "--demo" in refusal.remedy else 1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


def test_programs(tmp_path: Path) -> None:
    """What is missing is named, with the Debian packages to install."""
    for name in ("hostapd", "dnsmasq"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(Refused) as refusal:
        preflight.programs(str(tmp_path))
    assert str(refusal.value) == "not installed: nft: apt install nftables"

    with pytest.raises(Refused) as refusal:
        preflight.programs("/nonexistent")
    assert refusal.value.remedy == "apt install hostapd dnsmasq-base nftables"


CHOSEN = [
    ([ABLE], None, ABLE),
    ([UNABLE, ABLE], None, ABLE),
    ([ABLE, Adapter("wlan2", 5, 2, ABLE.types)], "wlan2", Adapter("wlan2", 5, 2, ABLE.types)),
]


@pytest.mark.parametrize(("adapters", "wanted", "expected"), CHOSEN)
def test_the_adapter(adapters: list[Adapter], wanted: str | None, expected: Adapter) -> None:
    """The one that is named, else the first that can be an access point."""
    assert preflight.adapter(adapters, wanted) == expected


NONE = [
    ([], None, "no Wi-Fi adapter: plug one in"),
    ([], "wlan0", "no Wi-Fi adapter: plug one in"),
    ([ABLE], "wlan7", "no Wi-Fi adapter wlan7: there is wlan1"),
    ([UNABLE], None, "wlan0 cannot be an access point"),
    ([UNABLE, ABLE], "wlan0", "wlan0 cannot be an access point"),
]


@pytest.mark.parametrize(("adapters", "wanted", "said"), NONE)
def test_no_adapter(adapters: list[Adapter], wanted: str | None, said: str) -> None:
    """No adapter, none of that name, none that can: told apart."""
    with pytest.raises(Refused) as refusal:
        preflight.adapter(adapters, wanted)
    assert str(refusal.value).startswith(said)
    assert "\n" not in str(refusal.value)


SWITCHES = [
    ("0", "0", None),
    ("1", "0", "rfkill unblock wlan"),
    ("0", "1", "switch or key"),
    ("1", "1", "switch or key"),
]


@pytest.mark.parametrize(("soft", "hard", "remedy"), SWITCHES)
def test_rfkill(tmp_path: Path, soft: str, hard: str, remedy: str | None) -> None:
    """A radio that is switched off, by software or by hand."""
    switch = tmp_path / "class/net/wlan0/phy80211/rfkill3"
    switch.mkdir(parents=True)
    (switch / "soft").write_text(f"{soft}\n")
    (switch / "hard").write_text(f"{hard}\n")

    preflight.rfkill("wlan1", tmp_path)
    if remedy is None:
        preflight.rfkill("wlan0", tmp_path)
    else:
        with pytest.raises(Refused, match=remedy):
            preflight.rfkill("wlan0", tmp_path)


SUPPLICANTS = [
    (["wpa_supplicant", "-B", "-i", "wlan0", "-c", "x"], 77),
    (["/sbin/wpa_supplicant", "-iwlan0"], 77),
    (["wpa_supplicant", "-i", "wlan1"], None),
    (["wpa_supplicant", "-u", "-s"], None),
    (["vi", "-i", "wlan0"], None),
]


@pytest.mark.parametrize(("words", "pid"), SUPPLICANTS)
def test_a_silent_supplicant(tmp_path: Path, words: list[str], pid: int | None) -> None:
    """A wpa_supplicant on this interface is found by its command line, and no other."""
    (tmp_path / "77").mkdir()
    (tmp_path / "77" / "cmdline").write_text("\0".join([*words, ""]))
    (tmp_path / "self").mkdir()

    assert neighbours.silent_supplicant("wlan0", tmp_path) == pid


def test_a_supplicant_that_can_be_asked_is_no_obstacle(tmp_path: Path) -> None:
    """Its control socket is where we will tell it to sit still."""
    (tmp_path / "wlan0").write_text("")

    preflight.supplicant("wlan0", tmp_path)
    preflight.supplicant("nobodys", tmp_path)


# --- ports ---------------------------------------------------------------------------------------


def datagrams(address: str, port: int, *options: int) -> socket.socket:
    """A UDP socket that holds a port."""
    held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for option in options:
        held.setsockopt(socket.SOL_SOCKET, option, 1)
    held.bind((address, port))
    return held


def listener(address: str, port: int) -> socket.socket:
    """A TCP socket that listens."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((address, port))
    held.listen()
    return held


def on_w1(held: socket.socket) -> socket.socket:
    """Kept to another interface."""
    held.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"w1")
    return held


def shared_on_w1() -> socket.socket:
    """A DHCP server of another interface, as libvirt and systemd-networkd have one."""
    held = on_w1(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("", 67))
    return held


@pytest.fixture
def host() -> Iterator[wire.Machine]:
    """A machine with an interface `w0` that does not have our address yet, and another `w1`."""
    with wire.machines("host") as (host,):
        host.run("ip", "link", "add", "w0", "type", "veth", "peer", "name", "w1")
        with host.inside():
            yield host


IN_THE_WAY: list[tuple[Callable[[], socket.socket], str]] = [
    (lambda: datagrams("", 53), "UDP port 53"),
    (lambda: listener("", 53), "TCP port 53"),
    (lambda: datagrams("", 67), "UDP port 67"),
    # Debian's dnsmasq as it comes: every address, and it shares with nobody.
    (lambda: datagrams("", 67, socket.SO_REUSEADDR), "UDP port 67"),
    (lambda: listener("", 80), "TCP port 80"),
    (lambda: listener("", 443), "TCP port 443"),
]


@pytest.mark.netns
@pytest.mark.parametrize(("holding", "said"), IN_THE_WAY)
def test_a_port_that_is_taken(
    host: wire.Machine, holding: Callable[[], socket.socket], said: str
) -> None:
    """Whoever listens on every address is in the way, and is named."""
    with holding():
        with pytest.raises(Refused) as refusal:
            preflight.ports("w0", ADDRESS, tls=True)
        holder = f"(pid {os.getpid()})"
        assert refusal.value.what.startswith(f"{said} is taken by ")
        assert refusal.value.what.endswith(holder)
    assert host.name


NOT_IN_THE_WAY: list[Callable[[], socket.socket]] = [
    lambda: datagrams("127.0.0.53", 53),  # systemd-resolved's stub
    lambda: listener("127.0.0.53", 53),
    lambda: listener("127.0.0.1", 80),
    # Without a certificate a web server of the machine's own may stay there.
    lambda: listener("", 443),
    shared_on_w1,
]


@pytest.mark.netns
@pytest.mark.parametrize("holding", NOT_IN_THE_WAY)
def test_a_port_that_is_free(host: wire.Machine, holding: Callable[[], socket.socket]) -> None:
    """Who keeps to another address or interface is not in the way."""
    with holding():
        preflight.ports("w0", ADDRESS)
    preflight.ports("w0", ADDRESS, tls=True)
    assert host.name
