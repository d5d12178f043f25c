"""Whether the access point lives: the kernel's own word on its interface and its address."""

from __future__ import annotations

import errno
import os
import socket
import time
from typing import TYPE_CHECKING

import pytest

from hotspot.supervisor.loop import Loop
from hotspot.units import pulse
from tests.hotspot import wire

if TYPE_CHECKING:
    from pathlib import Path

OURS, NOBODYS = "127.0.0.1", "192.0.2.1"
DEADLINE = 20.0


def interface(net: Path, flags: str) -> str:
    """A made-up /sys/class/net with one interface of these flags."""
    (net / "wlan0").mkdir(parents=True)
    (net / "wlan0" / "flags").write_text(f"{flags}\n")
    return str(net)


@pytest.mark.parametrize(
    ("flags", "address", "what"),
    [
        ("0x1003", OURS, ""),
        ("0x1002", OURS, pulse.DOWN),
        ("0x1003", NOBODYS, pulse.HOMELESS),
        ("0x1002", NOBODYS, pulse.DOWN),
    ],
)
def test_what_is_wrong(tmp_path: Path, flags: str, address: str, what: str) -> None:
    """An interface that is up, with its address, is well; else the graver of the two is told."""
    assert pulse.fault("wlan0", address, interface(tmp_path, flags)) == what


def test_no_interface(tmp_path: Path) -> None:
    """One that is not there is gone."""
    assert pulse.fault("wlan0", OURS, str(tmp_path)) == pulse.GONE


def test_which_have_a_radio(tmp_path: Path) -> None:
    """Those with a phy80211, whatever they are called."""
    for name in ("eth0", "wlan0", "made-up"):
        (tmp_path / name).mkdir()
    (tmp_path / "made-up" / "phy80211").mkdir()
    assert pulse.radios(str(tmp_path)) == {"made-up"}
    assert pulse.radios(str(tmp_path / "none")) == frozenset()


@pytest.mark.netns
def test_the_kernel_rings() -> None:
    """A link that goes down, and one that is gone, are rung for, with no question in between."""
    loop = Loop()
    rung: list[bool] = []
    with wire.machines("pulse", "far") as (here, far):
        wire.connect(here, "w0", far, "w1")
        with here.inside():
            bell = pulse.Bell(loop, lambda: rung.append(True))
        for words in (("set", "w0", "down"), ("delete", "w0")):
            rung.clear()
            here.run("ip", "link", *words)
            deadline = time.monotonic() + DEADLINE
            while not rung and time.monotonic() < deadline:
                loop.turn(deadline)
            assert rung, words
    loop.close()
    bell.close()


def test_more_than_it_can_hear(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the socket holds rings all the same; other errors are told."""
    loop, rung = Loop(), []
    bell = pulse.Bell(loop, lambda: rung.append(True))

    class Deaf:
        def __init__(self, number: int) -> None:
            self.number = number

        def recv(self, _most: int) -> bytes:
            raise OSError(self.number, os.strerror(self.number))

    kernel: socket.socket = bell._kernel
    monkeypatch.setattr(bell, "_kernel", Deaf(errno.ENOBUFS))
    bell._heard()
    assert rung == [True]
    monkeypatch.setattr(bell, "_kernel", Deaf(errno.EBADF))
    with pytest.raises(OSError, match="Bad file"):
        bell._heard()
    loop.close()
    kernel.close()
