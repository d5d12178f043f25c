"""The two doors to the kernel's networking: rtnetlink and generic netlink.

pyroute2 (`hotspot.parts`) is loaded only when a door is opened: it takes 0.08 s and 9 MiB that no
resident process shall carry. Every failure is an `OSError` with the kernel's
errno. Each change may be made again: what is already so, or already gone, is no error.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import select
import socket
import struct
import time
from typing import TYPE_CHECKING, Any, Final, Self

from hotspot.air.nl80211 import attributes
from hotspot.machine import rtnetlink
from hotspot.machine.steps import Address
from hotspot.parts import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# linux/netlink.h and linux/rtnetlink.h.
REQUEST, ACK, DUMP, CREATE = 0x1, 0x4, 0x300, 0x400
_NEWLINK, _NEWADDR, _DELADDR, _NEWROUTE, _DELROUTE, _ERROR = 16, 20, 21, 24, 25, 2
_SOL_NETLINK, _ADD_MEMBERSHIP, _NETLINK_GENERIC = 270, 1, 16
_MESSAGE: Final = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_GENERIC_BYTES: Final = 4  # command, version, reserved
_IFF_UP: Final = 0x1
_LARGEST: Final = 65_536
# Already there; already gone; gone with its interface.
_FINE: Final = frozenset({0, errno.EEXIST, errno.ESRCH, errno.EADDRNOTAVAIL, errno.ENODEV})

# The highest nl80211 attribute that we read or write (NL80211_ATTR_SPLIT_WIPHY_DUMP).
_ATTRIBUTES: Final = range(175)


class Links:
    """Interfaces, their addresses and their routes (rtnetlink); a context manager."""

    def __enter__(self) -> Self:
        self._route: Any = parts().route()
        return self

    def __exit__(self, *exception: object) -> None:
        self._route.close()

    def up(self, index: int) -> bool:
        """Whether the link is up (administratively: IFF_UP)."""
        with _failures():
            (found,) = self._route.get_links(index)
        return bool(found["flags"] & _IFF_UP)

    def hardware(self, index: int) -> bytes:
        """The interface's hardware address."""
        with _failures():
            (found,) = self._route.get_links(index)
        return bytes.fromhex(found.get_attr("IFLA_ADDRESS").replace(":", ""))

    def add_child(self, index: int, name: str, pid: int) -> None:
        """An ipvlan of the interface, called `name`, in the network namespace of process `pid`.

        A second network stack at the same hardware address: an access point takes frames from
        no other (linux: Documentation/networking/ipvlan.rst, mode L2).
        """
        with _failures():
            self._route.link(
                "add", ifname=name, kind="ipvlan", link=index, ipvlan_mode=0, net_ns_pid=pid
            )

    def addresses(self, index: int) -> frozenset[Address]:
        """The interface's addresses, but those that the kernel makes for itself in IPv6."""
        with _failures():
            found = [_raw(message) for message in self._route.get_addr(index=index)]
        return frozenset(
            Address(rtnetlink.cidr(raw), raw.hex()) for raw in found if rtnetlink.lasts(raw)
        )

    def routes(self, index: int) -> tuple[str, ...]:
        """The routes over the interface that somebody set, those without a gateway first."""
        with _failures():
            found = [_raw(message) for message in self._route.get_routes()]
            addresses = [_raw(message) for message in self._route.get_addr(index=index)]
        brought = {rtnetlink.brought_network(address) for address in addresses}
        mine = [raw for raw in found if rtnetlink.was_set(raw, index, brought)]
        mine.sort(key=rtnetlink.has_gateway)
        return tuple(rtnetlink.as_set(raw).hex() for raw in mine)

    def set_up(self, index: int, *, up: bool) -> None:
        """Link up or down. Raises `OSError` ERFKILL when the radio is blocked."""
        with _failures():
            self._route.link("set", index=index, state="up" if up else "down")

    def add_address(self, index: int, address: Address) -> None:
        """Give the interface an address: as the record says, or new with its broadcast."""
        if address.record:
            _replay(_NEWADDR, CREATE, address.record)
            return
        cidr = ipaddress.ip_interface(address.cidr)
        with _failures(errno.EEXIST):
            self._route.addr(
                "add",
                index=index,
                address=str(cidr.ip),
                prefixlen=cidr.network.prefixlen,
                broadcast=str(cidr.network.broadcast_address),
            )

    def remove_address(self, index: int, address: Address) -> None:
        """Take an address away."""
        if address.record:
            # One with a peer goes only by the peer's name, which the record has.
            _replay(_DELADDR, 0, address.record)
            return
        own, _, length = address.cidr.partition("/")
        with _failures(errno.EADDRNOTAVAIL):
            self._route.addr("del", index=index, address=own, prefixlen=int(length))

    def add_route(self, record: str) -> None:
        """Put a route back as it was."""
        _replay(_NEWROUTE, CREATE, record)

    def remove_route(self, record: str) -> None:
        """Take a route away."""
        _replay(_DELROUTE, 0, record)


