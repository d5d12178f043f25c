"""wpa_supplicant's file of a home network."""

from __future__ import annotations

import base64
import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.config.values import NotAllowed, Secret
from hotspot.hostapd import psk
from hotspot.owner import configuration
from hotspot.owner.configuration import Configuration
from hotspot.owner.port import Kept
from hotspot.uplink.wanted import Wanted
from tests.hotspot.owner import networks
from tests.hotspot.owner.networks import KINDS

# A third of what wpa_supplicant's buffer takes (test_configuration_real.py).
LINE_BYTES = 600


def of(wanted: Wanted, key: str = "01J9", unit: str = "") -> Configuration:
    """Its configuration in Germany."""
    return Configuration(wanted=wanted, key=key, country="DE", unit=unit)


HEAD = """\
# Vestibule wrote this; `vestibule forget` removes it. The join it came from:
# 01J9
ctrl_interface=/run/wpa_supplicant
country=DE
sae_pwe=2
pmf=1
network={
"""
GOLDEN = {
    "wpa2": """\
	ssid=5a756861757365
	scan_ssid=1
	key_mgmt=SAE WPA-PSK WPA-PSK-SHA256
	psk=5e13c6535a2a3c63cc31b73a6d095f695313149f9c6a9ad97cd8fdc0131edc8b
	sae_password=616e2069736c616e6420696e207468652073756e
}
""",
    "open": """\
	ssid=5a756861757365
	scan_ssid=1
	key_mgmt=NONE
	ieee80211w=0
}
""",
    "owe": """\
	ssid=5a756861757365
	scan_ssid=1
	key_mgmt=OWE
	ieee80211w=2
}
""",
    "wpa3": """\
	ssid=5a756861757365
	scan_ssid=1
	key_mgmt=SAE
	ieee80211w=2
	sae_password=6b75727a
}
""",
    "peap": """\
	ssid=656475726f616d
	scan_ssid=1
	key_mgmt=WPA-EAP WPA-EAP-SHA256
	eap=PEAP
	phase2=617574683d4d53434841505632
	identity=616e6e61406578616d706c652e6f7267
	password=7365226372657423
	ca_cert=626c6f623a2f2f766573746962756c652d6361
}
blob-base64-vestibule-ca={
LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBRUNBd1FGQmdjSUNRb0xEQTBP
RHhBUkVoTVVGUllYR0JrYUd4d2RIaDhnSVNJakpDVW1KeWdwS2lzc0xTNHYKLS0t
LS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=
}
""",
}


@pytest.mark.parametrize("kind", GOLDEN)
def test_the_text(kind: str) -> None:
    """Each kind of network, letter by letter."""
    assert configuration.render(of(KINDS[kind])) == HEAD + GOLDEN[kind]


def meaning(text: str) -> tuple[dict[str, str], list[dict[str, str]], dict[str, bytes]]:
    """Globals, network blocks and blobs: an independent reader, after wpa_supplicant.conf(5)."""
    found: dict[str, str] = {}
    blocks: list[dict[str, str]] = []
    blobs: dict[str, bytes] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        bare = line.strip(" \t\r")
        if not bare or bare.startswith("#"):
            continue
        if bare == "network={":
            inner = [one.strip() for one in iter(lambda: next(lines), "}")]
            blocks.append(dict(one.split("=", 1) for one in inner))
        elif blob := re.fullmatch(r"blob-base64-(\S+)=\{", bare):
            blobs[blob[1]] = base64.b64decode("".join(iter(lambda: next(lines), "}")))
        else:
            name, _, value = bare.partition("=")
            found[name] = value
    return found, blocks, blobs


