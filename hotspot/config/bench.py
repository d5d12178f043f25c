"""The technician's bench: the table [bench].

[bench]
enabled = true
slots = 8
site = "Workshop 2"
signers = { office = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3" }
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hotspot.config import texts, values
from hotspot.config.values import NotAllowed, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HALF: Final = "half"

_QUOTA: Final = '"half" (of the free space), or a whole number from 16 to 1048576 MiB'
_SIGNERS: Final = (
    "a table of up to 32 signers, NAME = the last line of their minisign.pub: 56 characters that "
    "begin with RW"
)
_NAME: Final = "[A-Za-z0-9][A-Za-z0-9 ._@-]{0,39}"
_MOST_SIGNERS: Final = 32
_LONG_WORD: Final = "[0-9A-Za-z]{32,128}"
# minisign(1): "Ed", eight bytes of the key's number, and the 32 of an Ed25519 public key.
_KEY_BYTES: Final = 42
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Bench:
    """The bench, where it is enabled: at most `slots` downloads at once, artifacts in `quota` MiB
    (`None`: half of the free space).

    `signers` are minisign public keys by name; what none of them has signed is refused, unless
    `unsigned` is "lead" and a lead lets it in, which is recorded. In seconds: a device not heard
    of is gone after `gone_after`, one whose download does not advance has stalled after
    `stalled_after`, and one that has all its bytes is to have proven itself `verify_after` later.
    `site` is where the bench stands, for the report. The key to the secrets of manifests is
    "kept" in the state directory, or only in "memory" and gone at power-off. `token` is that of
    hawkBit gateways that speak for their devices.
    """

    enabled: bool = False
    slots: int = 8
    quota: int | None = None
    signers: Mapping[str, str] = field(default_factory=dict)
    unsigned: str = "lead"
    gone_after: int = 300
    stalled_after: int = 90
    verify_after: int = 180
    site: str = ""
    secrets: str = "kept"
    token: Secret | None = None


def quota(value: object) -> int | None:
    """MiB, or `None` for half of what is free."""
    if value == HALF:
        return None
    if type(value) is int and 16 <= value <= 1 << 20:  # noqa: PLR2004 - as told
        return value
    raise NotAllowed(_QUOTA)


def signers(value: object) -> dict[str, str]:
    """Those whose artifacts are taken: name and minisign public key."""
    if isinstance(value, dict) and len(value) <= _MOST_SIGNERS:
        named = all(isinstance(name, str) and re.fullmatch(_NAME, name) for name in value)
        if named and all(map(_is_key, value.values())):
            return dict(value)
    raise NotAllowed(_SIGNERS)


def _is_key(value: object) -> bool:
    try:
        octets = binascii.a2b_base64(value, strict_mode=True) if isinstance(value, str) else b""
    except ValueError:
        return False
    return len(octets) == _KEY_BYTES and octets.startswith(b"Ed")


def token(value: object) -> Secret:
    """What stands in a header behind "GatewayToken": long enough that nobody guesses it."""
    if isinstance(value, str) and re.fullmatch(_LONG_WORD, value):
        return Secret(value)
    raise NotAllowed("32 to 128 letters and digits: openssl rand -hex 24")


KEYS: Final[Mapping[str, Callable[[object], Any]]] = {
    "enabled": values.switch,
    "slots": values.integer(1, 64),
    "quota": quota,
    "signers": signers,
    "unsigned": values.word("refused", "lead"),
    "gone_after": values.integer(10, _DAY, " seconds"),
    "stalled_after": values.integer(10, _DAY, " seconds"),
    "verify_after": values.integer(10, _DAY, " seconds"),
    "site": texts.line(60),
    "secrets": values.word("kept", "memory"),
    "token": token,
}
