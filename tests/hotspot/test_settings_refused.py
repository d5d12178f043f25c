"""Settings that cannot be used: each in one line with its file, key, value and remedy."""

from __future__ import annotations

import datetime as dt

import pytest

from hotspot import settings
from hotspot.settings import Invalid
from tests.hotspot.files import COUNTRY, problems

TLS = "\ncertificate = '/c'\nkey = '/k'"


@pytest.mark.parametrize(
    ("line", "found", "allowed"),
    [
        ("channel = 15", "15", "1 to 13"),
        ("channel = 0", "0", "1 to 13"),
        ("channel = 14", "14", "1 to 13"),
        ("channel = true", "true", "1 to 13"),
        ("channel = 6.0", "(a number)", "1 to 13"),
        ("channel = 'Auto'", '"Auto"', '"auto"'),
        ("passphrase = '1234567'", "(hidden, 7 characters)", "8 to 63 printable"),
        (f"passphrase = '{'x' * 64}'", "(hidden, 64 characters)", "8 to 63 printable"),
        ("passphrase = 'trailing '", "(hidden, 9 characters)", "no space at either end"),
        ("passphrase = 'Geheimnüsse'", "(hidden, 11 characters)", "ASCII"),
        ('passphrase = "12345678\\r"', "(hidden, 9 characters)", "printable"),
        ("passphrase = 123456789", "(hidden)", "printable"),
        ("passphrase = ['geheimnis']", "(hidden)", "printable"),
        (f"ssid = '{'x' * 33}'", f'"{"x" * 33}"', "1 to 32 bytes"),
        ("ssid = 'ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖ'", '"ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖ"', "1 to 32 bytes"),
        ("ssid = ''", '""', "1 to 32 bytes"),
        ("ssid = 5", "5", "1 to 32 bytes"),
        ("interface = 'wlan0 '", '"wlan0 "', "15"),
        ("interface = 'wlan*'", '"wlan*"', "15"),
        ("interface = '../etc'", '"../etc"', "15"),
        ("interface = 'abcdefghijklmnop'", '"abcdefghijklmnop"', "15"),
        ('interface = "wlan0\\nport=53"', '"wlan0\\nport=53"', "15"),
        ("security = 'wep'", '"wep"', "wpa2, wpa2-wpa3, wpa3, open"),
        ("security = []", "(a list)", "wpa2, wpa2-wpa3, wpa3, open"),
        ("follow = 'csa'", '"csa"', "one of auto, announce, restart, return"),
        ("linger = -1", "-1", "from 0 to 86400 seconds"),
        ("linger = true", "true", '"forever"'),
        ("return_after = 29", "29", "30 to 86400 seconds"),
        ("start = 'sometimes'", '"sometimes"', "one of always, unconfigured, button, never"),
        ("idle_off = 59", "59", 'from 60 to 86400 seconds, or "never"'),
        ("button = 17", "17", "a GPIO line"),
        ("button = 'GPIO 17'", '"GPIO 17"', "a GPIO line"),
    ],
)
def test_bad_values_of_the_radio(line: str, found: str, allowed: str) -> None:
    """Each impossible value is one line with file, key, value and what is allowed."""
    (problem,) = problems(COUNTRY + line)
    assert problem.startswith(f"c.toml: radio.{line.partition(' ')[0]} = {found}: ")
    assert allowed in problem


