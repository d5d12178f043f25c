"""Every secret that is on this machine because of us, read so that it can be kept out.

Only in the memory of the process that writes a bundle, and only where it may read them.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hotspot import hostapd, identity
from hotspot.config.values import NotAllowed
from hotspot.doctor import asking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hotspot.doctor.observing import Where
    from hotspot.settings import Settings

# Options of a delivery that name a file with a secret in it.
_CREDENTIALS: Final = ("token", "hmac", "password", "key")
_CREDENTIAL: Final = "credential:"
# Where systemd's own tools look for them (systemd.exec(5), LoadCredential=).
_STORES: Final = ("etc/credstore", "run/credstore", "usr/lib/credstore", "etc/vestibule")
# A line of hostapd's or wpa_supplicant's configuration, or of a NetworkManager profile.
_LINE: Final = re.compile(
    r"^\s*(?:psk|password|wpa_psk|wpa_passphrase|sae_password|private[_-]key[_-]passw(?:or)?d)"
    r"""\s*[=:]\s*(?:"(.*)"|'(.*)'|(.*?))\s*$""",
    re.MULTILINE,
)
_FOREIGN: Final = (
    "etc/wpa_supplicant/*.conf",
    "etc/NetworkManager/system-connections/*",
    "run/NetworkManager/system-connections/*",
    "etc/netplan/*.yaml",
)


def known(where: Where, settings: Settings | None, root: Path = Path("/")) -> set[str]:
    """All of them. What cannot be read is not among them, and cannot be in the bundle either."""
    return {
        secret
        for found in (
            _own(where),
            _settings(settings, root),
            _records(where.state),
            _configured(where.runtime, root),
        )
        for secret in found
    }


def _own(where: Where) -> Iterator[str]:
    with contextlib.suppress(OSError, NotAllowed):
        yield str(identity.decode((where.state / identity.FILE).read_bytes()).passphrase)


def _settings(settings: Settings | None, root: Path) -> Iterator[str]:
    if settings is None:
        return
    if settings.radio.passphrase:
        yield str(settings.radio.passphrase)
    for delivery in settings.deliveries:
        for option in _CREDENTIALS:
            place = delivery.options.get(option)
            if isinstance(place, str):
                yield from _credential(place, root)
        for option in delivery.options.keys() - _PLAIN - _TOLD - set(_CREDENTIALS):
            yield from _pieces(delivery.options[option])


def _pieces(value: object) -> Iterator[str]:
    """What may be a secret in an address, in headers, in arguments, in a stranger's options."""
    if isinstance(value, dict):
        yield from (piece for each in value.values() for piece in _pieces(each))
    elif isinstance(value, list | tuple):
        yield from (piece for each in value for piece in _pieces(each))
    elif isinstance(value, str):
        path = value.partition("://")[2].partition("/")[2] if "://" in value else value
        words = (value if path == value else "", *re.split(r"[/?&=\s,;]+", path))
        yield from (word for word in words if len(word) >= _NO_WORD)


def _credential(place: str, root: Path) -> Iterator[str]:
    name = place.removeprefix(_CREDENTIAL)
    files = [Path(place)]
    if place.startswith(_CREDENTIAL):
        own = Path(os.environ.get("CREDENTIALS_DIRECTORY") or root / _STORES[0])
        files = [folder / name for folder in (own, *(root / each for each in _STORES))]
    for file in files:
        with contextlib.suppress(OSError):
            text = file.read_text(encoding="utf-8", errors="surrogateescape")
            # Whole, and each line of a key in PEM.
            yield from (text.strip(), *(line.strip() for line in text.splitlines()))


def _records(state: Path) -> Iterator[str]:
    words = ["-m", "portal.provisioning", "records", "export", "--secrets"]
    text = asking.said([sys.executable, *words, "--state", str(state.absolute())], asking.PACKAGES)
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            yield from _of_record(json.loads(line))


def _of_record(record: Mapping[str, Any]) -> Iterator[str]:
    yield str(record.get("passphrase") or "")
    user = (record.get("access") or {}).get("user") or {}
    yield str(user.get("password") or "")
    fields = record.get("fields") or {}
    yield from (str(fields.get(name, "")) for name in record.get("secrets") or ())


def _configured(runtime: Path, root: Path) -> Iterator[str]:
    files = [runtime / hostapd.FILE, *(path for each in _FOREIGN for path in root.glob(each))]
    for file in files:
        with contextlib.suppress(OSError):
            text = file.read_text(encoding="utf-8", errors="surrogateescape")
            yield from (one for found in _LINE.findall(text) for one in found)


def masked(settings: Settings) -> Settings:
    """The settings without what may lead to a secret: an address's path, headers, arguments."""
    safe = tuple(
        replace(each, options={name: _shown(name, value) for name, value in each.options.items()})
        for each in settings.deliveries
    )
    return replace(settings, deliveries=safe)


# A piece of an option that is shorter is a word, such as "--json" or "ingest".
_NO_WORD: Final = 9
# Not shown in a bundle, and no secrets that a log must not name.
_TOLD: Final = frozenset({"topic", "answers", "username", "site", "appliance", "certificate"})
# What of a delivery's options is never a secret, nor leads to one.
_PLAIN: Final = frozenset({
    "answer", "ca", "client", "directory", "expires", "host", "local", "method", "port", "rate",
    "seal_to", "timeout", "tls", "unheard",
})  # fmt: skip


def _shown(name: str, value: object) -> object:
    if name in _PLAIN:
        return value
    if name == "url" and isinstance(value, str):
        return re.sub(r"(?<=[^/:])/.*", "/•••", value, count=1)
    return "•••"
