"""Android's NetworkMonitor (AOSP's packages/modules/NetworkStack), and vendors who move its hosts.

HTTP and HTTPS are probed at once. The HTTP probe can find a portal, and that is conclusive; only
the HTTPS probe, which nobody can fake, can prove that there is Internet.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import Final

from tests.clients.asking import Exchange, Failure, Network, Outcome

AGENT: Final = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/60.0.3112.32 Safari/537.36",
    "Connection": "close",
}
# A page that small is no page: a broken transparent proxy (b/33498325 and its successors).
SMALLEST_PAGE: Final = 5
LONGEST_DOCUMENT: Final = 4096


@dataclass(frozen=True, slots=True)
class Hosts:
    """What is probed. One fallback is tried per evaluation, in turn."""

    http: str = "http://connectivitycheck.gstatic.com/generate_204"
    https: str = "https://www.google.com/generate_204"
    fallbacks: tuple[str, ...] = (
        "http://www.google.com/gen_204",
        "http://play.googleapis.com/generate_204",
    )


AOSP: Final = Hosts()
VENDORS: Final = {
    "Samsung": Hosts("http://connectivitycheck.samsung.com/generate_204"),
    "Huawei": Hosts("http://connectivitycheck.platform.hicloud.com/generate_204"),
    "Honor": Hosts("http://connectivitycheck.platform.hihonorcloud.com/generate_204"),
    "Xiaomi": Hosts("http://connect.rom.miui.com/generate_204"),
    "Oppo": Hosts("http://conn1.oppomobile.com/generate_204"),
    "Vivo": Hosts("http://wifi.vivo.com.cn/generate_204"),
    "GrapheneOS": Hosts(
        "http://connectivitycheck.grapheneos.network/generate_204",
        "https://connectivitycheck.grapheneos.network/generate_204",
        ("http://grapheneos.online/gen_204", "http://grapheneos.online/generate_204"),
    ),
    "/e/OS": Hosts("http://204.ecloud.global/"),
    "Fire OS": Hosts("http://fireoscaptiveportal.com/generate_204"),
}


class Verdict(enum.Enum):
    """What one probe found (CaptivePortalProbeResult)."""

    SUCCESS = enum.auto()
    PORTAL = enum.auto()
    FAILED = enum.auto()


def check(
    network: Network, hosts: Hosts = AOSP, *, evaluation: int = 0, capport: str | None = None
) -> Outcome:
    """What the device does at its n-th evaluation; `capport` is DHCP option 114, where sent."""
    if capport is not None and _says_captive(network, capport):
        return Outcome.SHEET
    http = _verdict(network.fetch(hosts.http, AGENT))
    if http is Verdict.PORTAL:
        return Outcome.SHEET
    https = _verdict(network.fetch(hosts.https, AGENT))
    if https is Verdict.SUCCESS:
        return Outcome.ONLINE
    fallback = hosts.fallbacks[evaluation % len(hosts.fallbacks)]
    if _verdict(network.fetch(fallback, AGENT)) is Verdict.PORTAL:
        return Outcome.SHEET
    return Outcome.PARTIAL if http is Verdict.SUCCESS else Outcome.NOTHING


def _verdict(answer: Exchange | Failure) -> Verdict:
    if isinstance(answer, Failure):
        return Verdict.FAILED
    if answer.status == 204:
        return Verdict.SUCCESS
    if answer.status == 200 and _is_too_small(answer):
        return Verdict.FAILED
    return Verdict.PORTAL if 200 <= answer.status <= 399 else Verdict.FAILED


def _is_too_small(answer: Exchange) -> bool:
    return not answer.body if answer.declared is None else answer.declared < SMALLEST_PAGE


def _says_captive(network: Network, url: str) -> bool:
    """Whether the RFC 8908 API says so. Its failures are as if it were not there."""
    answer = network.fetch(url, AGENT) if url.startswith("https://") else Failure.REFUSED
    if isinstance(answer, Failure) or answer.status != 200:
        return False
    try:
        text = answer.body.decode()
        document = json.loads(text)
    except ValueError:
        return False
    if len(text) > LONGEST_DOCUMENT or not isinstance(document, dict):
        return False
    page = str(document.get("user-portal-url", ""))
    return document.get("captive") is True and page.startswith("https://")
