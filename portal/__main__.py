"""`python -m portal`: gunicorn with one worker of ours on an inherited socket, or its own.

argparse, and Flask only in the worker: the arbiter stays as small as gunicorn lets it.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gunicorn.app.base import BaseApplication

from hotspot.settings import DEFAULT_RUNTIME, DEFAULT_STATE, KEEP, Invalid, Portal, parse
from portal.ready import Ready
from portal.systemd import inherited

if TYPE_CHECKING:
    from flask import Flask

    from portal.detect import FrontDoor
    from portal.services import Services

# gunicorn touches a file twice a second to show that its worker lives: not on an SD card.
_TMPFS: Final = "/dev/shm"  # noqa: S108 - gunicorn makes its own file there, unlinked at once
_USAGE: Final = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM; 1 where the address cannot be had, 2 for settings and usage."""
    arguments = _parser().parse_args(argv)
    try:
        threads, deliveries = _settings(arguments.config)
        listener = _listener(arguments.bind)
    except Invalid as error:
        return _refuse(str(error), _USAGE)
    except OSError as error:
        place = error.filename or ":".join(map(str, arguments.bind or ()))
        return _refuse(f"{place}: {os.strerror(error.errno or 0)}")
    if listener is None:
        return _refuse("no socket was handed in: give --bind HOST:PORT", _USAGE)
    _Server(arguments, listener, threads, deliveries).run()
    return 0


def _refuse(words: str, status: int = 1) -> int:
    sys.stderr.write(f"{words}\n")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m portal")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: all defaults")
    parser.add_argument("--state", type=Path, default=Path(DEFAULT_STATE), metavar="DIR")
    parser.add_argument("--runtime", type=Path, default=Path(DEFAULT_RUNTIME), metavar="DIR")
    parser.add_argument("--url", type=_url, required=True, help="the portal's own, absolute")
    parser.add_argument("--bind", type=_address, metavar="HOST:PORT", help="without a socket")
    parser.add_argument("--demo", action="store_true", help="say on the page that it is one")
    return parser


def _url(text: str) -> str:
    scheme, _, rest = text.partition("://")
    if scheme != "http" or not rest.partition("/")[0] or "?" in rest or not text.isascii():
        raise argparse.ArgumentTypeError("an absolute URL such as http://100.64.64.1/")
    return text.rstrip("/") + "/"


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) >= 1 << 16:
        raise argparse.ArgumentTypeError("HOST:PORT, such as 127.0.0.1:8080")
    return host, int(port)


def _settings(config: Path | None) -> tuple[int, tuple[str, ...]]:
    """The number of threads and the names of the deliveries. Raises `Invalid`, OSError."""
    if config is None:
        return Portal().threads, (KEEP.name,)
    settings = parse(config.read_text(), file=str(config))
    return settings.portal.threads, tuple(each.name for each in settings.deliveries)


def _listener(bind: tuple[str, int] | None) -> socket.socket | None:
    """The inherited TCP socket, or one bound to `bind`. Raises OSError."""
    streams = [each for each in inherited() if each.type is socket.SOCK_STREAM]
    if streams:
        return streams[0]
    return None if bind is None else socket.create_server(bind, backlog=1024)


class _Server(BaseApplication):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn, configured by values instead of files, arguments and the environment."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        listener: socket.socket,
        threads: int,
        deliveries: Sequence[str],
    ) -> None:
        self._arguments = arguments
        self._deliveries = deliveries
        # The worker's: what it answers before any thread, and Flask, is asked.
        self.ready = Ready(arguments.url)
        self._options = self._configured(listener.detach(), threads)
        super().__init__()

    def _configured(self, listener: int, threads: int) -> Mapping[str, Any]:
        return {
            "bind": f"fd://{listener}",
            "worker_class": "portal.worker.PoliteWorker",
            "workers": 1,
            "threads": threads,
            "control_socket_disable": True,
            # Counts, not lines: any client could fill the journal with paths.
            "accesslog": None,
            "loglevel": "warning",
            "graceful_timeout": 5,
            "keepalive": 5,
            "limit_request_fields": 64,
            "worker_tmp_dir": _TMPFS if Path(_TMPFS).is_dir() else None,
            "worker_exit": self._count,
        }

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - any WSGI callable
        # Here, because only the worker runs it: Flask and SQLite stay out of the arbiter.
        from portal.app import create_app  # noqa: PLC0415 - see above

        self._app: Flask = create_app(self._services())
        return self._app

    def _services(self) -> Services:
        from portal.provisioning.outbox import DurableOutbox  # noqa: PLC0415 - see load
        from portal.provisioning.store import Store  # noqa: PLC0415 - see load
        from portal.scans import LatestScan  # noqa: PLC0415 - see load
        from portal.services import Services  # noqa: PLC0415 - see load

        state, runtime = self._arguments.state, self._arguments.runtime
        self._store = Store(state / "records.db")
        return Services(
            url=self._arguments.url,
            outbox=DurableOutbox(self._store, self._deliveries, runtime / "deliver.sock"),
            networks=LatestScan(runtime / "networks.json"),
            now=lambda: datetime.now(UTC),
            random=os.urandom,
            demo=self._arguments.demo,
        )

    def _count(self, _arbiter: object, _worker: object) -> None:
        """The worker's last act: one line of counts, and the store closed."""
        if hasattr(self, "_app"):
            door: FrontDoor = self._app.wsgi_app  # type: ignore[assignment] # see create_app
            door.redirected += self.ready.given
            sys.stderr.write(f"portal: {door.counts()}\n")
            self._store.close()


if __name__ == "__main__":
    sys.exit(main())
