"""Who answers for a file: signatures of the real minisign, and a lead's word."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.bench.artifacts import admission, minisign
from portal.bench.artifacts.hashing import Hashing
from portal.bench.port import Artifact, Refused

pytestmark = pytest.mark.skipif(not shutil.which("minisign"), reason="needs minisign")
DATA = bytes(range(256)) * 40
COMMENT = "product:thermostat version:1.4.2 by the factory"


def made(
    folder: Path, *options: str, comment: str = COMMENT, name: str = "a", data: bytes = DATA
) -> tuple[str, bytes]:
    """A public key and what `minisign` has signed with its other half."""
    key, file = folder / f"{name}.key", folder / "fw.bin"
    file.write_bytes(data)
    public = folder / f"{name}.pub"
    if not public.exists():
        subprocess.run(
            ["minisign", "-G", "-W", "-p", public, "-s", key], check=True, capture_output=True
        )
    subprocess.run(
        ["minisign", "-S", *options, "-s", key, "-m", file, "-t", comment],
        check=True, capture_output=True,
    )  # fmt: skip
    return public.read_text(), (folder / "fw.bin.minisig").read_bytes()


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, bytes, bytes]:
    """A file, its key, its signature of the newer kind, and of the older."""
    folder = tmp_path_factory.mktemp("signed")
    key, newer = made(folder, "-H")
    _, older = made(folder, "-l")
    return folder / "fw.bin", key, newer, older


def artifact(product: str = "thermostat", version: str = "1.4.2") -> Artifact:
    """What the file is given as."""
    hashing = Hashing()
    hashing.update(DATA)
    sums = hashing.sums()
    return Artifact(sums.sha256, sums.sha1, sums.md5, sums.size, "fw.bin", product, version)


def admit(path: Path, key: str, text: bytes, **more: Any) -> Artifact:
    """As the shelf asks."""
    override = more.pop("override", "")
    return admission.admit(path, artifact(**more), text, override, {"factory": key})


@pytest.mark.parametrize("kind", [2, 3], ids=["prehashed", "legacy"])
def test_a_true_signature(signed: tuple[Path, str, bytes, bytes], kind: int) -> None:
    """Both kinds are verified, with the key as a line or as its whole file."""
    path, key, text = signed[0], signed[1], signed[kind]
    assert isinstance(text, bytes)

    assert minisign.signature(text).prehashed is (kind == 2)
    assert admit(path, key, text).signer == "factory"
    assert admit(path, key.splitlines()[1], text.replace(b"\n", b"\r\n")).signer == "factory"


@pytest.mark.parametrize("kind", [2, 3], ids=["prehashed", "legacy"])
@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, len(DATA) - 1), bit=st.integers(0, 7))
def test_one_bit_of_the_file(
    signed: tuple[Path, str, bytes, bytes], kind: int, place: int, bit: int
) -> None:
    """A file in which any one bit is another is refused."""
    text = signed[kind]
    assert isinstance(text, bytes)
    changed = signed[0].with_name("changed.bin")
    data = bytearray(DATA)
    data[place] ^= 1 << bit
    changed.write_bytes(data)

    with pytest.raises(Refused, match="does not fit"):
        admit(changed, signed[1], text)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_one_bit_of_the_signature(
    signed: tuple[Path, str, bytes, bytes], data: st.DataObject
) -> None:
    """Any bit of signature, key number, trusted comment and the comment's own signature counts."""
    lines = signed[2].rstrip(b"\n").split(b"\n")
    row = data.draw(st.sampled_from([1, 2, 3]))
    if row == 2:
        begin = len(b"trusted comment: ")
        raw = bytearray(lines[2])
        raw[data.draw(st.integers(begin, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        lines[2] = bytes(raw)
    else:
        raw = bytearray(base64.b64decode(lines[row]))
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        lines[row] = base64.b64encode(raw)

    with pytest.raises(Refused):
        admit(signed[0], signed[1], b"\n".join(lines) + b"\n")


def test_the_comment_of_another_signature(tmp_path: Path) -> None:
    """A comment moved to another signature by the same key is refused."""
    key, one = made(tmp_path, data=b"another file")
    _, other = made(tmp_path, comment="product:boiler")
    mixed = other.split(b"\n")[:2] + one.split(b"\n")[2:]

    with pytest.raises(Refused, match="does not fit"):
        admit(tmp_path / "fw.bin", key, b"\n".join(mixed))


@pytest.mark.parametrize(
    ("given_as", "words"),
    [({"version": "1.4.3"}, "version '1.4.2'"), ({"product": "boiler"}, "product 'thermostat'")],
)
def test_what_it_was_signed_as(
    signed: tuple[Path, str, bytes, bytes], given_as: dict[str, str], words: str
) -> None:
    """A product or version that the trusted comment contradicts is refused."""
    with pytest.raises(Refused, match=words):
        admit(signed[0], signed[1], signed[2], **given_as)


def test_a_comment_that_names_nothing(tmp_path: Path) -> None:
    """minisign's own comment says nothing of product and version, which is no contradiction."""
    key, text = made(tmp_path, comment="timestamp:1700000000\tfile:fw.bin\thashed")

    assert admit(tmp_path / "fw.bin", key, text).signer == "factory"


def test_a_stranger(signed: tuple[Path, str, bytes, bytes], tmp_path: Path) -> None:
    """A true signature by a key that is not in the roster is refused, and says which key."""
    key, text = made(tmp_path, name="stranger")

    with pytest.raises(Refused, match=r"key [0-9A-F]{16}, which is not in the roster"):
        admit(signed[0], signed[1], text)
    assert minisign.public_key(key).id[::-1].hex().upper() in key


def test_unsigned(signed: tuple[Path, str, bytes, bytes]) -> None:
    """Refused, unless a lead lets it in, whose name stands there; never with a bad signature."""
    with pytest.raises(Refused, match="no signature"):
        admit(signed[0], signed[1], b"")
    let_in = admit(signed[0], signed[1], b"", override="Lea")
    assert (let_in.signer, let_in.override) == ("", "Lea")
    changed = signed[0].with_name("other.bin")
    changed.write_bytes(b"x")
    with pytest.raises(Refused, match="does not fit"):
        admit(changed, signed[1], signed[2], override="Lea")
