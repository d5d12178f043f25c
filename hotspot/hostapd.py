"""hostapd's configuration: a typed model in, deterministic text out.

hostapd reads lines of up to 4,095 bytes and takes the rest of a longer one for a new directive;
it keeps carriage returns and trailing blanks (config_file.c, `hostapd_config_read`). So nothing
a person typed is ever written as text: the SSID goes in as hex and the passphrase as its key.
The one exception is SAE, which needs the password itself: printable ASCII without "|".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hotspot.config import values
from hotspot.config.values import CHANNELS_5GHZ, NotAllowed, Secret, Security

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotspot.settings import Settings

    Line = tuple[str, str | int]

FILE: Final = "hostapd.conf"
# Beside it: the access point's own name, as it is on the air, for the page.
NAME: Final = "ssid"
# And, for units, where it is: its interface, and the name in hex.
PLACE: Final = "place.env"
CONTROL: Final = "hostapd"

_KEY_MANAGEMENT: Final = {
    Security.WPA2: "WPA-PSK",
    Security.WPA2_WPA3: "WPA-PSK SAE",
    Security.WPA3: "SAE",
}
# 0 off, 1 for stations that can, 2 required. Off with WPA2: on a Raspberry Pi as access point,
# 1 kept clients from joining (raspberrypi/linux #3619). WPA3 requires it.
_MANAGEMENT_FRAME_PROTECTION: Final = {
    Security.WPA2: 0,
    Security.WPA2_WPA3: 1,
    Security.WPA3: 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """One access point as hostapd is to make it. Raises `values.NotAllowed` when it could not.

    `channel` is a 20 MHz channel number and decides the band; `control_directory` an absolute
    path for the control sockets; `passphrase` is `None` when `security` is open, and only then.
    """

    interface: str
    country: str
    ssid: bytes
    passphrase: Secret | None
    channel: int
    security: Security
    control_directory: str
    driver: str = "nl80211"

    def __post_init__(self) -> None:
        values.interface(self.interface)
        values.country(self.country)
        values.ssid_bytes(self.ssid)
        values.plain_directory(self.control_directory)
        if values.channel(self.channel) is None or self.driver not in {"nl80211", "none"}:
            raise NotAllowed("a channel number, and driver nl80211 or none")
        self._check_passphrase()

    def _check_passphrase(self) -> None:
        if (self.passphrase is None) != (self.security is Security.OPEN):
            raise NotAllowed("a passphrase, except for an open access point")
        if self.passphrase is None:
            return
        values.passphrase(self.passphrase)
        if self.security in values.SAE and "|" in self.passphrase:
            raise NotAllowed(values.SAE_KEY)


def from_settings(
    settings: Settings,
    *,
    interface: str,
    ssid: bytes,
    passphrase: Secret | None,
    channel: int,
    runtime: str,
) -> AccessPoint:
    """The access point of these settings, with what start-up found or made.

    `runtime` is the runtime directory. A passphrase is left out for an open access point,
    so that the caller may always hand over the one it keeps. Raises `values.NotAllowed`.
    """
    radio = settings.radio
    return AccessPoint(
        interface=interface,
        country=radio.country,
        ssid=ssid,
        passphrase=None if radio.security is Security.OPEN else passphrase,
        channel=channel,
        security=radio.security,
        control_directory=f"{runtime}/{CONTROL}",
    )


def render(access_point: AccessPoint) -> Secret:
    """The text of hostapd.conf: ASCII, no line over 200 bytes; secret, as it holds the key."""
    lines = [*_service(access_point), *_radio(access_point), *_security(access_point)]
    return Secret("".join(map(_directive, lines)))


def on_channel(text: str, channel: int) -> Secret:
    """A configuration that `render` made, with the access point on another channel."""
    moving = {key for key, _ in band(channel)} | {key for key, _ in band(CHANNELS_5GHZ[0])}
    kept = [line for line in text.splitlines() if line.partition("=")[0] not in moving]
    return Secret("".join([*(f"{line}\n" for line in kept), *map(_directive, band(channel))]))


def band(channel: int) -> Iterator[Line]:
    """What a channel means for a configuration, and for hostapd's SET: key and value."""
    five = channel in CHANNELS_5GHZ
    if five:
        # Radar detection and the power constraint that 5 GHz needs; harmless where there is none.
        yield "ieee80211h", 1
    yield "hw_mode", "a" if five else "g"
    yield "channel", channel


def psk(passphrase: str, ssid: bytes) -> bytes:
    """The 32-byte pairwise master key of a passphrase, IEEE 802.11-2020 J.4.1.

    4,096 rounds of PBKDF2-HMAC-SHA1 for each of two blocks: 1.5 ms on one amd64 core.
    """
    return hashlib.pbkdf2_hmac("sha1", passphrase.encode(), ssid, 4096, 32)


def _directive(line: Line) -> str:
    key, value = line
    return f"{key}={value}\n"


def _service(access_point: AccessPoint) -> Iterator[Line]:
    yield "interface", access_point.interface
    yield "driver", access_point.driver
    yield "ctrl_interface", access_point.control_directory
    # To stdout, for whoever started it: from "informational" (2) up, all modules.
    yield "logger_syslog", 0
    yield "logger_stdout", -1
    yield "logger_stdout_level", 2


def _radio(access_point: AccessPoint) -> Iterator[Line]:
    yield "ssid2", access_point.ssid.hex()
    yield "country_code", access_point.country
    yield "ieee80211d", 1
    yield from band(access_point.channel)
    yield "beacon_int", 100
    yield "dtim_period", 2
    # 20 MHz and no ht_capab: hostapd refuses to start over one capability the driver lacks.
    yield "ieee80211n", 1
    # 802.11n rates need WMM; without it stations fall back to 54 Mbit/s.
    yield "wmm_enabled", 1
    # Stations never reach each other: a stranger's phone has no business with the next one's.
    yield "ap_isolate", 1


def _security(access_point: AccessPoint) -> Iterator[Line]:
    # 1: open-system authentication only, never WEP's shared key. SAE adds its own.
    yield "auth_algs", 1
    passphrase, security = access_point.passphrase, access_point.security
    if passphrase is None:
        return
    yield "wpa", 2
    yield "wpa_key_mgmt", _KEY_MANAGEMENT[security]
    yield "rsn_pairwise", "CCMP"
    yield "ieee80211w", _MANAGEMENT_FRAME_PROTECTION[security]
    if security is not Security.WPA3:
        yield "wpa_psk", psk(passphrase, access_point.ssid).hex()
    if security in values.SAE:
        # Both ways to the password element: hash-to-element for new stations (required on
        # 6 GHz), hunting-and-pecking for the first generation of WPA3 phones.
        yield "sae_pwe", 2
        yield "sae_require_mfp", 1
        yield "sae_password", passphrase
