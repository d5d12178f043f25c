"""A label printer: a socket that takes what comes and keeps it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class FakePrinter:
    """What a printer on this address was sent, a text for each connection."""

    address: str
    jobs: list[str] = field(default_factory=list)


@contextmanager
def printer() -> Iterator[FakePrinter]:
    """One on loopback, until the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = FakePrinter(f"127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(target=_print, args=(listener, made))
        thread.start()
        try:
            yield made
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _print(listener: socket.socket, made: FakePrinter) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            job = b"".join(iter(lambda: connection.recv(65536), b""))  # noqa: B023 - at once
            made.jobs.append(job.decode())
