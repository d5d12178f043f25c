"""The portal behind real sockets: in a thread over fakes, or as the process it is."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from portal.app import create_app
from portal.form.networks import Network
from portal.services import Services
from tests.portal.fakes import FakeOutbox, FakeReleases, FakeScan, fake_services, neighbourhood


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class _Threaded(ThreadingMixIn, WSGIServer):
    """A browser opens connections ahead of need and says nothing on them."""

    daemon_threads = True


@contextmanager
def over_fakes(
    outbox: FakeOutbox, scan: FakeScan, releases: FakeReleases | None = None, **more: Any
) -> Iterator[str]:
    """The app over fakes, and `more` of its services, at a URL of loopback."""
    with make_server(
        "127.0.0.1", 0, lambda *_: [], server_class=_Threaded, handler_class=_Quiet
    ) as server:
        services: Services = fake_services(
            outbox, scan, releases, url=f"http://127.0.0.1:{server.server_port}/", **more
        )
        server.set_app(create_app(services))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield services.url
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Portal:
    """A running `python -m portal` and where it listens."""

    process: subprocess.Popen[bytes]
    address: tuple[str, int]
    url: str
    folder: Path

    def connect(self) -> socket.socket:
        """A new connection to it."""
        return socket.create_connection(self.address, timeout=10)

    def exchange(self, request: bytes) -> bytes:
        """All that it answers to `request` until it closes."""
        with self.connect() as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def stderr(self) -> str:
        """What it has logged so far."""
        return (self.folder / "stderr").read_text()

    def processes(self) -> list[int]:
        """It and its children."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [self.process.pid, *map(int, children.read_text().split())]


@contextmanager
def portal_process(
    folder: Path, networks: Sequence[Network] = neighbourhood(), *arguments: str
) -> Iterator[Portal]:
    """`python -m portal` on an inherited socket, stopped at the end if it still runs.

    It only collects, unless `arguments` name other settings.

    The socket listens before the process exists, so that no one has to wait for it.
    """
    write_scan(folder / "networks.json", networks)
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        address = listener.getsockname()
        url = f"http://127.0.0.1:{address[1]}/"
        argv = [sys.executable, "-m", "portal", f"--state={folder}", f"--runtime={folder}"]
        argv.append(f"--config={collecting(folder)}")
        with (folder / "stderr").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", _HAND_ON, *argv, f"--url={url}", *arguments],
                stdin=listener.fileno(),
                stderr=log,
            )
    try:
        yield Portal(process, address, url, folder)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=20)


def collecting(folder: Path) -> Path:
    """The settings of a portal that joins nothing and hands on at once."""
    file = folder / "collecting.toml"
    file.write_text('[radio]\ncountry = "DE"\n[provisioning]\njoins = false\n')
    return file


# sd_listen_fds(3) wants the process's own number, known only to itself.
_HAND_ON = """
import os, sys
os.dup2(0, 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], sys.argv[1:])
"""


def write_scan(path: Path, networks: Sequence[Network]) -> None:
    """What `hotspot prepare` leaves in the run directory."""
    entries = [
        {
            "ssid": network.ssid.hex(),
            "signal": network.signal,
            "frequency": network.frequency,
            "channel": network.channel,
            "security": network.security,
        }
        for network in networks
    ]
    aside = path.with_suffix(".new")
    aside.write_text(json.dumps({"networks": entries}))
    aside.replace(path)
