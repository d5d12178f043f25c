"""A home network as a NetworkManager profile."""

from __future__ import annotations

import sys
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.config.values import NotAllowed
from hotspot.owner import profile
from hotspot.owner.profile import Ours
from hotspot.uplink.wanted import Wanted
from tests.hotspot.owner import networks
from tests.hotspot.owner.networks import KINDS, PEM


def group(kind: str, name: str) -> dict[str, Any]:
    """A group of the profile of this kind of network, its values without their signatures."""
    found = profile.render(KINDS[kind], "one", "wlan0", 3).get(name, {})
    return {key: value for key, (_, value) in found.items()}


SECURITY = [
    # "wpa-psk" is WPA2, and WPA3 where card and network can
    ("wpa2", {"key-mgmt": "wpa-psk", "psk": "an island in the sun"}),
    ("mixed", {"key-mgmt": "wpa-psk", "psk": "an island"}),
    ("unsaid", {"key-mgmt": "wpa-psk", "psk": "an island in the sun"}),
    ("key", {"key-mgmt": "wpa-psk", "psk": "0A" * 32}),
    ("wpa3", {"key-mgmt": "sae", "psk": "kurz"}),
    ("open", {}),
    ("owe", {"key-mgmt": "owe"}),
    ("peap", {"key-mgmt": "wpa-eap"}),
]


@pytest.mark.parametrize(("kind", "expected"), SECURITY)
def test_security(kind: str, expected: dict[str, str]) -> None:
    """How each kind of network is proven to, with the passphrase in the profile itself."""
    assert group(kind, "802-11-wireless-security") == expected


def test_enterprise() -> None:
    """A user's name and password, and the authorities by which the network is known."""
    assert group("peap", "802-1x") == {
        "eap": ["peap"],
        "identity": "anna@example.org",
        "password": 'se"cret#',
        "phase2-auth": "mschapv2",
        "ca-cert": PEM.encode(),
    }
    assert group("ttls", "802-1x")["eap"] == ["ttls"]
    assert group("wpa2", "802-1x") == {}


def test_a_fixed_address() -> None:
    """Address, router and resolvers; else a lease. Resolvers are integers in network order."""
    fixed = group("fixed", "ipv4")

    assert fixed["method"] == "manual"
    assert fixed["address-data"] == [{"address": ("s", "192.168.1.5"), "prefix": ("u", 24)}]
    assert fixed["gateway"] == "192.168.1.1"
    assert [number.to_bytes(4, sys.byteorder) for number in fixed["dns"]] == [
        bytes([192, 168, 1, 1]),
        bytes([9, 9, 9, 9]),
    ]
    assert group("wpa2", "ipv4") == {"method": "auto"}


def test_the_connection() -> None:
    """Its own UUID by the key, ahead of what was there before, for this interface only."""
    made = group("wpa2", "connection")

    assert made == {
        "id": "Vestibule: Zuhause",
        "uuid": profile.identity("one"),
        "type": "802-11-wireless",
        "interface-name": "wlan0",
        "autoconnect-priority": 100,
        "stable-id": "vestibule/3/one",
    }
    assert uuid.UUID(profile.identity("one")).version == 5
    assert profile.identity("one") != profile.identity("two")
    assert group("hidden", "802-11-wireless")["hidden"] is True


@given(networks.wanted, networks.keys, st.integers(0, 10**9 - 1))
def test_read_back(wanted: Wanted, key: str, number: int) -> None:
    """Key, name by its bytes, and number; and nothing D-Bus could not carry."""
    settings = profile.render(wanted, key, "wlan0", number)

    assert profile.read(settings) == Ours(key, wanted.ssid, number)
    assert settings["connection"]["id"][1].isprintable()


ELSE = ["", "vestibule", "vestibule/one/1", "vestibule/1/", "a vestibule/1/one", "${CONNECTION}"]


@pytest.mark.parametrize("stable", ELSE)
def test_somebody_elses(stable: str) -> None:
    """A profile that does not say that it is ours is not."""
    settings = {"connection": {"stable-id": ("s", stable)}}

    assert profile.read(settings) is None
    assert profile.read({}) is None
    assert profile.read({"connection": {"id": ("s", "Vestibule: Zuhause")}}) is None


SHOWN = [
    (b"Zuhause", "Zuhause"),
    ("Küche 📶".encode(), "Küche 📶"),
    (b"a\nb\x00\xff", "a\\nb\\x00\\xff"),
    ("\u202egro".encode(), "\\u202egro"),
]


@pytest.mark.parametrize(("ssid", "text"), SHOWN)
def test_the_name_for_people(ssid: bytes, text: str) -> None:
    """What could lead the eye astray is escaped."""
    assert profile.shown(ssid) == text


BAD = [
    Wanted(ssid=b"x", security="wep"),
    Wanted(ssid=b"x", security="wpa3"),
    Wanted(ssid=b"x", security="enterprise"),
]


@pytest.mark.parametrize("wanted", BAD)
def test_refused(wanted: Wanted) -> None:
    """What nobody could join is never made permanent."""
    with pytest.raises(NotAllowed):
        profile.render(wanted, "one", "wlan0", 1)
