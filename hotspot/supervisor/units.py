"""What systemd's units cannot know before the settings are read: drop-ins for this machine's own.

The sockets must stand before the programs behind them, at the access point's address, and that is
a setting. So a generator (systemd.generator(7)) writes it into drop-ins, at every boot and every
`systemctl daemon-reload`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hotspot.settings import Settings


def drop_ins(settings: Settings) -> dict[str, str]:
    """The generated files: their text by path below the generator's directory."""
    address, ttl = settings.network.address.ip, settings.dns.ttl
    know = f"Environment=VESTIBULE_ADDRESS={address} VESTIBULE_TTL={ttl}\n"
    sockets = {
        "vestibule-dns.socket": f"ListenDatagram={address}:53\nListenStream={address}:53\n",
        "vestibule-portal.socket": f"ListenStream={address}:80\n",
    }
    services = dict.fromkeys(("vestibule-dns.service", "vestibule-portal.service"), know)
    return {f"{unit}.d/settings.conf": f"[Socket]\n{text}" for unit, text in sockets.items()} | {
        f"{unit}.d/settings.conf": f"[Service]\n{text}" for unit, text in services.items()
    }
