"""What phones, scanners and floods see of the appliance, on a wire with our nftables."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator

import pytest

from portal.provisioning.keeping.store import Store
from tests.abuse import flood, manners, phones, ports
from tests.abuse.appliance import OWN, Appliance, appliance
from tests.abuse.wiretap import wiretap

pytestmark = pytest.mark.netns

PHONES = 40
FLOOD_SECONDS = 3.0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Appliance]:
    """One appliance for all of these, which nothing may harm."""
    with appliance(tmp_path_factory.mktemp("appliance")) as running:
        yield running
        assert running.is_well()


def test_phones_join_at_once(house: Appliance) -> None:
    """Each has a lease, its answers, the page and one record; none has another's."""
    with wiretap(house.itself, "ap0") as seen:
        joining = phones.join(house, PHONES, 30)
    with Store(house.folder / "records.db") as store:
        kept = {entry.life.id for entry in store.records()}

    assert len(joining.addresses) == PHONES
    assert len(joining.records) == PHONES
    assert joining.records == kept
    assert seen.resets[80] == 0


def test_a_flood_of_queries_costs_a_neighbour_nothing(house: Appliance) -> None:
    """One source offers far more than its share and is cut to it; the other loses no query."""
    flooded = flood.flood(house, FLOOD_SECONDS)

    assert flooded.lost == 0
    assert len(flooded.milliseconds) >= 0.8 * flood.HONEST * FLOOD_SECONDS
    # The load is there, and most of it never reached the resolver.
    assert flooded.offered > flood.FLOOD / 2
    assert 0 < flooded.let_through < flooded.offered * FLOOD_SECONDS / 4


def test_the_ports(house: Appliance) -> None:
    """By nmap: from the access point's side what the set-up needs, from elsewhere nothing."""
    if os.environ.get("CI") == "true" and shutil.which("nmap") is None:
        pytest.fail("nmap is missing")
    assert ports.from_a_station(house, "1-1024") == ports.EXPECTED
    # A listener that stays on no interface is found, so the scan from there can find something.
    with house.itself.inside():
        careless = socket.create_server(("", ports.CONTROL))
    with careless:
        assert ports.from_beyond(house, f"1-1024,{ports.CONTROL}") == {f"{ports.CONTROL}/tcp"}


def test_honest_clients_are_never_reset(house: Appliance) -> None:
    """Whatever a client that keeps to TCP does, no RST comes from port 80."""
    with wiretap(house.itself, "ap0") as seen, house.station.inside():
        manners.all_of_them((OWN, 80), house.processes["portal"])
        # The tap can see one: nobody is behind 443.
        with socket.socket() as refused:
            assert refused.connect_ex((OWN, 443))

    assert seen.missed == 0
    assert seen.segments[80] > 200
    assert seen.resets == {443: 1}