@pytest.mark.parametrize(
    ("text", "start", "allowed"),
    [
        ("[network]\naddress = '10.0.0.0/24'", 'network.address = "10.0.0.0/24"', "host address"),
        ("[network]\naddress = '10.0.0.255/24'", "network.address", "host address"),
        ("[network]\naddress = '10.0.0.1'", "network.address", "/16 to /29"),
        ("[network]\naddress = '10.0.0.1/30'", "network.address", "/16 to /29"),
        ("[network]\naddress = '10.0.0.1/15'", "network.address", "/16 to /29"),
        ("[network]\naddress = '127.0.0.1/24'", "network.address", "host address"),
        ("[network]\naddress = '224.0.0.1/24'", "network.address", "host address"),
        ("[network]\naddress = '255.255.1.1/24'", "network.address", "host address"),
        ("[network]\naddress = '0.0.1.1/24'", "network.address", "host address"),
        ("[network]\naddress = 'fd00::1/64'", "network.address", "host address"),
        ("[network]\naddress = 10", "network.address = 10", "host address"),
        ("[network]\nlease = 119", "network.lease = 119", "120 to 86400 seconds"),
        ("[network]\nlease = '600'", 'network.lease = "600"', "120 to 86400 seconds"),
        ("[portal]\nthreads = 0", "portal.threads = 0", "1 to 64"),
        ("[portal]\nname = 'portal'" + TLS, 'portal.name = "portal"', "host name with a dot"),
        ("[portal]\nname = '100.64.64.1'" + TLS, "portal.name", "no address"),
        ("[portal]\nname = 'a_b.example'" + TLS, "portal.name", "letters, digits and -"),
        ("[portal]\nname = 'münchen.example'" + TLS, "portal.name", "letters, digits and -"),
        ("[portal]\nname = '-a.example'" + TLS, "portal.name", "host name"),
        ("[portal]\nname = 'a..example'" + TLS, "portal.name", "host name"),
        (f"[portal]\nname = '{'a.' * 111}example'" + TLS, "portal.name", "at most 228"),
        ("[portal]\nname = 4" + TLS, "portal.name = 4", "host name"),
        (
            "[portal]\nname = 'a.example'\ncertificate = 'c'\nkey = '/k'",
            'portal.certificate = "c"',
            "an absolute path",
        ),
        ("[portal]\nname = 'a.example'", "portal.name = given alone", "all three, or none"),
        ("[portal]\nkey = '/k'", "portal.key = given alone", "name, certificate and key"),
        ("[portal]\ncertificate = '/c'\nkey = '/k'", "portal.certificate", "all three"),
        ("[dns]\nttl = 61", "dns.ttl = 61", "1 to 60 seconds"),
        ("[dns]\nttl = true", "dns.ttl = true", "1 to 60 seconds"),
        ("[provisioning]\njoins = 1", "provisioning.joins = 1", "true or false"),
        ("[home]\ninternet = true", "home.internet = true", "required, reported, skipped"),
        ("[home]\nowner = 'connman'", 'home.owner = "connman"', "auto, networkmanager"),
        ("[portal]\nmdns = 'yes'", 'portal.mdns = "yes"', "true or false"),
        ("[brand]\nname = ''", 'brand.name = ""', "one line of 1 to 40"),
        ('[brand]\nname = "a\\nb"', 'brand.name = "a\\nb"', "one line"),
        ("[brand]\ncolor = 'green'", 'brand.color = "green"', "#RRGGBB"),
        ("[brand]\nlogo = 'logo.svg'", 'brand.logo = "logo.svg"', "an absolute path"),
        ("[brand]\nsupport = { english = 'x' }", "brand.support = (a table)", "by language"),
        ("[brand]\nsupport = {}", "brand.support = (a table)", "by language"),
        ("[delivery.x]\nbackend = 'ftp'", 'delivery.x.backend = "ftp"', "one of file"),
        ("[delivery.x]\nbackend = []", "delivery.x.backend = (a list)", "one of file"),
        ("[delivery.x]", "delivery.x.backend = missing", "one of file"),
        ("[delivery]\nx = 1", "delivery.x = (a number)", "write [delivery.x]"),
        ("[delivery.X]\nbackend = 'file'", "delivery.X", "letters a to z"),
        (
            "[delivery.x]\nbackend = 'file'\ndirectory = 'here'",
            'delivery.x.directory = "here"',
            "an absolute path",
        ),
    ],
)
def test_bad_values_elsewhere(text: str, start: str, allowed: str) -> None:
    """The other tables' impossible values are refused the same way."""
    (problem,) = problems(COUNTRY + text)
    assert problem.startswith(f"c.toml: {start}")
    assert allowed in problem


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[netwrok]\n", "netwrok = (a table): unknown key; did you mean network?"),
        ("contry = 1", "radio.contry = (a number): unknown key; did you mean radio.country?"),
        ("lease = 600", "radio.lease = (a number): unknown key; did you mean network.lease?"),
        (
            "zzz = 'hunter22'",
            (
                "radio.zzz = (text of 8 characters): unknown key; one of button, channel, "
                "country, follow, idle_off, interface, linger, passphrase, return_after, "
                "security, ssid, start"
            ),
        ),
        (
            "[delivery.x]\nbackend = 'file'\ndirectroy = '/x'",
            (
                "delivery.x.directroy = (text of 2 characters): unknown key; "
                "did you mean delivery.x.directory?"
            ),
        ),
        (
            '"a\\nb\\u001b[31m" = 1',
            (
                "radio.a\\nb\\x1b[31m = (a number): unknown key; one of button, channel, "
                "country, follow, idle_off, interface, linger, passphrase, return_after, "
                "security, ssid, start"
            ),
        ),
    ],
)
def test_an_unknown_key_names_the_nearest(text: str, line: str) -> None:
    """A key we do not know is refused with the one that was meant, its text not repeated."""
    assert problems(COUNTRY + text) == [f"c.toml: {line}"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "radio.country = missing: the two capital letters"),
        ("[radio]\ncountry = 'de'", 'radio.country = "de": the two capital letters'),
        ("[radio]\ncountry = 49", "radio.country = 49: the two capital letters"),
        ("radio = 5", "radio = (a number): a table: write [radio] and its keys below"),
        (f"{COUNTRY}[[network]]", "network = (a list): a table: write [network]"),
        (f"delivery = 1\n{COUNTRY}", "delivery = (a number): tables: write [delivery.NAME]"),
        ("[radio", "(the file) = not TOML: Expected ']'"),
        (f"x = {'1' * 5000}", "(the file) = not TOML: no number over"),
        (f"x = {'[' * 5000}", "(the file) = not TOML: no number over"),
    ],
)
def test_the_shape_of_the_file(text: str, line: str) -> None:
    """No country, no table where one belongs, no TOML: one line each."""
    (problem,) = problems(text)
    assert problem.startswith(f"c.toml: {line}")


