"""What systemd's units cannot know before the settings are read: drop-ins for this machine's own.

The sockets must stand before the programs behind them, at the access point's address, and that is
a setting. So a generator (systemd.generator(7)) writes it into drop-ins at every boot and every
`systemctl daemon-reload`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hotspot.settings import Settings

# Below each unit's own directory, in the generator's.
FILE: Final = "settings.conf"
# Empty, it takes back what the unit itself says, of every kind (systemd.socket(5)).
_NONE: Final = "ListenStream="


def dropins(settings: Settings) -> dict[str, str]:
    """The generated files: their text by path below the generator's directory."""
    address = settings.network.address.ip
    sockets = {
        "vestibule-dns.socket": [
            _NONE,
            f"ListenDatagram={address}:53",
            f"ListenStream={address}:53",
        ],
        "vestibule-portal.socket": [_NONE, f"ListenStream={address}:80"],
    }
    services = {
        "vestibule-dns.service": [_variables(ADDRESS=address, TTL=settings.dns.ttl)],
        "vestibule-portal.service": [_variables(ADDRESS=address)],
    }
    return {
        **{f"{unit}.d/{FILE}": _section("Socket", lines) for unit, lines in sockets.items()},
        **{f"{unit}.d/{FILE}": _section("Service", lines) for unit, lines in services.items()},
    }


def _variables(**values: object) -> str:
    pairs = " ".join(f"VESTIBULE_{name}={value}" for name, value in values.items())
    return f"Environment={pairs}"


def _section(name: str, lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in (f"[{name}]", *lines))
