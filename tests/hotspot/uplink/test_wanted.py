"""The network to join: what a request may say, and which field is named when it may not."""

from __future__ import annotations

import base64
import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.config.values import Secret
from hotspot.uplink import wanted
from hotspot.uplink.wanted import Fixed, Unwanted, Wanted

SSID = b"Caf\xc3\xa9\x00\xff"
PEM = (
    "-----BEGIN CERTIFICATE-----\n"
    + base64.encodebytes(bytes(range(90))).decode()
    + "-----END CERTIFICATE-----\n"
)
ADDRESS = {"address": "192.168.1.5/24", "gateway": "192.168.1.1", "dns": ["9.9.9.9"]}

REFUSED: list[tuple[Any, str]] = [
    # the object beyond its name, and the field that the refusal names
    ({"ssid": ""}, "network.ssid"),
    ({"ssid": "5"}, "network.ssid"),
    ({"ssid": "00" * 33}, "network.ssid"),
    ({"ssid": "0x41"}, "network.ssid"),
    ({"ssid": None}, "network.ssid"),
    ({"security": "wpa4"}, "network.security"),
    ({"hidden": 1}, "network.hidden"),
    ({"passphrase": ""}, "network.passphrase"),
    ({"passphrase": "line\nbreak"}, "network.passphrase"),
    ({"passphrase": "half \ud800"}, "network.passphrase"),
    ({"passphrase": "x" * 129}, "network.passphrase"),
    ({"security": "wpa2"}, "network.passphrase"),
    ({"security": "wpa2", "passphrase": "seven.."}, "network.passphrase"),
    ({"security": "wpa2", "passphrase": "x" * 64}, "network.passphrase"),
    ({"security": "wpa3"}, "network.passphrase"),
    ({"security": "open", "passphrase": "none needed"}, "network.passphrase"),
    ({"security": "owe", "passphrase": "none needed"}, "network.passphrase"),
    ({"password": "of nobody"}, "network.identity"),
    ({"identity": "x" * 254}, "network.identity"),
    ({"method": "md5"}, "network.method"),
    ({"ca": "no certificate"}, "network.ca"),
    ({"ca": PEM + "-----BEGIN PRIVATE KEY-----\nAAAA\n"}, "network.ca"),
    ({"ca": PEM.replace("A", "A=", 1)}, "network.ca"),
    ({"ca": PEM * 300}, "network.ca"),
    ({"address": "192.168.1.5/24"}, "network.address"),
    ({"address": {**ADDRESS, "address": "192.168.1.255/24"}}, "network.address.address"),
    ({"address": {**ADDRESS, "address": "192.168.1.5/32"}}, "network.address.address"),
    ({"address": {**ADDRESS, "address": "127.0.0.5/8"}}, "network.address.address"),
    ({"address": {**ADDRESS, "gateway": "192.168.2.1"}}, "network.address.gateway"),
    ({"address": {**ADDRESS, "gateway": "192.168.1.5"}}, "network.address.gateway"),
    ({"address": {**ADDRESS, "gateway": "192.168.1.255"}}, "network.address.gateway"),
    ({"address": {**ADDRESS, "gateway": 1}}, "network.address.gateway"),
    ({"address": {**ADDRESS, "dns": ["9.9.9.9"] * 4}}, "network.address.dns"),
    ({"address": {**ADDRESS, "dns": ["::1"]}}, "network.address.dns"),
    ({"address": {"address": "192.168.1.5/24"}}, "network.address.gateway"),
    ({"address": {**ADDRESS, "mtu": 1500}}, "network.address.mtu"),
    ({"priority": 1}, "network.priority"),
    ({"<script>": 1}, "network.?"),
]


def test_a_network_with_everything() -> None:
    """Every member is read into the value that the attempt works with."""
    found = wanted.read(
        {
            "ssid": SSID.hex(),
            "security": "enterprise",
            "hidden": True,
            "passphrase": None,
            "identity": "anna@example.org",
            "password": "of anna",
            "method": "ttls",
            "ca": "subject=/CN=ours\n" + PEM,
            "address": ADDRESS,
        }
    )

    assert found == Wanted(
        ssid=SSID,
        security="enterprise",
        hidden=True,
        identity="anna@example.org",
        password=Secret("of anna"),
        method="ttls",
        certificates=PEM,
        address=Fixed(
            ipaddress.IPv4Interface("192.168.1.5/24"),
            ipaddress.IPv4Address("192.168.1.1"),
            (ipaddress.IPv4Address("9.9.9.9"),),
        ),
    )


@pytest.mark.parametrize(("more", "field"), REFUSED)
def test_a_refusal_names_the_field(more: dict[str, Any], field: str) -> None:
    """What cannot be wanted is refused with its dotted field."""
    with pytest.raises(Unwanted) as refused:
        wanted.read({"ssid": SSID.hex(), **more})

    assert refused.value.field == field


def test_a_refusal_repeats_no_secret() -> None:
    """Neither a refusal nor the value itself ever shows a password."""
    with pytest.raises(Unwanted) as refused:
        wanted.read({"ssid": "41", "security": "wpa2", "passphrase": "island"})
    known = wanted.read(
        {"ssid": "41", "passphrase": "an island", "identity": "anna", "password": "sun"}
    )

    assert "island" not in str(refused.value)
    assert not any(word in repr(known) for word in ("island", "anna", "sun"))


@pytest.mark.parametrize(
    ("passphrase", "fits"),
    [
        ("7 bytes", False),
        ("8 bytes.", True),
        ("ä" * 4, True),
        ("x" * 63, True),
        ("x" * 64, False),
        ("0aF" * 21 + "0", True),
    ],
)
def test_what_wpa2_can_use(passphrase: str, fits: bool) -> None:  # noqa: FBT001 - a table's column
    """Bytes count, not characters; 64 hexadecimal digits are the key itself."""
    assert wanted.fits_wpa2(passphrase) is fits


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ("ssid", "security", "hidden", "passphrase", "identity", "password", "method", "ca", "address")
)


@given(
    ANY | st.dictionaries(NAMES | st.text(), ANY | st.sampled_from(("41", PEM, "wpa2", ADDRESS)))
)
def test_only_refusals_escape(document: object) -> None:
    """Whatever the JSON, it is a network with a name of 1 to 32 bytes, or a refusal."""
    try:
        found = wanted.read(document)
    except Unwanted:
        return
    assert 1 <= len(found.ssid) <= 32
