"""The announcements over real wires, heard by a real browser there."""

from __future__ import annotations

import queue
import select
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

import pytest
from zeroconf import (
    AddressResolverIPv4,
    DNSIncoming,
    IPVersion,
    ServiceBrowser,
    ServiceInfo,
    ServiceListener,
    Zeroconf,
)

from portal.mdns import __main__ as mdns
from portal.mdns.announcement import SERVICE
from tests.hotspot.wire import Machine
from tests.portal.mdns import announcing
from tests.portal.mdns.announcing import DEADLINE, OWN, PORT, STATION, announcer, seen, tap

pytestmark = pytest.mark.netns

street = announcing.street


@contextmanager
def browsing(machine: Machine, ip: str) -> Iterator[Zeroconf]:
    """A browser of services on one machine."""
    with machine.inside():
        browser = Zeroconf([ip], ip_version=IPVersion.V4Only)
    try:
        yield browser
    finally:
        browser.close()


class Told(ServiceListener):
    """What a browser is told, in order."""

    def __init__(self) -> None:
        self.heard: queue.Queue[tuple[str, str]] = queue.Queue()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        del zc, type_
        self.heard.put(("added", name))

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        del zc, type_
        self.heard.put(("removed", name))

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """Of no interest here."""


def test_a_browser_finds_service_and_address(street: tuple[Machine, Machine, Machine]) -> None:
    """Found by type, with the port, the host, its one address, and where to begin."""
    station, appliance, _ = street
    told = Told()
    with announcer(appliance) as running, browsing(station, STATION) as browser:
        ServiceBrowser(browser, SERVICE, told)
        assert told.heard.get(timeout=DEADLINE) == ("added", f"Pump 7.{SERVICE}")
        found = browser.get_service_info(SERVICE, f"Pump 7.{SERVICE}", 20_000)
        assert found is not None
        assert (found.server, found.port, found.parsed_addresses()) == ("pump.local.", 80, [OWN])
        assert found.decoded_properties == {
            "path": "/api/v1/status",
            "host": OWN,
            "api": "v1",
            "version": metadata.version("vestibule"),
        }
        host = AddressResolverIPv4("pump.local.")
        assert host.request(browser, 20_000)
        assert host.parsed_addresses() == [OWN]
        assert running.line() == "mdns: http://pump.local/ and 'Pump 7' on ap0\n"


def test_another_program_reads_the_answer(street: tuple[Machine, Machine, Machine]) -> None:
    """dig asks us alone (RFC 6762 5.5): one address, and of IPv6 that there is none (6.1)."""
    station, appliance, _ = street
    with announcer(appliance) as running:
        running.line()
        ask = ("dig", f"@{OWN}", "-p", str(PORT), "+short", "pump.local")
        assert station.run(*ask, "A") == f"{OWN}\n"
        assert station.run(*ask, "AAAA") == "pump.local. A\n"


def test_it_says_goodbye(street: tuple[Machine, Machine, Machine]) -> None:
    """On SIGTERM a browser forgets it at once, and the status is 0."""
    station, appliance, _ = street
    told = Told()
    with announcer(appliance) as running, browsing(station, STATION) as browser:
        ServiceBrowser(browser, SERVICE, told)
        assert told.heard.get(timeout=DEADLINE)[0] == "added"
        running.line()
        with tap(station, "sta0") as hearing:
            assert running.end() == 0
            last = [DNSIncoming(payload) for payload in seen(hearing)]
        assert told.heard.get(timeout=DEADLINE) == ("removed", f"Pump 7.{SERVICE}")
    records = [record for packet in last for record in packet.answers()]
    assert {record.ttl for record in records} == {0}
    assert {record.name for record in records} >= {SERVICE, "pump.local."}


def test_a_name_that_is_taken(street: tuple[Machine, Machine, Machine]) -> None:
    """Whoever was there first keeps the name; ours gets a number (RFC 6762 9)."""
    station, appliance, _ = street
    theirs = ServiceInfo(
        SERVICE, f"Pump 7.{SERVICE}", 80, server="other.local.", parsed_addresses=[STATION]
    )
    with browsing(station, STATION) as other:
        other.register_service(theirs)
        with announcer(appliance) as running:
            assert running.line() == "mdns: http://pump.local/ and 'Pump 7-2' on ap0\n"
            found = other.get_service_info(SERVICE, f"Pump 7-2.{SERVICE}", 20_000)
            assert found is not None
            assert found.parsed_addresses() == [OWN]


@pytest.mark.parametrize(
    ("interface", "ip", "words"),
    [
        ("ap0", "100.64.64.7", "No such device"),
        ("ap7", OWN, "No such device"),
    ],
)
def test_what_is_not_there(
    street: tuple[Machine, Machine, Machine], interface: str, ip: str, words: str
) -> None:
    """An address or an interface that has gone ends it with status 1 and one line."""
    _, appliance, _ = street
    with announcer(appliance, ip=ip, interface=interface) as running:
        assert running.line() == f"mdns: cannot announce {ip} on {interface} ({words})\n"
        assert running.process.wait(DEADLINE) == 1


def test_no_room_for_the_group(street: tuple[Machine, Machine, Machine]) -> None:
    """Where the kernel takes no more memberships it says so, instead of being silent for ever."""
    _, appliance, _ = street
    appliance.sysctl("ipv4/igmp_max_memberships", "0")
    with announcer(appliance) as running:
        words = "the interface takes no part in multicast"
        assert running.line() == f"mdns: cannot announce {OWN} on ap0 ({words})\n"
        assert running.process.wait(DEADLINE) == 1


def test_a_signal_at_any_time(street: tuple[Machine, Machine, Machine]) -> None:
    """Told to end while it still asks for its name, it ends with 0, having announced nothing."""
    station, appliance, _ = street
    with tap(station, "sta0") as hearing, announcer(appliance) as running:
        heard: list[bytes] = []
        while not heard:
            ready, _, _ = select.select([hearing], [], [], DEADLINE)
            assert ready, "it never asked"
            heard = seen(hearing)
        assert running.end() == 0
        assert not any(DNSIncoming(each).is_response() for each in [*heard, *seen(hearing)])


@pytest.mark.parametrize(
    "wrong",
    [
        ["--port", "0"],
        ["--port", "65536"],
        ["--address", "fe80::1"],
        ["--address", "nowhere"],
        ["--hostname", "pump.local"],
        ["--ssid", ""],
        ["--ssid", "xy"],
        ["--ssid", "61" * 33],
        ["--interface", ""],
        ["--interface", "a" * 16],
    ],
)
def test_usage(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A word that is none ends it with 2 before a socket is opened."""
    right = ["--interface", "lo", "--address", "127.0.0.1", "--hostname", "pump"]
    with pytest.raises(SystemExit) as ended:
        mdns.main([*right, "--port", "80", "--ssid", "61", *wrong])
    assert ended.value.code == 2
    assert wrong[0] in capsys.readouterr().err
