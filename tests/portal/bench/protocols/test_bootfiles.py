"""The file on a boot partition: read by the programs it is for, whatever the name is."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.protocols.bootfiles import KINDS, Unfit, made

# IEEE 802.11-2020 J.4.2, the first test vector.
SSID, PASSPHRASE = b"IEEE", "password"
KEY = "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"


def test_the_key_is_the_standards() -> None:
    """In both files; the passphrase is in neither."""
    for kind in KINDS:
        text = made(kind, SSID, PASSPHRASE, "DE")
        assert KEY in text
        assert f'"{PASSPHRASE}"' not in text.replace('"password":', "")
    config = json.loads(made("network-config", SSID, PASSPHRASE, "DE"))
    wifi = config["network"]["wifis"]["wlan0"]
    assert wifi["access-points"] == {"IEEE": {"password": KEY}}
    assert wifi["regulatory-domain"] == "DE"


@given(
    ssid=st.binary(min_size=1, max_size=32),
    passphrase=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=63),
)
def test_no_name_becomes_a_directive(ssid: bytes, passphrase: str) -> None:
    """Seven lines for wpa_supplicant, each as it should be."""
    lines = made("wpa_supplicant.conf", ssid, passphrase, "DE").splitlines()

    assert len(lines) == 8
    assert lines[4] == f"\tssid={ssid.hex()}"
    assert re.fullmatch("\tpsk=[0-9a-f]{64}", lines[5])


@pytest.mark.parametrize(
    ("ssid", "passphrase", "country"),
    [
        (b"", PASSPHRASE, "DE"),
        (b"x" * 33, PASSPHRASE, "DE"),
        (SSID, "short", "DE"),
        (SSID, "x" * 64, "DE"),
        (SSID, "pass\nword", "DE"),
        (SSID, PASSPHRASE, "de"),
        (SSID, PASSPHRASE, "DE\n"),
        (b"\xff\xfe", PASSPHRASE, "DE"),
    ],
)
def test_what_no_network_has_is_refused(ssid: bytes, passphrase: str, country: str) -> None:
    """In words for the page."""
    with pytest.raises(Unfit, match=r"\.$"):
        made("network-config", ssid, passphrase, country)
