"""NetworkManager as the owner of the home network, over a real bus."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hotspot.config.values import Secret
from hotspot.errors import Refused
from hotspot.owner import profile
from hotspot.owner.networkmanager import NetworkManager
from hotspot.owner.port import Kept
from hotspot.uplink.wanted import Wanted
from tests.hotspot.owner import fake_networkmanager as fake
from tests.hotspot.owner.fake_networkmanager import FakeNetworkManager
from tests.hotspot.owner.networks import KINDS

SOMEBODYS: dict[str, Any] = {
    "connection": {"id": ("s", "Werkstatt"), "uuid": ("s", "a-uuid")},
    "802-11-wireless": {"ssid": ("ay", b"Zuhause")},
    "802-11-wireless-security": {"psk": ("s", "their own secret")},
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A bus of our own; its socket's name must be short."""
    with tempfile.TemporaryDirectory(prefix="vt") as name, fake.bus(Path(name)) as address:
        yield address


@pytest.fixture
def service(address: str) -> Iterator[FakeNetworkManager]:
    """A NetworkManager that knows one profile of somebody else's."""
    with FakeNetworkManager(address) as service:
        service.add(**SOMEBODYS)
        yield service


@pytest.fixture
def synced() -> list[int]:
    """How many profiles there were whenever all was put on disk."""
    return []


@pytest.fixture
def owner(address: str, service: FakeNetworkManager, synced: list[int]) -> NetworkManager:
    """The owner behind it."""
    return NetworkManager(address, sync=lambda: synced.append(len(service.profiles)))


def names(service: FakeNetworkManager) -> list[str]:
    """What its profiles are called."""
    return [settings["connection"]["id"][1] for settings in service.profiles.values()]


def test_nothing_kept(owner: NetworkManager) -> None:
    """Somebody else's profile is not ours, also not one for the network we would join."""
    assert owner.kept() is None
    assert not owner.is_home("wlan0")
    assert not owner.settle("wlan0", 5)
    assert owner.forget() is None


def test_kept_and_forgotten(
    owner: NetworkManager, service: FakeNetworkManager, synced: list[int]
) -> None:
    """A profile beside theirs, on disk when `keep` returns, and theirs alone after `forget`."""
    owner.keep(KINDS["wpa2"], "one", "wlan0")

    assert names(service) == ["Werkstatt", "Vestibule: Zuhause"]
    assert synced == [2]
    assert owner.kept() == Kept("one", b"Zuhause")
    assert owner.forget() == b"Zuhause"
    assert list(service.profiles.values()) == [SOMEBODYS]
    assert synced == [2, 1]


def test_kept_twice(owner: NetworkManager, service: FakeNetworkManager) -> None:
    """The same join again makes no second profile; another one is the newer."""
    owner.keep(KINDS["wpa2"], "one", "wlan0")
    owner.keep(KINDS["wpa2"], "one", "wlan0")
    assert len(service.profiles) == 2
    owner.keep(KINDS["peap"], "two", "wlan0")

    assert owner.kept() == Kept("two", b"eduroam")
    owner.keep(KINDS["wpa2"], "one", "wlan0")
    assert owner.kept() == Kept("one", b"Zuhause")
    owner.forget()
    assert names(service) == ["Werkstatt"]


def test_settled(owner: NetworkManager, service: FakeNetworkManager) -> None:
    """Once it is up, the checkpoint and our older profile go, and theirs stays."""
    owner.keep(KINDS["wpa2"], "one", "wlan0")
    owner.keep(KINDS["peap"], "two", "wlan0")
    assert not owner.is_home("wlan0")

    assert owner.settle("wlan0", 20)
    assert owner.is_home("wlan0")
    assert names(service) == ["Werkstatt", "Vestibule: eduroam"]
    assert service.checkpoints == []
    assert service.rolled_back == 0


def test_settled_by_itself(owner: NetworkManager, service: FakeNetworkManager) -> None:
    """Where NetworkManager was quicker, it is not made to begin anew."""
    owner.keep(KINDS["wpa2"], "one", "wlan0")
    service.active = (list(service.profiles)[-1], fake.ACTIVATED)

    assert owner.settle("wlan0", 20)
    assert "ActivateConnection" not in service.asked


