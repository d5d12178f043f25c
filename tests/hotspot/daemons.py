"""A hostapd without a radio: the control protocol of hostap, as wpa_ctrl.h describes it."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

DEADLINE = 20.0


class FakeDaemon:
    """hostapd or wpa_supplicant behind a control socket at `path`; a context manager.

    `replies` by command; `asked` is every command that came. An attached client is sent what
    `say` says, at once or, for `greeting`, right after its ATTACH.
    """

    def __init__(self, path: Path, replies: dict[str, str] | None = None) -> None:
        self.replies = {"PING": "PONG\n", "ATTACH": "OK\n", "STATUS": "state=ENABLED\n"}
        self.replies.update(replies or {})
        self.asked: list[str] = []
        self.greeting: list[bytes] = []
        self._path = path
        self._attached: list[str] = []
        self._heard = threading.Condition()

    def __enter__(self) -> Self:
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        self._stop, self._stopping = socket.socketpair()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.die()
        self._path.unlink(missing_ok=True)

    def die(self) -> None:
        """End as by SIGKILL: the socket's file stays."""
        self._stop.close()
        self._thread.join(DEADLINE)
        self._socket.close()
        self._stopping.close()

    def say(self, event: bytes) -> None:
        """Send an event to those who have attached, once there is one."""
        with self._heard:
            assert self._heard.wait_for(lambda: self._attached, DEADLINE)
        for client in self._attached:
            self._socket.sendto(event, client)

    def wait_for(self, command: str) -> None:
        """Until somebody has asked this."""
        with self._heard:
            assert self._heard.wait_for(lambda: command in self.asked, DEADLINE)

    def reply(self, command: str) -> str:
        """The answer to a command; a fake that does something does it here."""
        return self.replies.get(command, "UNKNOWN COMMAND\n")

    def _serve(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._socket, selectors.EVENT_READ)
            ready.register(self._stopping, selectors.EVENT_READ)
            while all(key.fileobj is self._socket for key, _ in ready.select()):
                self._answer(*self._socket.recvfrom(4096))

    def _answer(self, datagram: bytes, client: str) -> None:
        command = datagram.decode()
        with self._heard:
            self.asked.append(command)
            reply = self.reply(command)
            # A client that asked and has gone is none of our business.
            with contextlib.suppress(ConnectionError, FileNotFoundError):
                if reply != "(silence)":
                    self._socket.sendto(reply.encode(), client)
                if command == "ATTACH":
                    self._attached.append(client)
                    for event in self.greeting:
                        self._socket.sendto(event, client)
            self._heard.notify_all()
