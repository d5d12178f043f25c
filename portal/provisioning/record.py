"""What a person gave us, as one frozen value with a version and a name of its own.

Law: values in, values out. `Record.new` checks what people type; `from_json` checks only
shape, so that no later rule of ours can make a record already accepted unreadable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from hotspot.settings import Secret
from portal.provisioning import about, access, shapes
from portal.provisioning.about import About
from portal.provisioning.access import PLAIN, Access

# A record is written in the lowest version that holds it, so that whoever reads the first one
# reads on.
VERSION: Final = 2
_FIRST: Final = 1
_WITHHELD: Final = 3
_ABOUT: Final = 4
_ABOUT_WITHHELD: Final = 5
MOST_BYTES: Final = 65_536
_MOST_FIELDS: Final = 64
_MOST_NAME: Final = 64
_MOST_VALUE: Final = 4_096
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_SSID: Final = "a network name has 1 to 32 bytes"
_PASSPHRASE: Final = "8 to 63 characters; leave it empty for a network without a password"  # noqa: S105 - words, no secret
_UNTYPEABLE: Final = "it holds a character that cannot be typed; please type it again"
_TOO_MANY: Final = f"at most {_MOST_FIELDS} fields of {_MOST_NAME} characters' name each"
_TOO_LONG: Final = f"at most {_MOST_VALUE:,} characters"
_TOO_LARGE: Final = f"at most {MOST_BYTES:,} bytes in all"


class Invalid(Exception):  # noqa: N818 - named for what the input is
    """Input that is no record. `problems`: field -> words a person can act on.

    Fields are "ssid", "passphrase", "fields", "fields.NAME", those of `access`, or "record" for
    the whole of a JSON document. Neither keys nor words ever hold a secret.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {words}" for name, words in problems.items()))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where a record's secrets are, when not in the record: in a `box` (base64) that the owner of
    the public key `to` (hexadecimal) opens, or nowhere any more where both are "".
    """

    to: str = ""
    box: str = ""


ERASED: Final = Sealed()


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """One set-up: `id` (UUIDv7) is its name and its idempotency key, `created` is UTC.

    `ssid` is raw bytes (IEEE 802.11-2020 9.4.2.2: no encoding is promised), `passphrase` is
    empty for an open network, `fields` are the form's own; a value that is a `Secret` stays
    one through JSON. `access` says how else the network is entered. With `sealed` its secrets
    are elsewhere, and "" stands for each of them. One that is `about` something else has no
    network.
    """

    id: str
    created: datetime
    ssid: bytes
    passphrase: Secret
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    access: Access = PLAIN
    sealed: Sealed | None = None
    about: About | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))

    def __repr__(self) -> str:
        return (
            f"Record(id={self.id!r}, ssid={self.ssid.hex()!r}, passphrase={self.passphrase!r},"
            f" fields={sorted(self.fields)!r})"
        )

    @classmethod
    def new(
        cls,
        *,
        ssid: bytes,
        passphrase: Secret,
        fields: Mapping[str, str],
        now: datetime,
        random: Callable[[int], bytes],
        access: Access = PLAIN,
    ) -> Record:
        """A record from what a person gave; `now` is aware, `random(n)` gives n bytes.

        Raises `Invalid` with every problem at once.
        """
        problems = _problems(ssid, passphrase, fields) | access.problems()
        if problems:
            raise Invalid(problems)
        created = now.astimezone(UTC)
        name = _name(created, random)
        record = cls(name, created, ssid, Secret(passphrase), fields, access)
        if len(to_json(record)) > MOST_BYTES:
            raise Invalid({"fields": _TOO_LARGE})
        return record

    def redact(self, text: str) -> str:
        """`text` with this record's secrets taken out, for reasons and logs."""
        user = [self.access.user.password] if self.access.user else []
        values = (self.passphrase, *user, *self.fields.values())
        secrets = {str(value) for value in values if isinstance(value, Secret)} - {""}
        written = {form for secret in secrets for form in _forms(secret)}
        # The longest first: a shorter one may be its beginning.
        for form in sorted(written, key=len, reverse=True):
            text = text.replace(form, "(hidden)")
        return text


def _forms(secret: str) -> set[str]:
    """A secret as a program may quote it: plain, in JSON, or its bytes in hexadecimal."""
    octets = secret.encode("utf-8", "surrogatepass")
    in_json = {json.dumps(secret, ensure_ascii=pure)[1:-1] for pure in (True, False)}
    return {secret, octets.hex(), octets.hex().upper(), *in_json}


