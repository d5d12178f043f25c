"""Networks to keep: one of each kind, and whatever Hypothesis can think of."""

from __future__ import annotations

import base64
import ipaddress

from hypothesis import strategies as st

from hotspot.config.values import Secret
from hotspot.uplink.wanted import Fixed, Wanted
from tests.hotspot import strategies as ours

HOSTILE = b'"}\nnetwork={\n\tssid="evil"\n#'
_BODY = base64.b64encode(bytes(range(48))).decode()
PEM = f"-----BEGIN CERTIFICATE-----\n{_BODY}\n-----END CERTIFICATE-----\n"
FIXED = Fixed(
    ipaddress.IPv4Interface("192.168.1.5/24"),
    ipaddress.IPv4Address("192.168.1.1"),
    (ipaddress.IPv4Address("192.168.1.1"), ipaddress.IPv4Address("9.9.9.9")),
)
KINDS = {
    "wpa2": Wanted(ssid=b"Zuhause", security="wpa2", passphrase=Secret("an island in the sun")),
    "wpa3": Wanted(ssid=b"Zuhause", security="wpa3", passphrase=Secret("kurz")),
    "mixed": Wanted(ssid=b"Zuhause", security="wpa2-wpa3", passphrase=Secret("an island")),
    "unsaid": Wanted(ssid=b"Zuhause", passphrase=Secret("an island in the sun")),
    "key": Wanted(ssid=b"Zuhause", security="wpa2", passphrase=Secret("0A" * 32)),
    "open": Wanted(ssid=b"Zuhause"),
    "owe": Wanted(ssid=b"Zuhause", security="owe"),
    "hidden": Wanted(ssid=b"Zuhause", hidden=True, passphrase=Secret("an island")),
    "binary": Wanted(ssid=HOSTILE + b"\x00\xff", passphrase=Secret('#"\\} für alle')),
    "peap": Wanted(
        ssid=b"eduroam",
        security="enterprise",
        identity="anna@example.org",
        password=Secret('se"cret#'),
        certificates=PEM,
    ),
    "ttls": Wanted(ssid=b"eduroam", identity="anna", password=Secret("x"), method="ttls"),
    "fixed": Wanted(ssid=b"Zuhause", passphrase=Secret("an island in the sun"), address=FIXED),
}

_text = st.text(st.characters(exclude_categories=("Cs", "Cc"), max_codepoint=0x10FFFF), min_size=1)
secrets = _text.filter(lambda text: len(text.encode()) <= 128).map(Secret)
personal = st.builds(
    Wanted,
    ssid=ours.ssids,
    security=st.sampled_from((None, "wpa3", "wpa2-wpa3")),
    hidden=st.booleans(),
    passphrase=secrets,
)
enterprise = st.builds(
    Wanted,
    ssid=ours.ssids,
    security=st.sampled_from((None, "enterprise")),
    identity=secrets.map(str),
    password=st.none() | secrets,
    method=st.sampled_from((None, "peap", "ttls")),
    certificates=st.sampled_from((None, PEM)),
)
open_ones = st.builds(Wanted, ssid=ours.ssids, security=st.sampled_from((None, "open", "owe")))
wanted = personal | enterprise | open_ones
keys = st.from_regex("[0-9A-Za-z_-]{1,64}", fullmatch=True)