def test_not_settled(owner: NetworkManager, service: FakeNetworkManager) -> None:
    """What fails now is rolled back to the former connection, and all profiles are still there."""
    service.works = False
    service.active = (next(iter(service.profiles)), fake.ACTIVATED)
    owner.keep(KINDS["wpa2"], "one", "wlan0")
    owner.keep(KINDS["peap"], "two", "wlan0")

    assert not owner.settle("wlan0", 20)
    assert service.rolled_back == 1
    assert service.active == (next(iter(service.profiles)), fake.ACTIVATED)
    assert names(service) == ["Werkstatt", "Vestibule: Zuhause", "Vestibule: eduroam"]
    assert not owner.is_home("wlan0")


def test_given_back_late(owner: NetworkManager, service: FakeNetworkManager) -> None:
    """The interface is waited for until it is NetworkManager's again."""
    service.state = fake.UNMANAGED
    owner.keep(KINDS["wpa2"], "one", "wlan0")
    settled: list[bool] = []
    settling = threading.Thread(target=lambda: settled.append(owner.settle("wlan0", 20)))
    settling.start()
    service.give_back()
    settling.join(20)

    assert settled == [True]


def test_never_given_back(owner: NetworkManager, service: FakeNetworkManager) -> None:
    """Nothing is activated on an interface that is not NetworkManager's."""
    service.state = fake.UNMANAGED
    owner.keep(KINDS["wpa2"], "one", "wlan0")

    assert not owner.settle("wlan0", 0.2)
    assert "ActivateConnection" not in service.asked


def test_what_it_refuses(owner: NetworkManager, service: FakeNetworkManager) -> None:
    """Its error is told by name and not in its words, which may repeat a passphrase."""
    service.fault = "AddConnection2"
    wanted = Wanted(ssid=b"Zuhause", passphrase=Secret("an island in the sun"))

    with pytest.raises(Refused, match="Faulty") as refused:
        owner.keep(wanted, "one", "wlan0")
    assert "island" not in str(refused.value)
    with pytest.raises(Refused, match="UnknownDevice"):
        NetworkManager.is_home(_keeping(owner, service), "wlan9")


def _keeping(owner: NetworkManager, service: FakeNetworkManager) -> NetworkManager:
    service.fault = ""
    owner.keep(KINDS["wpa2"], "one", "wlan0")
    return owner


def test_not_kept_as_it_was(
    owner: NetworkManager, service: FakeNetworkManager, synced: list[int]
) -> None:
    """A profile that would not join the network is removed, and nobody told that it is kept."""
    service.netplan = True
    owner.keep(KINDS["wpa2"], "one", "wlan0")

    with pytest.raises(Refused, match="as it is"):
        owner.keep(KINDS["binary"], "two", "wlan0")
    assert owner.kept() == Kept("one", b"Zuhause")
    assert names(service) == ["Werkstatt", "Vestibule: Zuhause"]
    assert synced == [2]


def test_nobody_there(address: str, tmp_path: Path) -> None:
    """Neither on the bus nor a bus at all: said with what to do."""
    for bus in (address, f"unix:path={tmp_path}/none"):
        with pytest.raises(Refused, match="NetworkManager did not do it"):
            NetworkManager(bus).kept()


def test_what_cannot_be_kept(owner: NetworkManager, service: FakeNetworkManager) -> None:
    """Refused before anybody tries it, and NetworkManager is not even asked."""
    with pytest.raises(Refused, match="cannot be kept"):
        owner.check(Wanted(ssid=b"x", security="wep"))
    owner.check(KINDS["fixed"])
    assert service.asked == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind(owner: NetworkManager, service: FakeNetworkManager, kind: str) -> None:
    """What was rendered goes over the bus and comes back as it was."""
    wanted = KINDS[kind]
    owner.keep(wanted, "one", "wlan0")
    sent = profile.render(wanted, "one", "wlan0", 1)

    assert list(service.profiles.values())[-1] == sent
    assert owner.kept() == Kept("one", wanted.ssid)
