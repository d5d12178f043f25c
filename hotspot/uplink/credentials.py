"""What wpa_supplicant is told of the network to join: variables of a network block, all in hex.

wpa_supplicant reads a value as quoted text or as hexadecimal (`wpa_config_parse_string`), and a
command to its end. Hexadecimal has no quote to be ended and no line to be broken, so whatever a
person typed stays one value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hotspot.config.values import Secret
from hotspot.hostapd import psk
from hotspot.uplink.wanted import fits_wpa2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotspot.air.elements import Protection
    from hotspot.uplink.sighting import Able
    from hotspot.uplink.wanted import Wanted

    Variable = tuple[str, str]

# The file of the network's own certificate authorities, beside the control socket.
CERTIFICATES: Final = "ca.pem"


def variables(
    wanted: Wanted, security: Protection, able: Able, certificates: str = ""
) -> Iterator[Variable]:
    """The variables of the network block, by name; secrets among them.

    `security` is what the access point says it is, and `certificates` the path of a PEM file.
    """
    yield "ssid", wanted.ssid.hex()
    # Asked for by name: a hidden one answers to nothing else.
    yield "scan_ssid", "1"
    if wanted.security == "wpa3" and security == "wpa2-wpa3":
        # What was chosen as the stronger is not tried as the weaker.
        security = "wpa3"
    yield "key_mgmt", " ".join(_management(security, able, sae=_has_sae(wanted, security, able)))
    yield "ieee80211w", _protection(security, able)
    if security in {"wpa2", "wpa3", "wpa2-wpa3"} and wanted.passphrase is not None:
        yield from _keys(wanted.passphrase, wanted.ssid)
    if security == "enterprise":
        yield from _user(wanted, certificates)


def _has_sae(wanted: Wanted, security: Protection, able: Able) -> bool:
    # The key itself in hex is no password: only WPA2 takes it.
    is_key = re.fullmatch("[0-9A-Fa-f]{64}", wanted.passphrase or "") is not None
    return security in {"wpa3", "wpa2-wpa3"} and able.sae and not is_key


def _management(security: Protection, able: Able, *, sae: bool) -> Iterator[str]:
    """The ways to prove oneself, those that the driver cannot left out."""
    if sae:
        yield "SAE"
    if security in {"wpa2", "wpa2-wpa3"}:
        yield "WPA-PSK"
        if able.protects:
            yield "WPA-PSK-SHA256"
    if security == "enterprise":
        yield "WPA-EAP"
        if able.protects:
            yield "WPA-EAP-SHA256"
    if security == "owe":
        yield "OWE"
    if security == "open":
        yield "NONE"


def _protection(security: Protection, able: Able) -> str:
    """Management frame protection: 0 off, 1 where the access point has it, 2 required."""
    if security in {"wpa3", "owe"}:
        return "2"
    return "1" if able.protects and security != "open" else "0"


def _keys(passphrase: Secret, ssid: bytes) -> Iterator[Variable]:
    if re.fullmatch("[0-9A-Fa-f]{64}", passphrase):
        yield "psk", Secret(passphrase.lower())
        return
    if fits_wpa2(passphrase):
        yield "psk", Secret(psk(passphrase, ssid).hex())
    yield "sae_password", Secret(passphrase.encode().hex())


def _user(wanted: Wanted, certificates: str) -> Iterator[Variable]:
    """PEAP or TTLS with MSCHAPv2 inside, which is what offices and universities have."""
    yield "eap", (wanted.method or "peap").upper()
    yield "phase2", b"auth=MSCHAPV2".hex()
    yield "identity", (wanted.identity or "").encode().hex()
    if wanted.password is not None:
        yield "password", Secret(wanted.password.encode().hex())
    if certificates:
        yield "ca_cert", certificates.encode().hex()