def uuid7(unix_ms: int, rand_a: int, rand_b: bytes) -> str:
    """A UUID of version 7 (RFC 9562 §5.7): 48 bits of time, 12 bits, and 62 of 8 bytes."""
    octets = bytearray(unix_ms.to_bytes(6, "big") + (0x7000 | rand_a).to_bytes(2, "big") + rand_b)
    octets[8] = 0x80 | octets[8] & 0x3F
    digits = octets.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _name(created: datetime, random: Callable[[int], bytes]) -> str:
    """A new id. Its rand_a holds the microseconds (RFC 9562 §6.2, method 3), so that files
    named by ids sort as their records were made.
    """
    unix_ms, microseconds = divmod((created - _EPOCH) // timedelta(microseconds=1), 1000)
    return uuid7(unix_ms, microseconds * 4096 // 1000, random(8))


def _problems(ssid: bytes, passphrase: str, fields: Mapping[str, str]) -> dict[str, str]:
    problems = {}
    if not 1 <= len(ssid) <= 32:  # noqa: PLR2004 - IEEE 802.11-2020 9.4.2.2
        problems["ssid"] = _SSID
    if words := _passphrase_problem(passphrase):
        problems["passphrase"] = words
    if len(fields) > _MOST_FIELDS or not all(map(_is_name, fields)):
        return {**problems, "fields": _TOO_MANY}
    for name, value in fields.items():
        if len(value) > _MOST_VALUE:
            problems[f"fields.{name}"] = _TOO_LONG
        elif not shapes.is_text(value):
            problems[f"fields.{name}"] = _UNTYPEABLE
    return problems


def _passphrase_problem(passphrase: str) -> str | None:
    """What wpa_supplicant would refuse: 8 to 63 bytes without control characters, or 64 hex."""
    if not passphrase or re.fullmatch(r"[0-9A-Fa-f]{64}", passphrase):
        return None
    if not shapes.is_text(passphrase) or re.search(r"[\x00-\x1f\x7f]", passphrase):
        return _UNTYPEABLE
    return None if 8 <= len(passphrase.encode()) <= 63 else _PASSPHRASE  # noqa: PLR2004 - IEEE 802.11-2020 J.4.1


def _is_name(name: str) -> bool:
    return 1 <= len(name) <= _MOST_NAME and name.isprintable()


def to_json(record: Record) -> bytes:
    """The record as one line of ASCII JSON, the ssid in hex; it holds the secrets."""
    return json.dumps(document(record), separators=(",", ":")).encode("ascii")


def document(record: Record) -> dict[str, Any]:
    """The record as plain values in the order of its JSON; it holds the secrets."""
    if record.sealed is not None:
        sealed = record.sealed
        box = {"to": sealed.to, "box": sealed.box} if sealed.to else None
        plain = document(replace(record, sealed=None))
        version = _ABOUT_WITHHELD if record.about else _WITHHELD
        return {**plain, "v": version, "access": record.access.document(), "sealed": box}
    if record.about is not None:
        plain = document(replace(record, about=None))
        how = record.access.document()
        return {**plain, "v": _ABOUT, "access": how, "about": record.about.document()}
    return {
        "v": VERSION if record.access else _FIRST,
        "id": record.id,
        "created": timestamp(record.created),
        "ssid": record.ssid.hex(),
        "passphrase": str(record.passphrase),
        "fields": {name: str(value) for name, value in record.fields.items()},
        "secrets": [name for name, value in record.fields.items() if isinstance(value, Secret)],
        **({"access": record.access.document()} if record.access else {}),
    }


def timestamp(moment: datetime) -> str:
    """UTC in ISO 8601 with microseconds, such as 2026-03-01T09:30:00.000000Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_json(data: bytes) -> Record:
    """The record of `to_json`'s bytes. Raises `Invalid`."""
    try:
        values = json.loads(data.decode())
    except (ValueError, RecursionError):
        raise Invalid({"record": "it is not JSON"}) from None
    version = values.get("v") if isinstance(values, dict) else None
    if type(version) is not int or version not in _SHAPES:
        raise Invalid({"record": f"it is not a record of version {' or '.join(map(str, _SHAPES))}"})
    shape = _SHAPES[version]
    if values.keys() != shape.keys():
        raise Invalid({"record": f"its keys are not exactly {', '.join(shape)}"})
    problems = {name: "damaged" for name, fits in shape.items() if not fits(values[name])}
    if problems or not set(values["secrets"]) <= values["fields"].keys():
        raise Invalid(problems or {"secrets": "damaged"})
    return _from_document(values)


def _from_document(values: Mapping[str, Any]) -> Record:
    fields = {
        name: Secret(value) if name in values["secrets"] else value
        for name, value in values["fields"].items()
    }
    created = datetime.fromisoformat(values["created"])
    ssid = bytes.fromhex(values["ssid"])
    passphrase = Secret(values["passphrase"])
    how = access.read(values["access"]) if "access" in values else PLAIN
    sealed = None
    if "sealed" in values:
        sealed = Sealed(**values["sealed"]) if values["sealed"] else ERASED
    what = About(**values["about"]) if "about" in values else None
    return Record(values["id"], created, ssid, passphrase, fields, how, sealed, what)


def _is_timestamp(value: object) -> bool:
    try:
        return isinstance(value, str) and timestamp(datetime.fromisoformat(value)) == value
    except (ValueError, OverflowError):
        return False


KEY: Final = shapes.KEY
ID: Final = shapes.ID

_SHAPE: Final[Mapping[str, Callable[[object], bool]]] = {
    "v": lambda _: True,
    "id": shapes.matches(ID),
    "created": _is_timestamp,
    "ssid": shapes.matches(r"([0-9a-f]{2})*"),
    "passphrase": shapes.is_string,
    "fields": shapes.is_fields,
    "secrets": shapes.is_names,
}
_SHAPES: Final[Mapping[int, Mapping[str, Callable[[object], bool]]]] = {
    _FIRST: _SHAPE,
    VERSION: {**_SHAPE, "access": access.fits},
    _WITHHELD: {**_SHAPE, "access": access.fits, "sealed": shapes.is_sealed},
    _ABOUT: {**_SHAPE, "access": access.fits, "about": about.fits},
    _ABOUT_WITHHELD: {
        **_SHAPE,
        "access": access.fits,
        "about": about.fits,
        "sealed": shapes.is_sealed,
    },
}
