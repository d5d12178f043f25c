"""`python -m portal.mdns`: announces the portal to apps on the access point (RFC 6762, RFC 6763).

A process of its own, there only where `[portal] mdns` is set. It hears and speaks on the access
point's interface alone, over IPv4, and takes its words back when it ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import logging
import math
import signal
import socket
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Final, NoReturn

from portal.mdns import announcement
from portal.systemd import notify, pace

if TYPE_CHECKING:
    from zeroconf import Zeroconf
    from zeroconf.asyncio import AsyncServiceInfo

_USAGE: Final = 2
# IFNAMSIZ with its NUL (linux/if.h).
_INTERFACE_BYTES: Final = 15
_SSID_BYTES: Final = 32


def main(argv: Sequence[str] | None = None) -> int:
    """Announce until SIGTERM; 1 where the interface cannot be used, 2 for usage."""
    # Until there is a loop that hears it: importing zeroconf takes a second on a small board.
    signal.signal(signal.SIGTERM, _end)
    arguments = _parser().parse_args(argv)
    # What strangers send may be odd; it must not fill our log as well.
    logging.getLogger("zeroconf").setLevel(logging.CRITICAL)
    try:
        asyncio.run(_announce(arguments))
    except ImportError as error:
        return _refuse(f"{error.name} is not installed: pip install 'zeroconf>=0.150'")
    except OSError as error:
        place = f"{arguments.address} on {arguments.interface}"
        return _refuse(f"mdns: cannot announce {place} ({error.strerror or error})")
    return 0


def _end(*_: object) -> NoReturn:
    sys.exit(0)


def _refuse(words: str, status: int = 1) -> int:
    sys.stderr.write(f"{words}\n")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m portal.mdns")
    parser.add_argument("--interface", type=_interface, required=True, metavar="IF")
    parser.add_argument("--address", type=_address, required=True, help="the portal's, on IF")
    parser.add_argument("--port", type=_port, required=True)
    parser.add_argument("--hostname", type=_label, required=True, help="NAME of NAME.local")
    parser.add_argument("--ssid", type=_ssid, required=True, metavar="HEX")
    return parser


def _interface(text: str) -> str:
    if not 0 < len(text.encode()) <= _INTERFACE_BYTES:
        raise argparse.ArgumentTypeError("an interface, such as wlan0")
    return text


def _address(text: str) -> str:
    return str(ipaddress.IPv4Address(text))


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise argparse.ArgumentTypeError("a port from 1 to 65535")
    return int(text)


def _label(text: str) -> str:
    if not announcement.is_label(text):
        raise argparse.ArgumentTypeError("one label of small letters, digits and hyphens")
    return text


def _ssid(text: str) -> bytes:
    found = bytes.fromhex(text)
    if not 0 < len(found) <= _SSID_BYTES:
        raise argparse.ArgumentTypeError("1 to 32 bytes in hex")
    return found


async def _announce(arguments: argparse.Namespace) -> None:
    """Say it, answer for it until told to end, take it back. Raises ImportError, OSError."""
    from zeroconf import IPVersion  # noqa: PLC0415 - an extra, said in words where it is missing
    from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415 - see above

    stopping = asyncio.create_task(_told_to_end())
    speaker = AsyncZeroconf([arguments.address], ip_version=IPVersion.V4Only)
    try:
        await speaker.zeroconf.async_wait_for_start()
        _bind(speaker.zeroconf, arguments.interface)
        saying = asyncio.create_task(_say(speaker.zeroconf, arguments))
        await asyncio.wait({stopping, saying}, return_when=asyncio.FIRST_COMPLETED)
        if saying.done():
            # An error of its own ends us here; otherwise there is nothing left but to answer.
            saying.result()
            await stopping
        else:
            saying.cancel()
    finally:
        # With a lifetime of 0 for all that was said (RFC 6762 10.1).
        await speaker.async_close()


async def _told_to_end() -> None:
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    notify("READY=1")
    every = None if (most := pace()) == math.inf else most
    while not told.is_set():
        notify("WATCHDOG=1")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), every)


def _bind(speaker: Zeroconf, interface: str) -> None:
    """Neither hear nor speak on another interface. Raises OSError.

    zeroconf listens on every address. Where a neighbour such as avahi-daemon has joined the group
    on another interface, its packets reach us too, and the answer to one that asks for it by
    unicast would leave there. Nothing is answered before there is something announced, so this
    comes in time. Needs no privilege since Linux 5.7.
    """
    if not speaker.engine.senders:
        # zeroconf only logs that it could not join the group.
        raise OSError("the interface takes no part in multicast")
    # Who speaks also listens, so these are all. Only once each: without privilege, what is bound
    # to a device cannot be bound again.
    for wrapped in speaker.engine.readers:
        own = wrapped.transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())


async def _say(speaker: Zeroconf, arguments: argparse.Namespace) -> None:
    """Probe for the name, change it while another holds it (RFC 6762 9), announce."""
    info = _service(arguments)
    await (await speaker.async_register_service(info, allow_name_change=True))
    name = info.name.removesuffix(f".{announcement.SERVICE}")
    line = f"mdns: http://{arguments.hostname}.local/ and {name!r} on {arguments.interface}"
    sys.stderr.write(f"{line}\n")


def _service(arguments: argparse.Namespace) -> AsyncServiceInfo:
    from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415 - see `_announce`

    version = None
    with contextlib.suppress(metadata.PackageNotFoundError):
        version = metadata.version("vestibule")
    return AsyncServiceInfo(
        announcement.SERVICE,
        f"{announcement.instance(arguments.ssid)}.{announcement.SERVICE}",
        port=arguments.port,
        properties=announcement.texts(arguments.address, arguments.port, version),
        server=f"{arguments.hostname}.local.",
        parsed_addresses=[arguments.address],
    )


if __name__ == "__main__":
    sys.exit(main())