@given(networks.wanted, networks.keys, st.sampled_from(("", "wpa_supplicant@wlan0.service")))
def test_nothing_breaks_out(wanted: Wanted, key: str, unit: str) -> None:
    """Whatever names and passwords are, it is one network block of these very bytes."""
    text = configuration.render(of(wanted, key, unit))
    found, blocks, blobs = meaning(text)
    (block,) = blocks

    assert text.isascii()
    assert all(len(line) <= LINE_BYTES for line in text.split("\n"))
    assert set(found) == {"ctrl_interface", "country", "sae_pwe", "pmf"}
    assert bytes.fromhex(block["ssid"]) == wanted.ssid
    for name in ("identity", "password"):
        given_ = getattr(wanted, name)
        assert bytes.fromhex(block.get(name, "")).decode() == (given_ or "")
    assert all(re.fullmatch("[0-9A-Za-z -]+", value) for value in block.values())
    assert blobs == ({"vestibule-ca": wanted.certificates.encode()} if wanted.certificates else {})


@given(networks.wanted, networks.keys)
def test_it_tells_whose_it_is(wanted: Wanted, key: str) -> None:
    """Key, name and unit are read back from the file alone."""
    unit = "wpa_supplicant@wlan0.service"
    text = configuration.render(of(wanted, key, unit))

    assert configuration.read(text) == Kept(key, wanted.ssid)
    assert configuration.enabled(text) == unit
    assert configuration.enabled(configuration.render(of(wanted, key))) == ""


@given(
    st.text() | st.integers(0, 400).map(lambda end: configuration.render(of(KINDS["peap"]))[:end])
)
def test_anybody_elses_file_is_not_ours(text: str) -> None:
    """Any text, also the beginning of one of ours, is read without harm."""
    kept = configuration.read(text)

    assert kept is None or text.startswith("# Vestibule wrote this")
    assert configuration.enabled(text) == ""


ELSE = [
    "",
    "network={\n\tssid=5a\n}\n",
    "# Vestibule\n# 01J9\nnetwork={\n\tssid=5a\n}\n",
    HEAD.replace("01J9", "a b") + GOLDEN["open"],
    HEAD + '\tssid="Zuhause"\n}\n',
]


@pytest.mark.parametrize("text", ELSE)
def test_what_somebody_else_wrote(text: str) -> None:
    """A file without our first lines, or changed by hand, has no key of ours."""
    assert configuration.read(text) is None


def test_the_key_of_wpa2_is_the_networks() -> None:
    """The pairwise master key by IEEE 802.11; what is one already is taken as it is."""
    for kind, key in (
        ("wpa2", psk("an island in the sun", b"Zuhause").hex()),
        ("key", "0a" * 32),
    ):
        _, ((block), *_), _ = meaning(configuration.render(of(KINDS[kind])))
        assert block["psk"] == key


BAD = [
    {"key": "a\nb"},
    {"key": ""},
    {"country": "de"},
    {"control_directory": "/run\n"},
    {"unit": "a\nb"},
    {"wanted": Wanted(ssid=b"")},
    {"wanted": Wanted(ssid=b"x", security="wep")},
    {"wanted": Wanted(ssid=b"x", security="wpa2")},
    {"wanted": Wanted(ssid=b"x", security="enterprise")},
    {"wanted": Wanted(ssid=b"x", identity="i" * 257)},
    {"wanted": Wanted(ssid=b"x", identity="i", password=Secret("ü" * 129))},
]


@pytest.mark.parametrize("change", BAD)
def test_refused(change: dict[str, object]) -> None:
    """What the file could not hold is refused, and no refusal repeats it."""
    with pytest.raises(NotAllowed) as refused:
        dataclasses.replace(of(KINDS["open"]), **change)  # type: ignore[arg-type] # a table

    assert "ü" not in str(refused.value)


def test_no_secret_shows_itself() -> None:
    """Neither the configuration nor the text of its file is readable in a log."""
    made = of(KINDS["peap"])

    assert 'se"cret' not in repr(made)
    assert repr(configuration.render(made)).startswith("<secret")


ESCAPED = [
    (b"Zuhause", "Zuhause"),
    (b'a"b\\c', 'a\\"b\\\\c'),
    (b"\n\r\t\x1b\x00\xff", "\\n\\r\\t\\e\\x00\\xff"),
]


@pytest.mark.parametrize(("ssid", "text"), ESCAPED)
def test_the_name_in_a_status(ssid: bytes, text: str) -> None:
    """A name as wpa_supplicant prints it."""
    assert configuration.escaped(ssid) == text
