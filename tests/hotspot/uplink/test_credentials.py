"""What wpa_supplicant is told of a network: each kind, and nothing that could be two things."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.config.values import Secret
from hotspot.hostapd import psk
from hotspot.uplink import credentials
from hotspot.uplink.sighting import Able
from hotspot.uplink.wanted import Wanted

ALL = Able(frozenset({"WPA-PSK", "SAE", "OWE", "WPA-EAP"}), protects=True)
OLD = Able(frozenset({"WPA-PSK", "WPA-EAP"}), protects=False)
SSID = b"Zuhause"
TEXT = "an island in the sun"
PSK = psk(TEXT, SSID).hex()
SAE = TEXT.encode().hex()
KEY = "0123456789ABCDEF" * 4

TABLE: list[tuple[Any, Able, str | None, str | None, dict[str, str]]] = [
    # security, driver, what was asked for, passphrase, the variables besides name and scan_ssid
    ("open", ALL, None, None, {"key_mgmt": "NONE", "ieee80211w": "0"}),
    ("owe", ALL, None, None, {"key_mgmt": "OWE", "ieee80211w": "2"}),
    (
        "wpa2", ALL, None, TEXT,
        {"key_mgmt": "WPA-PSK WPA-PSK-SHA256", "ieee80211w": "1", "psk": PSK, "sae_password": SAE},
    ),
    (
        "wpa2", OLD, None, TEXT,
        {"key_mgmt": "WPA-PSK", "ieee80211w": "0", "psk": PSK, "sae_password": SAE},
    ),
    (
        "wpa2-wpa3", ALL, None, TEXT,
        {
            "key_mgmt": "SAE WPA-PSK WPA-PSK-SHA256", "ieee80211w": "1",
            "psk": PSK, "sae_password": SAE,
        },
    ),
    (
        "wpa2-wpa3", ALL, "wpa3", TEXT,
        {"key_mgmt": "SAE", "ieee80211w": "2", "psk": PSK, "sae_password": SAE},
    ),
    (
        "wpa3", ALL, None, "short",
        {"key_mgmt": "SAE", "ieee80211w": "2", "sae_password": b"short".hex()},
    ),
    (
        "wpa2-wpa3", ALL, None, KEY,
        {"key_mgmt": "WPA-PSK WPA-PSK-SHA256", "ieee80211w": "1", "psk": KEY.lower()},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("security", "able", "asked", "passphrase", "expected"), TABLE)
def test_each_kind(
    security: Any, able: Able, asked: Any, passphrase: str | None, expected: dict[str, str]
) -> None:
    """Key management and frame protection by what the access point is and the driver can."""
    secret = Secret(passphrase) if passphrase is not None else None
    wanted = Wanted(ssid=SSID, security=asked, passphrase=secret)

    found = dict(credentials.variables(wanted, security, able))

    assert found == {"ssid": SSID.hex(), "scan_ssid": "1", **expected}


@pytest.mark.parametrize(("method", "eap"), [(None, "PEAP"), ("peap", "PEAP"), ("ttls", "TTLS")])
def test_a_user(method: Any, eap: str) -> None:
    """An enterprise network gets the user, the inner method, and whom to trust."""
    wanted = Wanted(ssid=SSID, identity="anna", password=Secret("of anna"), method=method)

    found = dict(credentials.variables(wanted, "enterprise", ALL, "/run/vestibule/uplink/ca.pem"))

    assert found["key_mgmt"] == "WPA-EAP WPA-EAP-SHA256"
    assert found["eap"] == eap
    assert bytes.fromhex(found["phase2"]) == b"auth=MSCHAPV2"
    assert bytes.fromhex(found["identity"]) == b"anna"
    assert bytes.fromhex(found["password"]) == b"of anna"
    assert bytes.fromhex(found["ca_cert"]) == b"/run/vestibule/uplink/ca.pem"


TYPED = st.text(min_size=1, max_size=60).filter(lambda text: "\0" not in text)


@given(
    ssid=st.binary(min_size=1, max_size=32),
    typed=TYPED.filter(lambda text: not re.search("[\ud800-\udfff]", text)),
    security=st.sampled_from(("wpa2", "wpa3", "wpa2-wpa3", "enterprise")),
)
def test_nothing_ends_its_value(ssid: bytes, typed: str, security: Any) -> None:
    """Whatever was typed, a value is one line of ASCII without a quote, and secrets are masked."""
    wanted = Wanted(ssid=ssid, passphrase=Secret(typed), identity=typed, password=Secret(typed))

    for name, value in credentials.variables(wanted, security, ALL):
        assert re.fullmatch("[ A-Za-z0-9-]+", value), name
        if name in {"psk", "sae_password", "password"}:
            assert repr(value).startswith("<secret")
