"""The file on a Linux board's boot partition by which it joins the bench's Wi-Fi.

`network-config` is netplan's version 2, which cloud-init reads from there (Raspberry Pi OS from
13 on, Ubuntu); `wpa_supplicant.conf` is what Raspberry Pi OS up to 11 takes, and what others can
be given. The key is written as WPA2's 256 bits (IEEE 802.11-2020 J.4), so nothing in name or
passphrase can become a directive, and the passphrase itself is on no card.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Final

_LONGEST_NAME: Final = 32
_ROUNDS: Final = 4096
_KEY_BYTES: Final = 32
# 8 to 63 characters of printable ASCII.
_PASSPHRASE: Final = re.compile("[ -~]{8,63}")
_COUNTRY: Final = re.compile("[A-Z]{2}")


class Unfit(Exception):  # noqa: N818 - named for what the entry is
    """A name, key or country that no network has; the text says what is wanted."""


def made(kind: str, ssid: bytes, passphrase: str, country: str) -> str:
    """The file of this `kind`, one of `KINDS`. Raises `Unfit`."""
    if not 1 <= len(ssid) <= _LONGEST_NAME:
        raise Unfit("A network's name has 1 to 32 bytes.")
    if not _PASSPHRASE.fullmatch(passphrase):
        raise Unfit("The key has 8 to 63 characters; it stands on this device's label.")
    if not _COUNTRY.fullmatch(country):
        raise Unfit("The country is two letters, such as DE.")
    key = hashlib.pbkdf2_hmac("sha1", passphrase.encode("ascii"), ssid, _ROUNDS, _KEY_BYTES)
    return KINDS[kind](ssid, key.hex(), country)


def _network_config(ssid: bytes, key: str, country: str) -> str:
    try:
        name = ssid.decode("utf-8")
    except UnicodeDecodeError:
        raise Unfit("This name is no UTF-8 text, which netplan wants.") from None
    wifi = {
        "dhcp4": True,
        "optional": True,
        "regulatory-domain": country,
        "access-points": {name: {"password": key}},
    }
    # JSON is YAML; what follows is the same in both.
    return json.dumps({"network": {"version": 2, "wifis": {"wlan0": wifi}}}, indent=2) + "\n"


def _wpa_supplicant(ssid: bytes, key: str, country: str) -> str:
    return (
        f"country={country}\nctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev\n"
        f"update_config=1\nnetwork={{\n\tssid={ssid.hex()}\n\tpsk={key}\n\tkey_mgmt=WPA-PSK\n}}\n"
    )


KINDS: Final[Mapping[str, Callable[[bytes, str, str], str]]] = {
    "network-config": _network_config,
    "wpa_supplicant.conf": _wpa_supplicant,
}