def furnish(
    index: int, address: ipaddress.IPv4Interface, gateway: ipaddress.IPv4Address | None
) -> None:
    """A link up, with an address and a way out, by messages of our own: no pyroute2 for these."""
    _replay(_NEWLINK, 0, rtnetlink.link_up(index).hex())
    _replay(_NEWADDR, CREATE, rtnetlink.own_address(address, index).hex())
    if gateway is not None:
        _replay(_NEWROUTE, CREATE, rtnetlink.default_route(gateway.packed, index).hex())


class Generic:
    """One generic netlink family, its attributes as plain bytes; a context manager.

    Plain, because pyroute2's own decoders would meet what strangers put on the air before our
    parser does.
    """

    def __init__(self, family: str) -> None:
        self._family = family

    def __enter__(self) -> Self:
        body = {"nla_map": tuple((number, str(number), "cdata") for number in _ATTRIBUTES)}
        self._message: Any = type("PlainMessage", (parts().message,), body)
        self._socket: Any = parts().generic()
        # Whether the family is there is for us to say, not for pyroute2's log.
        self._socket.asyncore.module_err_level = "debug"
        with contextlib.suppress(OSError), _failures():
            self._socket.bind(self._family, self._message)
        return self

    def __exit__(self, *exception: object) -> None:
        self._socket.close()

    @property
    def exists(self) -> bool:
        """Whether this kernel has the family at all."""
        return bool(self._socket.mcast_groups)

    def ask(self, command: int, flags: int, payload: Mapping[int, bytes]) -> list[dict[int, bytes]]:
        """The attributes of each answer to one command; none to one that only acknowledges."""
        message = self._message()
        message["cmd"] = command
        message["attrs"] = [[str(number), value] for number, value in payload.items()]
        with _failures():
            answers = list(self._socket.nlm_request(message, self._socket.prid, REQUEST | flags))
        return [_attributes(answer) for answer in answers]

    @contextlib.contextmanager
    def events(self, group: str) -> Iterator[Events]:
        """What the family tells a multicast group from now on."""
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_GENERIC) as listening:
            listening.bind((0, 0))
            number = self._socket.mcast_groups[group]
            listening.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, number)
            yield Events(listening)


class Events:
    """A socket on which the kernel tells what happens."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening

    def wait(self, seconds: float, wanted: Callable[[int, Mapping[int, bytes]], bool]) -> bool:
        """Whether, within `seconds`, something came of which `wanted(command, attributes)`."""
        deadline = time.monotonic() + seconds
        while select.select([self._listening], [], [], max(0.0, deadline - time.monotonic()))[0]:
            message = self._listening.recv(_LARGEST)[_MESSAGE.size :]
            if message and wanted(message[0], dict(attributes(message[_GENERIC_BYTES:]))):
                return True
        return False


def _raw(message: Any) -> bytes:  # noqa: ANN401 - pyroute2 ships no types
    """A message as the kernel wrote it, after its netlink header."""
    start, end = message.offset + _MESSAGE.size, message.offset + message["header"]["length"]
    return bytes(message.data[start:end])


def _attributes(answer: Any) -> dict[int, bytes]:  # noqa: ANN401 - pyroute2 ships no types
    return dict(attributes(_raw(answer)[_GENERIC_BYTES:]))


def _replay(kind: int, flags: int, record: str) -> None:
    """Send one rtnetlink message as it was once received; adding twice or removing none is fine."""
    body = bytes.fromhex(record)
    head = _MESSAGE.pack(_MESSAGE.size + len(body), kind, REQUEST | ACK | flags, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.bind((0, 0))
        kernel.send(head + body)
        answer = kernel.recv(_LARGEST)
    _, answered, _, _, _ = _MESSAGE.unpack_from(answer)
    code = -struct.unpack_from("=i", answer, _MESSAGE.size)[0] if answered == _ERROR else 0
    if code not in _FINE:
        raise OSError(code, errno.errorcode.get(code, "netlink error"))


@contextlib.contextmanager
def _failures(*fine: int) -> Iterator[None]:
    """pyroute2's errors as `OSError`, but those with an errno that is `fine`."""
    try:
        yield
    except parts().failure as error:
        code: int = error.args[0]
        if code not in fine:
            raise OSError(code, error.args[-1]) from error
