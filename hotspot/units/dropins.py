"""What systemd's units cannot know before the settings are read: drop-ins for this machine's own.

The sockets must stand before the programs behind them, at the access point's address, and that is
a setting. So a generator (systemd.generator(7)) writes it into drop-ins at every boot and every
`systemctl daemon-reload`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hotspot.settings import DEFAULT_RUNTIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hotspot.settings import Settings

    # The lines of each section of each unit.
    Lines = Mapping[str, Mapping[str, Sequence[str]]]

# Below each unit's own directory, in the generator's.
FILE: Final = "settings.conf"
# Empty, it takes back what the unit itself says, of every kind (systemd.socket(5)).
_NONE: Final = "ListenStream="
_TLS_UNITS: Final = ("vestibule-handover.socket", "vestibule-tls.socket", "vestibule-tls.service")
_UNIX: Final = "unix:"
_COUNTS: Final = f"{DEFAULT_RUNTIME}/dns/answers"


# Who stays, and so is started again. A first pause of a second at most, doubled until it is this.
_RESTARTED: Final = ("ap", "deliver", "dhcp", "dns", "house", "mdns", "portal", "radio", "tls")
_SLOWER: Final = ("RestartSteps=6", "RestartMaxDelaySec=30s")
# The first systemd that can do so; an older one would only complain of these words.
STEPS_SINCE: Final = 254


def slower() -> dict[str, str]:
    """Pauses that grow, for a systemd that is new enough: their text by path."""
    return {f"vestibule-{name}.service.d/slower.conf": _section("Service", _SLOWER)
            for name in _RESTARTED}  # fmt: skip


def dropins(settings: Settings, hostname: str = "vestibule") -> dict[str, str]:
    """The generated files: their text by path below the generator's directory.

    `hostname` is what multicast DNS calls this machine.
    """
    lines = dict(_tls(settings) if settings.portal.name else _plain(settings))
    wanted = [
        *(_TLS_UNITS if settings.portal.name else ()),
        *(["vestibule-mdns.service"] if settings.portal.mdns else ()),
    ]
    if wanted:
        lines["vestibule-hotspot.target"] = {"Unit": [f"Wants={' '.join(wanted)}"]}
    if settings.portal.mdns:
        named = _variables(ADDRESS=settings.network.address.ip, HOSTNAME=hostname)
        lines["vestibule-mdns.service"] = {"Service": [named]}
    return {
        f"{unit}.d/{FILE}": "".join(_section(*section) for section in sections.items())
        for unit, sections in lines.items()
    }


def _plain(settings: Settings) -> Lines:
    address = settings.network.address.ip
    dns = [_NONE, f"ListenDatagram={address}:53", f"ListenStream={address}:53"]
    return {
        "vestibule-dns.socket": {"Socket": dns},
        "vestibule-portal.socket": {
            "Socket": [_NONE, f"ListenStream={address}:80", *_metrics(settings)]
        },
        "vestibule-dns.service": {
            "Service": [_variables(ADDRESS=address, TTL=settings.dns.ttl), *_counts(settings)]
        },
        "vestibule-portal.service": {"Service": [_variables(ADDRESS=address)]},
    }


def _metrics(settings: Settings) -> list[str]:
    """Where Prometheus asks: the portal itself has a network of its own, and sees no other."""
    listen = settings.metrics.listen
    if listen is None:
        return []
    own = ["SocketMode=0660", "SocketGroup=vestibule"] if listen.startswith(_UNIX) else []
    return [f"ListenStream={listen.removeprefix(_UNIX)}", *own]


def _counts(settings: Settings) -> list[str]:
    """Where the resolver counts its answers, for the portal to read, if anybody is to be told."""
    if settings.metrics.listen is None:
        return []
    return ["RuntimeDirectory=vestibule/dns", _variables(COUNTS=f"--counts={_COUNTS}")]


def _tls(settings: Settings) -> Lines:
    """With TLS: its units know their place, and the portal is given one socket more."""
    portal, address = settings.portal, settings.network.address.ip
    named = _variables(NAME=portal.name)
    credentials = [
        f"LoadCredential={what}:{str(path).replace('%', '%%')}"
        for what, path in (("certificate", portal.certificate), ("key", portal.key))
    ]
    both = "Sockets=vestibule-portal.socket vestibule-handover.socket"
    handover = ["Wants=vestibule-handover.socket", "After=vestibule-handover.socket"]
    return {
        **_plain(settings),
        "vestibule-portal.service": {
            "Unit": handover,
            "Service": [_variables(ADDRESS=address), both],
        },
        "vestibule-tls.socket": {"Socket": [_NONE, f"ListenStream={address}:443"]},
        "vestibule-tls.service": {"Service": [named, *credentials]},
        "vestibule-selftest.service": {"Service": [named]},
    }


def _variables(**values: object) -> str:
    pairs = " ".join(f"VESTIBULE_{name}={value}" for name, value in values.items())
    return f"Environment={pairs}"


def _section(name: str, lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in (f"[{name}]", *lines))