@pytest.mark.parametrize(
    ("security", "passphrase", "allowed"),
    [
        ("wpa3", "abc|defgh", "no |"),
        ("wpa2-wpa3", "|||||||||", "no |"),
        ("open", "12345678", "left out"),
    ],
)
def test_values_that_do_not_go_together(security: str, passphrase: str, allowed: str) -> None:
    """WPA3 takes no |, and an open access point no passphrase that would protect nothing."""
    (problem,) = problems(f"{COUNTRY}security = '{security}'\npassphrase = '{passphrase}'")
    assert "radio.passphrase = (hidden, " in problem
    assert allowed in problem
    assert passphrase not in problem


def test_every_problem_is_told_at_once() -> None:
    """One run tells all that is wrong, in the order of the tables."""
    text = "[radio]\nchannel = 15\npassphrase = '1234567'\n[network]\nlease = 1\n[dsn]\n"
    keys = [line.split(" ")[1] for line in problems(text)]
    assert keys == ["radio.passphrase", "radio.channel", "network.lease", "dsn", "radio.country"]


def test_a_date_is_no_setting() -> None:
    """TOML's dates are refused like any wrong type."""
    with pytest.raises(Invalid, match="a date or time"):
        settings.from_mapping({"radio": {"country": dt.date(2026, 1, 2)}})
