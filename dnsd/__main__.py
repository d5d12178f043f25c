"""`python -m dnsd`: the arguments, the sockets, the loop.

Without --answer the settings file is read and the process starts itself again with the
arguments that follow from it: what reading it needs (tomllib, dataclasses) is then gone.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import time

from dnsd import systemd
from dnsd.answer import Policy
from dnsd.names import Names, never
from dnsd.server import Server, log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final, NoReturn

    from dnsd.counts import Counts

USAGE: Final = """\
usage: python -m dnsd --answer IP [--ttl SECONDS] [--bind HOST:PORT] [--released DIR]
                      [--counts FILE]
       python -m dnsd --config FILE [--bind HOST:PORT] [--released DIR] [--counts FILE]

Answers every name with IP, on the sockets it inherits (LISTEN_FDS) or on HOST:PORT.
DIR holds one file for each client that is to believe itself online, named by its address.
How many queries were answered is kept in FILE, for the portal's metrics.
"""
_OPTIONS: Final = ("--answer", "--ttl", "--bind", "--released", "--config", "--counts")
_LONGEST_TTL: Final = 60
_PORT: Final = 53


def main(arguments: Sequence[str]) -> None:
    """Run until SIGTERM or SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    options = _parse(arguments)
    if "--answer" not in options:
        _start_again(options)
    address = _address(options["--answer"])
    names = Names(socket.inet_aton(address), _released(options.get("--released")))
    policy = Policy(names, _ttl(options.get("--ttl", "10")))
    udp, tcp = _sockets(options.get("--bind", f"{address}:{_PORT}"))
    heart = systemd.Heart(os.environ, time.monotonic)
    server = Server(udp, tcp, policy, heart=heart, counts=_counts(options.get("--counts")))
    host, port = udp.getsockname()
    log(f"answering {address} on {host}:{port}, UDP and TCP")
    systemd.notify(os.environ, "READY=1")
    # Nothing from here on makes cycles; a collection would only touch, and so unshare, pages.
    gc.collect()
    gc.freeze()
    gc.disable()
    server.run()


def _stop(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


def _refuse(why: str, status: int = 2) -> NoReturn:
    log(why)
    raise SystemExit(status)


# argparse would cost 0.9 MiB in a process that stays.
def _parse(arguments: Sequence[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        if argument in {"-h", "--help"}:
            sys.stdout.write(USAGE)
            raise SystemExit(0)
        name, equals, value = argument.partition("=")
        if name not in _OPTIONS:
            _refuse(f"unknown argument {argument}\n{USAGE}")
        options[name] = value if equals else next(rest, "")
        if not options[name]:
            _refuse(f"{name} needs a value")
    if ("--answer" in options) == ("--config" in options):
        _refuse(f"give either --answer or --config\n{USAGE}")
    return options


def _address(text: str) -> str:
    try:
        return socket.inet_ntop(socket.AF_INET, socket.inet_pton(socket.AF_INET, text))
    except OSError:
        _refuse(f"--answer {text}: an IPv4 address, such as 100.64.64.1")


def _ttl(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= _LONGEST_TTL:
        return int(text)
    _refuse(f"--ttl {text}: a whole number from 1 to {_LONGEST_TTL} seconds")


def _released(directory: str | None) -> Callable[[str], bool]:
    if directory is None:
        return never
    # `client` is the kernel's own writing of an IPv4 address: no path can hide in it.
    return lambda client: os.path.exists(f"{directory}/{client}")  # noqa: PTH110 - 0.5 MiB


def _counts(path: str | None) -> Counts | None:
    """Where answers are counted, if anywhere; what cannot be counted is answered all the same."""
    if path is None:
        return None
    from dnsd.counts import Counts  # noqa: PLC0415 - for who wants to know

    try:
        return Counts(path)
    except OSError as error:
        log(f"answers are not counted in {path}: {error.strerror}")
        return None


def _sockets(bind: str) -> tuple[socket.socket, socket.socket]:
    """One UDP and one TCP socket: inherited, or bound to `bind`."""
    inherited = systemd.inherited(os.environ, os.getpid())
    if not inherited:
        return _bound(bind)
    kinds = {sock.type: sock for sock in inherited}
    are_ipv4 = all(sock.family == socket.AF_INET for sock in inherited)
    if len(inherited) != 2 or len(kinds) != 2 or not are_ipv4:  # noqa: PLR2004 - UDP and TCP
        _refuse("inherited sockets must be one UDP and one TCP, both IPv4", 1)
    return kinds[socket.SOCK_DGRAM], kinds[socket.SOCK_STREAM]


def _bound(bind: str) -> tuple[socket.socket, socket.socket]:
    host, colon, port = bind.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - RFC 768
        _refuse(f"--bind {bind}: HOST:PORT, such as 100.64.64.1:53")
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        tcp.bind((host, int(port)))
        udp.bind(tcp.getsockname())  # the same port, also where 0 let the kernel choose
    except OSError as error:
        _refuse(f"cannot bind {bind}: {error.strerror or error}", 1)
    return udp, tcp


def _start_again(options: dict[str, str]) -> NoReturn:
    """Replace this process by itself, told by argument what the settings say."""
    from hotspot import settings  # noqa: PLC0415 - costs 10 MiB, which the exec gives back

    file = options.pop("--config")
    try:
        with open(file, encoding="utf-8") as text:  # noqa: PTH123 - pathlib is not loaded yet
            chosen = settings.parse(text.read(), file=file)
    except (OSError, UnicodeDecodeError, settings.Invalid) as error:
        _refuse(str(error))
    options.setdefault("--released", f"{settings.DEFAULT_RUNTIME}/released")
    options |= {"--answer": str(chosen.network.address.ip), "--ttl": str(chosen.dns.ttl)}
    # The interpreter's own options, then -m dnsd, as this process was started.
    own = sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv) + 1]
    arguments = [part for pair in options.items() for part in pair]
    os.execv(sys.executable, [sys.executable, *own, *arguments])  # noqa: S606 - no shell


if __name__ == "__main__":
    main(sys.argv[1:])
