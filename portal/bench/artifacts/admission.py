"""Who answers for a file on the shelf: a signer of the roster, or a lead by name.

Verified once, when the file comes in; from then on its digest stands for it. libsodium
(PyNaCl, the extra `sealing`) is loaded where there is a signature to look at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from portal.bench.artifacts import minisign, quota
from portal.bench.artifacts.minisign import Key, Malformed
from portal.bench.port import Artifact, Refused

# The older kind of signature is over the file itself, which has to be in memory for that.
MOST_LEGACY: Final = 32 * 1000 * 1000
_PIECE: Final = 256 * 1024


def admit(
    path: Path, artifact: Artifact, text: bytes, override: str, signers: Mapping[str, str]
) -> Artifact:
    """The file with its signer, or with the lead who lets it in unsigned.

    `text` is what its `.minisig` says, b"" without; `signers` are the roster: name and public
    key. Raises `port.Refused`. A bad signature is refused whoever vouches for it: without one it
    could be meant, with one that does not fit the file is not what its maker signed.
    """
    if text:
        return replace(artifact, signer=_signer(path, artifact, text, signers), override="")
    if not override:
        raise Refused(
            "This file has no signature. Give the .minisig that belongs to it, "
            "or have a lead let it in without."
        )
    return replace(artifact, signer="", override=override)


def _signer(path: Path, artifact: Artifact, text: bytes, signers: Mapping[str, str]) -> str:
    try:
        signed = minisign.signature(text)
        roster = {name: minisign.public_key(key) for name, key in signers.items()}
    except Malformed as error:
        raise Refused(str(error)) from error
    for name, key in roster.items():
        if key.id == signed.key_id and _is_by(key, signed, path):
            _match(signed.comment, artifact)
            return name
    if signed.key_id in {key.id for key in roster.values()}:
        raise Refused("The signature does not fit this file: one of the two has been changed.")
    number = signed.key_id[::-1].hex().upper()
    raise Refused(f"The signature is by key {number}, which is not in the roster of signers.")


def _is_by(key: Key, signed: minisign.Signature, path: Path) -> bool:
    message = _digest(path) if signed.prehashed else _whole(path)
    return _verifies(key, message, signed.signature) and _verifies(
        key, signed.about_the_comment, signed.sealed
    )


def _verifies(key: Key, message: bytes, signature: bytes) -> bool:
    try:
        # Here, because most portals never see a signature.
        from nacl.exceptions import BadSignatureError  # noqa: PLC0415 - see above
        from nacl.signing import VerifyKey  # noqa: PLC0415 - see above
    except ImportError as error:
        raise Refused(
            "Signatures cannot be checked here: install Vestibule with its extra `sealing`."
        ) from error
    try:
        VerifyKey(key.key).verify(message, signature)
    except BadSignatureError:
        return False
    return True


def _digest(path: Path) -> bytes:
    blake = hashlib.blake2b()
    with path.open("rb") as file:
        while data := file.read(_PIECE):
            blake.update(data)
    return blake.digest()


def _whole(path: Path) -> bytes:
    if path.stat().st_size > MOST_LEGACY:
        raise Refused(
            f"Files over {quota.amount(MOST_LEGACY)} need a signature of minisign's newer kind "
            "(its option -H, which it takes by itself since release 0.10)."
        )
    return path.read_bytes()


def _match(comment: str, artifact: Artifact) -> None:
    """What the signer has said the file is for must be what it is here for."""
    said = minisign.named(comment)
    for what, here in (("product", artifact.product), ("version", artifact.version)):
        if said.get(what, here) != here:
            raise Refused(f"It was signed as {what} {said[what]!r}, and is given as {here!r}.")
