"""`python -m portal.tls`: ends TLS on port 443, and hands the portal what it finds inside.

A process of its own, so that the key and OpenSSL are not where strangers' requests are read; not
a second portal, so that there is one store, one list of who is released, and 12 MiB instead of 30.
It is started only where a certificate is set.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import signal
import socket
import ssl
import sys
import time
from collections.abc import Sequence
from typing import Final

from portal.systemd import inherited, notify, pace
from portal.tls.relay import Relay

# A connection on which nothing comes stays in the kernel this long (tcp(7)).
_DEFER_SECONDS: Final = 2
# Seconds that those inside have once we are told to end; the supervisor's patience is 5.
_GRACE: Final = 3.0
_USAGE: Final = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM; 1 where the certificate cannot be used, 2 for usage."""
    arguments = _parser().parse_args(argv)
    handed = {each.type: each for each in inherited()}
    if arguments.handover:
        # systemd's: it stays where it is when the portal is started again, and so may we.
        handed[socket.SOCK_SEQPACKET] = _reached(arguments.handover)
    if not {socket.SOCK_STREAM, socket.SOCK_SEQPACKET} <= set(handed):
        return _refuse("two sockets must be handed in: one that listens, one to the portal", _USAGE)
    try:
        context = _context(arguments.name, arguments.certificate, arguments.key)
    except OSError as error:
        what = f"{arguments.certificate} with {arguments.key} cannot be used"
        return _refuse(f"{what} ({error.strerror or error})")
    listener = handed[socket.SOCK_STREAM]
    with contextlib.suppress(OSError):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, _DEFER_SECONDS)
    _serve(Relay(listener, handed[socket.SOCK_SEQPACKET], context, time.monotonic))
    for each in handed.values():
        each.close()
    return 0


def _refuse(words: str, status: int = 1) -> int:
    sys.stderr.write(f"{words}\n")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m portal.tls")
    parser.add_argument("--name", required=True, help="the one name that is served")
    parser.add_argument("--certificate", required=True, metavar="FILE", help="PEM, with its chain")
    parser.add_argument("--key", required=True, metavar="FILE")
    parser.add_argument("--handover", metavar="PATH", help="the portal's socket, if not handed in")
    return parser


def _reached(path: str) -> socket.socket:
    """The portal's socket at `path`, to which we alone may send. Raises OSError."""
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    channel.connect(path)
    return channel


def _context(name: str, certificate: str, key: str) -> ssl.SSLContext:
    """TLS 1.2 and newer under one name. Raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def greet(_: object, asked: str | None, __: object) -> int | None:
        """Refuse every other name before any signing.

        All names lead here, so most who knock mean somebody else, dozens of times a minute from
        each phone; and nobody should be offered to click a warning away.
        """
        is_ours = asked is not None and asked.lower().removesuffix(".") == name
        return None if is_ours else int(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)

    context.set_servername_callback(greet)
    return context


def _serve(relay: Relay) -> None:
    waking, waker = socket.socketpair()
    waker.setblocking(False)
    with waking, waker:
        stopping: list[int] = []
        signal.set_wakeup_fd(waker.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: stopping.append(number))
        relay.watch(waking.fileno())
        notify("READY=1")
        patience = None if (most := pace()) == math.inf else most
        while not stopping:
            notify("WATCHDOG=1")
            relay.turn(patience)
        relay.stop_listening()
        waking.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            waking.recv(64)
        deadline = time.monotonic() + _GRACE
        while len(relay) and (left := deadline - time.monotonic()) > 0:
            relay.turn(left)
        relay.close()
        signal.set_wakeup_fd(-1)


if __name__ == "__main__":
    os.environ.pop("SSLKEYLOGFILE", None)
    sys.exit(main())
