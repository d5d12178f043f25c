"""hostapd's configuration: whatever the names and keys, exactly the expected directives."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hotspot import hostapd, settings
from hotspot.config.values import CHANNELS_2GHZ, NotAllowed, Secret, Security
from hotspot.hostapd import AccessPoint
from tests.hotspot import strategies

EVERY = AccessPoint(
    interface="wlan0",
    country="DE",
    ssid=b"Vestibule-7KQ2",
    passphrase=Secret("correct horse"),
    channel=6,
    security=Security.WPA2,
    control_directory="/run/vestibule/hostapd",
)

# IEEE 802.11-2020 J.4.2.
VECTORS = [
    ("password", b"IEEE", "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"),
    (
        "ThisIsAPassword",
        b"ThisIsASSID",
        "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af",
    ),
    ("a" * 32, b"Z" * 32, "becb93866bb8c3832cb777c2f559807c8c59afcb6eae734885001300a981cc62"),
]

BASE = {
    *("interface", "driver", "ctrl_interface", "logger_syslog", "logger_stdout"),
    *("logger_stdout_level", "ssid2", "country_code", "ieee80211d", "hw_mode", "channel"),
    *("beacon_int", "dtim_period", "ieee80211n", "wmm_enabled", "ap_isolate", "auth_algs"),
}
RSN = {"wpa", "wpa_key_mgmt", "rsn_pairwise", "ieee80211w"}
SAE = {"sae_pwe", "sae_require_mfp", "sae_password"}
KEYS = {
    Security.OPEN: BASE,
    Security.WPA2: BASE | RSN | {"wpa_psk"},
    Security.WPA2_WPA3: BASE | RSN | {"wpa_psk"} | SAE,
    Security.WPA3: BASE | RSN | SAE,
}


@st.composite
def access_points(draw: st.DrawFn) -> AccessPoint:
    """Any access point that can be."""
    security = draw(st.sampled_from(Security))
    passphrase = draw(strategies.passphrases)
    if security in {Security.WPA3, Security.WPA2_WPA3}:
        passphrase = Secret(passphrase.replace("|", "I"))
    return AccessPoint(
        interface=draw(strategies.interfaces),
        country=draw(strategies.countries),
        ssid=draw(strategies.ssids),
        passphrase=None if security is Security.OPEN else passphrase,
        channel=draw(strategies.channels),
        security=security,
        control_directory=draw(strategies.directories),
    )


def read(text: bytes) -> list[tuple[bytes, bytes]]:
    """The directives as hostapd 2.10 reads them: a line is at most 4,095 bytes (fgets).

    What is left of a longer one is the next line; the first NUL ends it; `#` only comments at
    its start; the key ends at the first `=`; nothing is trimmed.
    """
    found = []
    for whole in io.BytesIO(text):
        for start in range(0, len(whole), 4095):
            line = whole[start : start + 4095].split(b"\n")[0].split(b"\0")[0]
            if line and not line.startswith(b"#"):
                key, equals, value = line.partition(b"=")
                assert equals, line
                found.append((key, value))
    return found


def test_the_usual_access_point() -> None:
    """The whole text for WPA2 on channel 6, as documented."""
    assert hostapd.render(EVERY) == (
        "interface=wlan0\n"
        "driver=nl80211\n"
        "ctrl_interface=/run/vestibule/hostapd\n"
        "logger_syslog=0\n"
        "logger_stdout=-1\n"
        "logger_stdout_level=2\n"
        "ssid2=566573746962756c652d374b5132\n"
        "country_code=DE\n"
        "ieee80211d=1\n"
        "hw_mode=g\n"
        "channel=6\n"
        "beacon_int=100\n"
        "dtim_period=2\n"
        "ieee80211n=1\n"
        "wmm_enabled=1\n"
        "ap_isolate=1\n"
        "auth_algs=1\n"
        "wpa=2\n"
        "wpa_key_mgmt=WPA-PSK\n"
        "rsn_pairwise=CCMP\n"
        "ieee80211w=0\n"
        "wpa_psk=d7080584777b928a302f2419be6c84d864b8e5545afe186370541da8ba363fac\n"
    )


@pytest.mark.parametrize(("passphrase", "ssid", "key"), VECTORS)
def test_the_key_of_a_passphrase(passphrase: str, ssid: bytes, key: str) -> None:
    """The standard's own vectors come out."""
    assert hostapd.psk(passphrase, ssid).hex() == key


