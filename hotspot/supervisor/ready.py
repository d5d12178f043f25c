"""What is said when everything answers: one line for whoever waits, a few more for people.

Pure but for the QR code, whose library is loaded only when one is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspot.label import qr
from hotspot.supervisor.lines import printable

if TYPE_CHECKING:
    from hotspot.config.values import Secret


def demo(url: str, dns: tuple[str, int], records: str) -> list[str]:
    """The demo's lines: the first is the ready line, each of the others holds one command.

    `url` is the portal's, with a slash at its end; `dns` address and port of the resolver;
    `records` is the command that lists what was kept.
    """
    address, port = dns
    return [
        f"vestibule ready: {url} (a demo: no radio, this machine only)",
        "  open the page    " + url,
        f"  be a phone       curl -i -H 'Host: captive.apple.com' {url}hotspot-detect.html",
        f"  ask for a name   dig +short @{address} -p {port} captive.apple.com",
        f"  see the answers  {records}",
        "  stop             Ctrl-C",
    ]


def radio(ssid: bytes, url: str) -> str:
    """The ready line of a real access point."""
    return f'vestibule ready: SSID "{printable(ssid.decode("utf-8", "backslashreplace"))}" {url}'


def joining(qr_text: str, passphrase: Secret | None) -> str:
    """The QR code that joins a phone, for a terminal, with the key to type beside it.

    `qr_text` comes from `hotspot.label.invitation`. Secret: never for a log.
    """
    key = "  no key: the network is open" if passphrase is None else f"  key: {passphrase!s}"
    return f"{qr.terminal(qr_text)}{key}"
