"""The files of a bench behind the real worker: what tests and benchmarks fetch from.

    python -m tests.portal.bench.artifacts.site FOLDER URL < listening socket

FOLDER has `shelf/`, and `tickets/` with a file for each code, in which a digest stands; a ticket
ends when its file is removed. What has been acknowledged is at `/progress/<code>`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, jsonify, request

from portal.bench.artifacts.progress import Progress
from portal.bench.artifacts.serving import blueprint
from portal.bench.artifacts.shelf import Shelf
from portal.bench.artifacts.uploads import Uploads
from portal.bench.port import Artifact, Claims, Document, Report, Sighting, Ticket, Turn
from portal.door.detect import FrontDoor
from portal.door.ready import Ready
from portal.door.streams import News
from portal.terms import Log, Terms
from portal.worker import PoliteWorker


class Tickets:
    """The bench as far as downloads go: `Devices` whose tickets are files."""

    def __init__(self, folder: Path, shelf: Shelf) -> None:
        self.folder = folder
        self.shelf = shelf

    def ticket(self, code: str) -> Ticket | None:
        """The download that `code` allows."""
        try:
            artifact = self.shelf.find((self.folder / code).read_text())
        except OSError:
            return None
        return Ticket(code, "device", 1, artifact) if artifact else None

    def see(self, sighting: Sighting) -> Turn:
        raise NotImplementedError

    def report(self, device: str, report: Report) -> bool:
        raise NotImplementedError

    def find(self, claims: Claims) -> str:
        raise NotImplementedError

    def document(self, device: str, name: str = "") -> Document | None:
        raise NotImplementedError

    def attributes(self, device: str, values: object) -> None:
        raise NotImplementedError


class FileSite:
    """What the worker serves: probes, and files."""

    publish: Callable[[str, News], None] = staticmethod(lambda _topic, _news: None)
    busy = False

    def __init__(self, folder: Path, url: str) -> None:
        shelf = Shelf(folder / "shelf", kept=0)
        progress = Progress(time.monotonic)
        self.ready = Ready(url)
        self._app = app = Flask(__name__)
        uploads = Uploads(shelf)
        app.register_blueprint(blueprint(Tickets(folder / "tickets", shelf), shelf, progress))
        for path, view in (
            ("/progress/<code>", lambda code: jsonify(progress.of(code))),
            ("/revoke/<code>", lambda code: _revoked(progress, code)),
            ("/", lambda: Response("a page")),
        ):
            app.add_url_rule(path, path, view)
        app.add_url_rule("/piece/<upload>", view_func=_taking(uploads), methods=["POST"])
        app.wsgi_app = FrontDoor(app.wsgi_app, url, lambda _: False)  # type: ignore[method-assign,assignment]

    def wsgi(self) -> Flask:
        return self._app

    def chores(self) -> None:
        """Nothing is due."""

    def rest(self) -> None:
        """Nothing is open."""


def _taking(uploads: Uploads) -> Callable[[str], Response]:
    """As the bench's page sends a file: a piece, and how much is here now."""

    def piece(upload: str) -> Response:
        offset = request.args.get("offset", 0, int)
        return jsonify(offset=uploads.send(upload, offset, request.get_data()))

    return piece


def _revoked(progress: Progress, code: str) -> Response:
    progress.revoke(code)
    return Response("revoked")


@dataclass(frozen=True)
class Bench:
    """A running one."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    def path(self, artifact: Artifact, code: str = "code") -> str:
        """Where a file is, once a ticket with this code has been written for it."""
        (self.folder / "tickets" / code).write_text(artifact.sha256)
        return Ticket(code, "device", 1, artifact).path

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def descriptors(self) -> int:
        """How many it has open."""
        return len([*Path(f"/proc/{self.process.pid}/fd").iterdir()])


@contextmanager
def bench(folder: Path, before: Sequence[str] = ()) -> Iterator[Bench]:
    """A bench on a socket that listens before its process exists; `before` is put before argv."""
    (folder / "tickets").mkdir(exist_ok=True)
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        port = listener.getsockname()[1]
        argv = [sys.executable, "-m", __name__, str(folder), f"http://127.0.0.1:{port}/"]
        process = subprocess.Popen([*before, *argv], stdin=listener.fileno())
    try:
        yield Bench(process, port, folder)
    finally:
        process.terminate()
        process.wait(timeout=20)


def main() -> None:
    """Serve until SIGTERM."""
    folder, url = Path(sys.argv[1]), sys.argv[2]
    listener = socket.socket(fileno=os.dup(0))
    site = FileSite(folder, url)
    worker = PoliteWorker(1, os.getppid(), [listener], site, 0, Terms(8), Log())
    worker.init_process()


if __name__ == "__main__":
    main()