@pytest.mark.parametrize(
    ("security", "expected"),
    [
        (Security.WPA2, {"wpa_key_mgmt": "WPA-PSK", "ieee80211w": "0"}),
        (Security.WPA2_WPA3, {"wpa_key_mgmt": "WPA-PSK SAE", "ieee80211w": "1"}),
        (Security.WPA3, {"wpa_key_mgmt": "SAE", "ieee80211w": "2"}),
    ],
)
def test_security_modes(security: Security, expected: dict[str, str]) -> None:
    """Key management and frame protection go together: off, for those who can, required."""
    lines = dict(
        line.split("=", 1)
        for line in hostapd.render(replace(EVERY, security=security)).splitlines()
    )
    assert expected.items() <= lines.items()
    assert lines["wpa"] == "2"
    assert lines["rsn_pairwise"] == "CCMP"


@pytest.mark.parametrize("channel", [1, 13, 36, 100, 165])
def test_the_channel_decides_the_band(channel: int) -> None:
    """5 GHz channels take mode a with 802.11h, the others mode g without."""
    text = hostapd.render(replace(EVERY, channel=channel))
    low = channel in CHANNELS_2GHZ
    assert f"hw_mode={'g' if low else 'a'}\nchannel={channel}\n" in text
    assert ("ieee80211h=1\n" in text) is not low


@given(access_points())
@hypothesis_settings(max_examples=400, deadline=None)
def test_exactly_the_expected_directives(access_point: AccessPoint) -> None:
    """Any SSID bytes and any passphrase: each expected key once, no other, nothing to misread."""
    text = hostapd.render(access_point).encode("ascii")
    found = read(text)
    lines = dict(found)
    keys = {key.decode() for key in lines}
    assert len(lines) == len(found)
    assert keys - {"ieee80211h"} == KEYS[access_point.security]
    assert all(len(line) <= 200 for line in text.split(b"\n"))
    assert all(byte == 10 or 32 <= byte < 127 for byte in text)
    assert bytes.fromhex(lines[b"ssid2"].decode()) == access_point.ssid
    assert (
        lines.get(b"sae_password", (access_point.passphrase or "").encode())
        == (access_point.passphrase or "").encode()
    )
    assert len(lines.get(b"wpa_psk", b"x" * 64)) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"interface": "wlan0\nbogus=1"},
        {"interface": ""},
        {"country": "de"},
        {"country": "DE\r"},
        {"ssid": b""},
        {"ssid": b"x" * 33},
        {"passphrase": None},
        {"passphrase": Secret("1234567")},
        {"passphrase": Secret("1234567\r")},
        {"passphrase": Secret("x" * 4095)},
        {"passphrase": Secret("abc|id=defg"), "security": Security.WPA3},
        {"passphrase": Secret("abc|id=defg"), "security": Security.WPA2_WPA3},
        {"security": Security.OPEN},
        {"channel": 0},
        {"channel": 14},
        {"channel": "auto"},
        {"control_directory": "/run/a\nb"},
        {"control_directory": "relative"},
        {"driver": "wired"},
    ],
)
def test_what_could_not_be_is_refused(change: dict[str, object]) -> None:
    """A value that hostapd would refuse, or read as something else, never becomes text."""
    with pytest.raises(NotAllowed):
        replace(EVERY, **change)  # type: ignore[arg-type]


@given(st.sampled_from(Security), strategies.channels, strategies.channels)
def test_on_another_channel(security: Security, channel: int, other: int) -> None:
    """A configuration moved says what one made for that channel says, in whatever order."""
    passphrase = None if security is Security.OPEN else EVERY.passphrase
    here = replace(EVERY, channel=channel, security=security, passphrase=passphrase)
    moved = hostapd.on_channel(hostapd.render(here), other)
    made = hostapd.render(replace(here, channel=other))

    assert sorted(moved.splitlines()) == sorted(made.splitlines())
    assert "wpa_psk" not in repr(moved)


def test_secrets_do_not_show() -> None:
    """Neither the model nor its text shows a key in a repr."""
    assert "correct horse" not in repr(EVERY)
    assert "wpa_psk" not in repr(hostapd.render(EVERY))


def test_from_settings() -> None:
    """Country and security come from the settings, the rest from what start-up found."""
    given_settings = settings.parse('[radio]\ncountry = "FR"\nsecurity = "open"\n', file="c.toml")
    access_point = hostapd.from_settings(
        given_settings,
        interface="wlan1",
        ssid=b"\xff",
        passphrase=Secret("kept from before"),
        channel=11,
        runtime="/run/vestibule",
    )
    assert access_point == AccessPoint(
        interface="wlan1",
        country="FR",
        ssid=b"\xff",
        passphrase=None,
        channel=11,
        security=Security.OPEN,
        control_directory="/run/vestibule/hostapd",
    )
