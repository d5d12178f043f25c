"""Secrets put where only the owner of a key gets at them: libsodium's sealed boxes.

Law: what is sealed is a record's secrets and its id, as JSON, so that a box moved to another
record does not open. The box is made before anything is written. Only a process whose settings
ask for it loads PyNaCl.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from portal.provisioning.record import Record, Sealed
from portal.provisioning.secrecy import withheld


class Unopened(Exception):  # noqa: N818 - named for what the box is
    """The box does not open; the text says why."""


class Sealing:
    """Seals for deliveries by name, each to its public key (64 hexadecimal digits)."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = {name: PublicKey(bytes.fromhex(key)) for name, key in keys.items()}

    def boxes(self, record: Record) -> dict[str, Record]:
        """The record as each of these deliveries is to get it: its secrets in a box."""
        secrets = json.dumps({"id": record.id, **withheld.secrets(record)}).encode()
        sealed = {}
        for name, key in self._keys.items():
            box = b64encode(SealedBox(key).encrypt(secrets)).decode("ascii")
            sealed[name] = withheld.bare(record, Sealed(bytes(key).hex(), box))
        return sealed


def generate() -> tuple[str, str]:
    """A new pair of keys in hexadecimal: the private one, the public one."""
    key = PrivateKey.generate()
    return bytes(key).hex(), bytes(key.public_key).hex()


def unseal(record: Record, private: str) -> Record:
    """The record with its secrets, by the private key. Raises `Unopened`."""
    if record.sealed is None:
        return record
    if not record.sealed.to:
        raise Unopened("its secrets were erased after it had been delivered")
    try:
        key = PrivateKey(bytes.fromhex(private))
        secrets = json.loads(SealedBox(key).decrypt(b64decode(record.sealed.box, validate=True)))
    except (CryptoError, ValueError, TypeError, binascii.Error):
        raise Unopened("it is sealed to another key, or damaged") from None
    if secrets.get("id") != record.id:
        raise Unopened("the box belongs to another record")
    return withheld.whole(record, secrets)
