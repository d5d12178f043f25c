"""Who may ask: the kernel's word, and a list of user ids."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from hotspot.agent import peers
from hotspot.errors import Refused
from hotspot.supervisor import sockets


def test_the_kernel_says_who(tmp_path: Path) -> None:
    """The user id is that of whoever connected."""
    path = str(tmp_path / "radio.sock")
    with sockets.desk(path) as desk, socket.socket(socket.AF_UNIX) as asking:
        asking.connect(path)
        with desk.accept()[0] as accepted:
            assert peers.user_of(accepted) == os.geteuid()


def test_root_ourselves_and_who_is_named() -> None:
    """Nobody else may ask; names are looked up once, at the start."""
    assert peers.may_ask(()) == {0, os.geteuid()}
    assert peers.may_ask(("root",)) == {0, os.geteuid()}


def test_a_user_who_is_not_there() -> None:
    """A name nobody has ends the start, for a portal that is always refused would be worse."""
    with pytest.raises(Refused, match="there is no user nobody-of-this-name"):
        peers.may_ask(("nobody-of-this-name",))
