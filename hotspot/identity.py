"""Who this device is on the air: what the settings say, else what was made at first start.

A key that was made is on a printed label. So a file that cannot be read is never replaced by
itself: that would lock out everybody who holds the label.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hotspot import files
from hotspot.config import values
from hotspot.config.values import NotAllowed, Secret, Security
from hotspot.errors import Refused
from hotspot.label import invitation as joining

if TYPE_CHECKING:
    from pathlib import Path

    from hotspot.label.invitation import RandomBytes
    from hotspot.settings import Radio

FILE: Final = "access-point.json"

_SUFFIX: Final = re.compile("[A-Z0-9]{4}")


@dataclass(frozen=True, slots=True)
class Kept:
    """What was made at first start: the ending of the name, and the key."""

    suffix: str
    passphrase: Secret


@dataclass(frozen=True, slots=True)
class Identity:
    """The access point's name, and its key; `None` for an open one."""

    ssid: bytes
    passphrase: Secret | None


def of(radio: Radio, state: Path, random_bytes: RandomBytes) -> Identity:
    """The identity by these settings, made and kept in `state` if this is the first start.

    Raises `Refused` when what was kept cannot be read, or nothing can be kept.
    """
    return _identity(radio, keep(state, random_bytes))


def known(radio: Radio, state: Path) -> Identity:
    """The identity of an access point that has been started before; nothing is made.

    Raises `Refused`: a label of a key that the next start would not use is worse than none.
    """
    try:
        return _identity(radio, _read(state / FILE))
    except FileNotFoundError:
        remedy = "start it once (sudo vestibule run), or name its directory with --state"
        raise Refused(f"no access point has been started with {state}", remedy) from None


def _identity(radio: Radio, kept: Kept) -> Identity:
    passphrase = None if radio.security is Security.OPEN else radio.passphrase or kept.passphrase
    return Identity(radio.ssid or joining.default_ssid(kept.suffix), passphrase)


def keep(state: Path, random_bytes: RandomBytes) -> Kept:
    """What is kept in `state`, made now if nothing is. Raises `Refused`."""
    path = state / FILE
    try:
        return _read(path)
    except FileNotFoundError:
        return _made(path, random_bytes)


def _read(path: Path) -> Kept:
    """What is kept in a file. Raises `Refused`, and FileNotFoundError."""
    try:
        return decode(path.read_bytes())
    except FileNotFoundError:
        raise
    except NotAllowed as error:
        remedy = "put back a copy of it, or delete it and print new labels: the key will change"
        raise Refused(f"{path} is damaged ({error})", remedy) from error
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror})", "run this as root") from error


def decode(document: bytes) -> Kept:
    """What is kept, from the file's JSON. Raises `NotAllowed`, which repeats nothing of it."""
    try:
        found = json.loads(document)
    # Not JSON, not UTF-8, or nested until Python gives up.
    except (ValueError, RecursionError):
        raise NotAllowed("not JSON") from None
    if not isinstance(found, dict):
        raise NotAllowed("not an object")
    suffix = found.get("suffix")
    if not isinstance(suffix, str) or not _SUFFIX.fullmatch(suffix):
        raise NotAllowed("no suffix of four capitals and digits")
    return Kept(suffix, values.passphrase(found.get("passphrase")))


def encode(kept: Kept) -> Secret:
    """The file's text."""
    return Secret(json.dumps({"suffix": kept.suffix, "passphrase": str(kept.passphrase)}) + "\n")


def _made(path: Path, random_bytes: RandomBytes) -> Kept:
    kept = Kept(joining.new_suffix(random_bytes), joining.new_passphrase(random_bytes))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.replace(path, encode(kept).encode("ascii"), mode=0o600, durable=True)
    except OSError as error:
        remedy = "name a directory that can be written to with --state"
        raise Refused(f"{path} cannot be written ({error.strerror})", remedy) from error
    return kept
