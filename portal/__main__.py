"""`python -m portal`: the page and the captive checks, on an inherited socket or one of its own."""

from __future__ import annotations

import argparse
import os
import resource
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotspot.settings import DEFAULT_RUNTIME, DEFAULT_STATE, Invalid, Radio, Settings, parse
from portal.systemd import inherited
from portal.tls import absent

if TYPE_CHECKING:
    from portal.metrics.wiring import Watched

_USAGE: Final = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM; 1 where the address cannot be had, 2 for settings and usage."""
    arguments = _parser().parse_args(argv)
    try:
        settings = _settings(arguments.config)
        if argv is None and not (arguments.bench or settings.bench.enabled):
            # A process of our own, and nobody in it who makes keys of passwords.
            absent.stand_in()
        watched, handed = _watched(settings, inherited())
        listener, channel = _sockets(arguments.bind, handed)
    except Invalid as error:
        return _refuse(str(error), _USAGE)
    except OSError as error:
        place = error.filename or ":".join(map(str, arguments.bind or ()))
        return _refuse(f"{place}: {os.strerror(error.errno or 0)}")
    if listener is None:
        return _refuse("no socket was handed in: give --bind HOST:PORT", _USAGE)
    # Here, so that a refusal above comes at once: this takes 0.15 s, ten times that on a Pi.
    from portal.provisioning.keeping.store import Limits  # noqa: PLC0415 - see above
    from portal.server import Plan, serve  # noqa: PLC0415 - see above

    # What a crash leaves of this process would hold passwords.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    asked = settings.provisioning
    if any(each.seal_to for each in settings.deliveries) and not find_spec("nacl"):
        return _refuse("seal_to needs PyNaCl: apt install python3-nacl", _USAGE)
    plan = Plan(
        url=arguments.url,
        state=arguments.state,
        runtime=arguments.runtime,
        deliveries=[each.name for each in settings.deliveries],
        threads=settings.portal.threads,
        demo=arguments.demo,
        site=settings.portal.site,
        joins=asked.joins,
        brand=settings.brand,
        fields=asked.fields,
        limits=Limits(asked.most_records, asked.most_size << 20),
        bench=replace(settings.bench, enabled=settings.bench.enabled or arguments.bench),
        seal_to={each.name: each.seal_to for each in settings.deliveries if each.seal_to},
    )
    serve(plan, listener, sys.argv[1:] if argv is None else argv, channel, watched)
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
    parser.add_argument("--bench", action="store_true", help="with the technician's bench")
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


def _settings(config: Path | None) -> Settings:
    """What the file says, or the defaults. Raises `Invalid`, OSError."""
    if config is None:
        # The country is the radio's, not ours.
        return Settings(radio=Radio(country=""))
    return parse(config.read_text(), file=str(config))


def _watched(
    settings: Settings, handed: list[socket.socket]
) -> tuple[Watched | None, list[socket.socket]]:
    """Where Prometheus asks, if anywhere, and the other sockets.

    What cannot be counted is served all the same.
    """
    if settings.metrics.listen is None:
        return None, handed
    # Here, so that nobody else pays for it.
    from portal.metrics import desk, wiring  # noqa: PLC0415 - see above

    try:
        listener, others = desk.chosen(settings.metrics.listen, handed)
    except OSError as error:
        sys.stderr.write(f"portal: no metrics at {settings.metrics.listen}: {error.strerror}\n")
        return None, handed
    backends = {each.name: each.backend for each in settings.deliveries}
    return wiring.Watched(listener, backends), others


def _sockets(
    bind: tuple[str, int] | None, inherited: list[socket.socket]
) -> tuple[socket.socket | None, socket.socket | None]:
    """The inherited TCP socket, or one bound to `bind`; and the one that TLS comes by, if any.

    Raises OSError.
    """
    handed = {each.type: each for each in inherited}
    listener = handed.get(socket.SOCK_STREAM)
    if listener is None and bind is not None:
        listener = socket.create_server(bind, backlog=1024)
    # One of a pair from our own supervisor, or a place of its own from systemd.
    return listener, handed.get(socket.SOCK_SEQPACKET, handed.get(socket.SOCK_DGRAM))


if __name__ == "__main__":
    sys.exit(main())
