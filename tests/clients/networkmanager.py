"""NetworkManager's connectivity check (src/core/nm-connectivity.c), as distributions configure it.

The header decides before the body, the body by its beginning, and the status only where an
empty answer is wanted. GNOME's portal helper opens a window where the outcome is PORTAL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.clients.asking import Failure, Network, Outcome

HEADER: Final = "X-NetworkManager-Status"
DEFAULT_RESPONSE: Final = b"NetworkManager is online"
AGENT: Final = {"Accept": "*/*", "Connection": "close"}


@dataclass(frozen=True, slots=True)
class Setting:
    """`[connectivity]` of NetworkManager.conf: `uri` and `response`."""

    uri: str
    response: bytes = DEFAULT_RESPONSE


GNOME: Final = Setting("http://nmcheck.gnome.org/check_network_status.txt")
DISTRIBUTIONS: Final = {
    "Debian": Setting("http://network-test.debian.org/nm"),
    "Ubuntu": Setting("http://connectivity-check.ubuntu.com/", b""),
    "Fedora": Setting("http://fedoraproject.org/static/hotspot.txt", b"OK"),
    "Arch Linux": Setting("http://ping.archlinux.org/nm-check.txt"),
    "Manjaro": Setting("http://ping.manjaro.org/check_network_status.txt"),
    "openSUSE": Setting("http://conncheck.opensuse.org/"),
    "KDE": Setting("http://networkcheck.kde.org/", b"OK"),
    "Pop!_OS": Setting("http://204.pop-os.org/", b""),
}


def check(network: Network, setting: Setting = GNOME) -> Outcome:
    """What the desktop does when it joins: FULL, PORTAL, or LIMITED without a window."""
    answer = network.fetch(setting.uri, AGENT)
    if isinstance(answer, Failure):
        return Outcome.NOTHING
    if (answer.get(HEADER) or "").lower() == "online":
        return Outcome.ONLINE
    if setting.response:
        is_full = answer.body.startswith(setting.response)
    else:
        is_full = answer.status == 204 or (answer.status == 200 and not answer.body)
    return Outcome.ONLINE if is_full else Outcome.SHEET
