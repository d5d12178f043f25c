"""What every part of the tests may ask for."""

from __future__ import annotations

import socket

import pytest
from hypothesis import settings

# How long an example takes on a loaded machine says nothing about the code.
settings.register_profile("vestibule", deadline=None)
settings.load_profile("vestibule")


@pytest.fixture
def free_port() -> int:
    """A TCP and UDP port of 127.0.0.1 that nothing holds at this moment."""
    with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
        stream.bind(("127.0.0.1", 0))
        port: int = stream.getsockname()[1]
        datagram.bind(("127.0.0.1", port))
    return port
