"""A lease by the real udhcpc from the real dnsmasq, over a wire."""

from __future__ import annotations

import contextlib
import ipaddress
import select
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from hotspot.uplink import dhcp
from hotspot.uplink.lease import Lease
from hotspot.uplink.outcome import Outcome
from hotspot.uplink.waiting import Over
from tests.hotspot import wire
from tests.hotspot.real import program

if TYPE_CHECKING:
    from collections.abc import Iterator

IPv4 = ipaddress.IPv4Address
HARDWARE = bytes.fromhex("020000000009")
SECONDS = 60.0


def wait(descriptor: int, deadline: float) -> bool:
    """As an attempt waits, but that nobody cancels."""
    return bool(select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0])


def test_the_words() -> None:
    """One lease, no shell as the script, the machine's own address as the identifier."""
    words = dhcp.argv("vestibule0", HARDWARE, "raspberrypi")

    assert words[words.index("-s") + 1].endswith("/true")
    assert f"0x3d:01{HARDWARE.hex()}" in words
    assert words[-2:] == ["-x", "hostname:raspberrypi"]
    assert "-x" not in dhcp.argv("vestibule0", HARDWARE, "")[-1:]


@pytest.fixture
def machines() -> Iterator[tuple[wire.Machine, wire.Machine]]:
    """A station whose link has no address, and a router's wire to it."""
    with wire.machines("station", "router") as (station, router):
        wire.connect(station, "sta0", router, "lan0")
        wire.address(router, "lan0", "192.168.77.1/24")
        yield station, router


@contextlib.contextmanager
def serving(router: wire.Machine) -> Iterator[None]:
    """dnsmasq, giving leases by client identifier."""
    argv = [*router.inside_argv(), program("dnsmasq"), "--keep-in-foreground", "--pid-file="]
    argv += ["--conf-file=/dev/null", "--log-facility=-", "--interface=lan0", "--no-ping"]
    argv += ["--bind-interfaces", "--port=0", "--dhcp-leasefile=/dev/null", "--leasefile-ro"]
    argv += ["--dhcp-range=192.168.77.100,192.168.77.200,600", "--dhcp-authoritative"]
    argv += [f"--dhcp-host=id:01:{HARDWARE.hex(':')},192.168.77.42"]
    argv += ["--dhcp-option=option:dns-server,192.168.77.1,9.9.9.9"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "sockets bound" in line:
                break
        try:
            yield
        finally:
            process.terminate()
            process.stderr.read()


@pytest.mark.netns
def test_a_lease(machines: tuple[wire.Machine, wire.Machine]) -> None:
    """All that the server gave is known, and the link has no address all the same."""
    station, router = machines
    words = [*station.inside_argv(), program("udhcpc"), *dhcp.argv("sta0", HARDWARE, "x")[1:]]

    with serving(router), station.inside():
        found = dhcp.ask(words, "sta0", wait, time.monotonic() + SECONDS)

    assert found == Lease(
        ipaddress.IPv4Interface("192.168.77.42/24"),
        IPv4("192.168.77.1"),
        (IPv4("192.168.77.1"), IPv4("9.9.9.9")),
    )
    assert "inet " not in station.run("ip", "address", "show", "dev", "sta0")


@pytest.mark.netns
def test_nobody_gives_any(machines: tuple[wire.Machine, wire.Machine]) -> None:
    """Where no server answers, udhcpc gives up, and that is the outcome."""
    station, _ = machines
    words = [*station.inside_argv(), program("udhcpc"), "-f", "-q", "-n", "-t", "1", "-T", "1"]
    words += ["-A", "1", "-i", "sta0", "-s", program("true")]

    with station.inside(), pytest.raises(Over) as over:
        dhcp.ask(words, "sta0", wait, time.monotonic() + SECONDS)

    assert over.value.outcome is Outcome.NO_ADDRESS


@pytest.mark.netns
def test_one_that_hangs(machines: tuple[wire.Machine, wire.Machine]) -> None:
    """At the deadline a client that says nothing is ended, and there is no address."""
    station, _ = machines

    with station.inside(), pytest.raises(Over) as over:
        dhcp.ask([program("sleep"), "600"], "sta0", wait, time.monotonic())

    assert over.value.outcome is Outcome.NO_ADDRESS


@pytest.mark.netns
def test_no_client_here(machines: tuple[wire.Machine, wire.Machine]) -> None:
    """Without udhcpc the reason says what to install."""
    station, _ = machines

    with station.inside(), pytest.raises(Over) as over:
        dhcp.ask(["/nowhere/udhcpc"], "sta0", wait, time.monotonic())

    assert over.value.outcome is Outcome.FAILED
    assert "install udhcpc" in over.value.what
