"""The kernel rings, and is heard however much it has to say."""

from __future__ import annotations

import errno
import os
import socket
import time

import pytest

from hotspot.supervisor.bell import Bell
from hotspot.supervisor.loop import Loop
from hotspot.units import pulse
from tests.hotspot import wire

DEADLINE = 20.0


@pytest.mark.netns
def test_the_kernel_rings() -> None:
    """A link that goes down, and one that is gone, are rung for, with no question in between."""
    loop = Loop()
    rung: list[bool] = []
    with wire.machines("pulse", "far") as (here, far):
        wire.connect(here, "w0", far, "w1")
        with here.inside():
            bell = Bell(loop, pulse.GROUPS, lambda: rung.append(True))
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
    bell = Bell(loop, pulse.GROUPS, lambda: rung.append(True))

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
