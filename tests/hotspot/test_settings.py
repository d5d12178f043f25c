"""The settings: defaults, every key, nothing secret shown, and cheap to import."""

from __future__ import annotations

import ipaddress
import subprocess
import sys

import pytest

from hotspot import settings
from hotspot.settings import Brand, Delivery, Home, Radio, Secret, Security, Settings
from tests.hotspot.files import COUNTRY, FULL


def test_the_country_is_enough() -> None:
    """With only the country given, every default is the documented one."""
    found = settings.parse(COUNTRY, file="c.toml")
    assert found == Settings(radio=Radio(country="DE"))
    assert found.radio.channel is None
    assert found.radio.security is Security.WPA2
    assert found.network.address == ipaddress.IPv4Interface("100.64.64.1/22")
    assert (found.network.lease, found.dns.ttl, found.portal.threads) == (600, 10, 8)
    assert (found.portal.site, found.portal.api) == ("", "")
    assert found.provisioning.joins is True
    assert (found.radio.follow, found.radio.linger, found.radio.return_after) == ("auto", 60, 300)
    assert (found.radio.start, found.radio.idle_off) == ("unconfigured", 900)
    assert found.home == Home(internet="reported", owner="auto")
    assert found.brand == Brand(name="Vestibule")
    assert found.deliveries == (Delivery("keep", "file"),)


def test_every_key_arrives() -> None:
    """A file with every key gives exactly those values."""
    found = settings.parse(FULL, file="c.toml")
    assert found.radio == Radio(
        country="DE",
        interface="wlan0",
        ssid="Küche 📶".encode(),
        passphrase=Secret("correct horse"),
        channel=36,
        security=Security.WPA2_WPA3,
        follow="restart",
        linger=5,
        return_after=90,
        start="button",
        idle_off=60,
        button="GPIO17",
    )
    assert found.home == Home(internet="required", owner="wpa_supplicant")
    assert (found.portal.mdns, found.provisioning.joins) == (True, False)
    assert found.brand == Brand(
        name="Kaffeeklatsch",
        color="#6b3e26",
        logo="/etc/vestibule/logo.svg",
        support={"en": "Call 0800", "de": "Rufen Sie 0800 an"},
        templates="/etc/vestibule/templates",
    )
    assert str(found.network.address) == "10.0.0.254/24"
    assert (found.network.lease, found.dns.ttl, found.portal.threads) == (120, 5, 4)
    assert found.portal.name == "setup.example.com"
    assert found.portal.certificate == "/etc/vestibule/fullchain.pem"
    assert found.portal.key == "/etc/vestibule/key.pem"
    assert found.portal.site == "https://setup.example.com/"
    assert found.portal.api == "https://setup.example.com/captive-portal/api"
    assert found.deliveries == (
        Delivery("keep", "file", {"directory": "/srv/answers"}),
        Delivery("second-copy", "file"),
    )


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("channel = 'auto'", None),
        ("channel = 1", 1),
        ("channel = 13", 13),
        ("channel = 177", 177),
        ("interface = 'wlx00c0ca98dfee'", "wlx00c0ca98dfee"),
        ("interface = 'wlan0.1'", "wlan0.1"),
        ("ssid = 'LRA-AN00%6149%HonorConnect'", b"LRA-AN00%6149%HonorConnect"),
        ("ssid = ' leading'", b" leading"),
        ("ssid = 'ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄ'", "ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄ".encode()),
        ("passphrase = '12345678'", "12345678"),
        ("passphrase = 'a b|c\\\"#='", 'a b|c\\"#='),
        (f"passphrase = '{'x' * 63}'", "x" * 63),
        ("security = 'open'", Security.OPEN),
        ("linger = 'forever'", None),
        ("linger = 0", 0),
        ("idle_off = 'never'", None),
        ("idle_off = 60", 60),
        ("button = 'P8_13'", "P8_13"),
    ],
)
def test_good_values_of_the_radio(line: str, value: object) -> None:
    """What is allowed at the edges is taken as it stands."""
    found = settings.parse(COUNTRY + line, file="c.toml")
    assert getattr(found.radio, line.partition(" ")[0]) == value


def test_it_is_cheap_to_import() -> None:
    """A process that is handed its settings pays for no TOML parser and no key advice."""
    heavy = {"tomllib", "difflib", "hotspot.hostapd", "hashlib", "json", "pathlib"}
    code = f"import sys, hotspot.settings; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
