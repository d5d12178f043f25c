"""Where the secrets of a manifest are, while the appliance still has to hand them out.

Unlike a record's, which only the owner of a backend's key can open, these must be opened here:
each device gets its own. So the key is on this machine, in a file of its own: `bench.key` in the
state directory, or, with `secrets = "memory"`, in the runtime directory, which forgets it at
power-off; what is sealed is then lost to everybody, and imported again. Either way neither a copy
of the database nor one that was set aside holds a secret.
"""

from __future__ import annotations

import binascii
import json
import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Final

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from portal.provisioning.keeping.files import make_directory

FILE: Final = "bench.key"


class Vault:
    """Seals with the key in `file`, which is made at first use, 0600.

    Raises OSError where the file cannot be read or made.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._box: SecretBox | None = None

    def seal(self, device: str, column: str, value: str) -> str:
        """The value as the database has it: good for this device and column only."""
        inside = json.dumps([device, column, value]).encode()
        return b64encode(self._opened().encrypt(inside)).decode("ascii")

    def open(self, device: str, column: str, sealed: str) -> str | None:
        """The value; None where it is sealed with a key that is no more, or for another place."""
        try:
            inside = json.loads(self._opened().decrypt(b64decode(sealed, validate=True)))
        except (CryptoError, ValueError, TypeError, binascii.Error):
            return None
        return str(inside[2]) if inside[:2] == [device, column] else None

    def _opened(self) -> SecretBox:
        if self._box is None:
            self._box = SecretBox(self._key())
        return self._box

    def _key(self) -> bytes:
        make_directory(self._file.parent)
        aside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            return self._file.read_bytes()
        except FileNotFoundError:
            descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(SecretBox.KEY_SIZE))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, self._file)  # never over one that somebody else has just made
        except FileExistsError:
            pass
        finally:
            aside.unlink()
        return self._file.read_bytes()
