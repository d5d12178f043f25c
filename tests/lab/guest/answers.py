"""When an access point's services answered: the log of `asking`, and a wire to ask through."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.lab.guest import namespaces
from tests.lab.guest.program import Program, run, until

ALL: Final = ("dns", "http", "dhcp")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One question; times are monotonic seconds."""

    service: str
    began: float
    ended: float
    right: bool
    why: str


class Answers:
    """The services at `address`, asked all the time from now until the block ends."""

    def __init__(
        self, address: str, services: tuple[str, ...], logs: Path, *, namespace: str = ""
    ) -> None:
        inside = namespaces.inside(namespace) if namespace else []
        argv = [*inside, sys.executable, "-m", "tests.lab.guest.asking", address, *services]
        self._asking = Program(
            argv, logs / f"asking-{namespace or 'here'}.log", stdin=subprocess.PIPE
        )

    def attempts(self, service: str) -> list[Attempt]:
        """All attempts so far that have ended."""
        found = [Attempt(**json.loads(line)) for _, line in list(self._asking.lines)]
        return [attempt for attempt in found if attempt.service == service]

    def wrong(self, service: str, *, after: float, before: float = math.inf) -> list[Attempt]:
        """Attempts begun after one moment and ended before another that got no right answer."""
        return [
            attempt
            for attempt in self.attempts(service)
            if attempt.began > after and attempt.ended < before and not attempt.right
        ]

    def right(self, service: str, *, after: float = 0.0) -> list[Attempt]:
        """Those begun after a moment that were answered rightly."""
        return [one for one in self.attempts(service) if one.right and one.began > after]

    def waits(self, service: str, seconds: float, *, after: float) -> None:
        """Until a question asked after a moment has been answered rightly."""
        until(lambda: self.right(service, after=after), seconds, f"right answer from {service}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        assert self._asking.process.stdin is not None
        self._asking.process.stdin.close()
        self._asking.process.wait(20)
        self._asking.__exit__(kind, value, trace)


def wire(interface: str, gateway: str, address: str, name: str = "wire") -> str:
    """A namespace whose only link leads into `interface`, which has or will have the address
    `gateway`, as if by air; `address` is its own, with prefix.

    Frames from it are received by the access point's interface, frames sent by that are copied
    to it (tc's mirred). So the services can be asked through interface and firewall as a
    station would, from the very moment the interface has a carrier, which is the beacons'.
    """
    namespaces.make(name)
    # Received where its address is not the link's own, a frame would count as somebody else's.
    hardware = Path(f"/sys/class/net/{interface}/address").read_text().strip()
    pair = ["type", "veth", "peer", "name", "end", "netns", name]
    run("ip", "link", "add", name, "address", hardware, *pair)
    run("ip", "link", "set", name, "up")
    # Known beforehand: what is asked before there is a carrier must not leave a failed ARP entry
    # behind, whose back-off of a second would then count against the access point.
    neighbour = f"neigh add {gateway} lladdr {hardware} dev end"
    for command in ("link set end up", f"addr add {address} dev end", neighbour):
        run(*namespaces.inside(name), "ip", *command.split())
    for device, direction, action in (
        (name, "ingress", f"ingress redirect dev {interface}"),
        (interface, "egress", f"egress mirror dev {name}"),
    ):
        run("tc", "qdisc", "add", "dev", device, "clsact")
        rule = ["matchall", "action", "mirred", *action.split()]
        run("tc", "filter", "add", "dev", device, direction, *rule)
    return name
