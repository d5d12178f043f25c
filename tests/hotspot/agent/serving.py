"""A server of the agent on a socket of a test's own, in a thread."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotspot.agent import asking, protocol
from hotspot.agent.dismissing import Dismissing
from hotspot.agent.joining import Joining
from hotspot.agent.port import Radio
from hotspot.agent.protocol import Event
from hotspot.agent.server import Server
from hotspot.agent.verbs import Verbs
from hotspot.supervisor import sockets
from tests.hotspot.agent.fakes import DEADLINE, FakeRadio

HERE = frozenset({os.geteuid()})
JOIN = {"verb": "join", "network": {"ssid": "486f6d65", "passphrase": "correct horse"}}


@dataclass
class Serving:
    """A server that runs; `radio` is what it is in front of."""

    radio: FakeRadio
    path: Path
    thread: threading.Thread = field(init=False)

    def ask(self, verb: str, **words: Any) -> list[Event]:
        """All events that answer a request; a refusal is one of them."""
        return self.asks({"verb": verb, **words})

    def join(self, key: str) -> list[Event]:
        """All events of a join with a new key."""
        return self.asks({**JOIN, "key": key})

    def asks(self, request: Mapping[str, Any]) -> list[Event]:
        with self.connection() as connection:
            connection.sendall(protocol.line(request))
            return list(events(connection))

    @contextlib.contextmanager
    def connection(self) -> Iterator[socket.socket]:
        """A connection that has not asked for anything yet."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(DEADLINE)
            connection.connect(str(self.path))
            yield connection


def events(connection: socket.socket) -> Iterator[Event]:
    """What comes, until the end."""
    with connection.makefile("rb") as lines:
        for line in lines:
            yield protocol.event(line)


@contextlib.contextmanager
def serving(
    folder: Path,
    *,
    radio: Radio | None = None,
    idle: float = DEADLINE,
    patience: float = DEADLINE,
    allowed: frozenset[int] = HERE,
) -> Iterator[Serving]:
    """A server on `folder`/radio.sock, stopped with the block."""
    fake = FakeRadio(folder)
    path = folder / asking.SOCKET
    with sockets.desk(str(path)) as listener:
        front = radio or fake
        verbs = Verbs(front, Joining(front.join, folder), Dismissing(front, folder))
        server = Server(listener, verbs, allowed, idle=idle, patience=patience)
        made = Serving(fake, path)
        made.thread = threading.Thread(target=server.serve)
        made.thread.start()
        try:
            yield made
        finally:
            server.stop()
            made.thread.join(DEADLINE)
            verbs.end()
