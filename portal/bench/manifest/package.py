"""A whole job in one file: `.vbench`, a zip with fixed names and a list of what is in it.

    MANIFEST                      a line for each other file: SHA-256, size, name
    MANIFEST.minisig              who answers for that list, and so for all of it
    job.toml  devices.csv         (or .tsv, .jsonl)
    files/NAME                    texts that columns called `file.…` name
    artifacts/PRODUCT/VERSION/NAME, and NAME.minisig beside it

Law: nothing is believed but the list; no name leads anywhere but into the file, and no more is
unpacked than the list says.
"""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from portal.bench.manifest.reading import MOST_BYTES, Unreadable
from portal.provisioning.keeping.files import write_whole

MANIFEST: Final = "MANIFEST"
SIGNATURE: Final = "MANIFEST.minisig"
JOB: Final = "job.toml"
ROWS: Final = ("devices.csv", "devices.tsv", "devices.jsonl")
ENDING: Final = ".vbench"
MOST_FILES: Final = 2_000
# Of a list, a job, a signature.
_MOST_TEXT: Final = 1 << 20
_MOST_NAME: Final = 300
_PIECE: Final = 1 << 16
_LINE: Final = re.compile(r"([0-9a-f]{64})  ([0-9]{1,15})  (.+)")
_WORD: Final = r"[A-Za-z0-9_][A-Za-z0-9_.+ -]{0,127}"
_NAME: Final = re.compile(
    rf"job\.toml|devices\.(?:csv|tsv|jsonl)|files/{_WORD}(?:/{_WORD}){{0,2}}"
    rf"|artifacts/{_WORD}/{_WORD}/{_WORD}"
)
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the list."""

    name: str
    digest: str
    size: int


class Package:
    """An open package. Every method raises `Unreadable` for what is not as it is to be."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries = _entries(archive)
        self.manifest = self._small(MANIFEST)
        self.signature = self._small(SIGNATURE) if SIGNATURE in self._entries else b""
        self.parts = {part.name: part for part in _listed(self.manifest)}
        missing = self.parts.keys() - self._entries.keys()
        foreign = self._entries.keys() - self.parts.keys() - {MANIFEST, SIGNATURE}
        for names, words in ((missing, "is not in it"), (foreign, "is not in its list")):
            if names:
                raise Unreadable(f"{min(names)[:80]} {words}.")

    def read(self, name: str) -> bytes:
        """A part that fits into memory."""
        if self.parts[name].size > MOST_BYTES:
            raise Unreadable(f"{name} is larger than {MOST_BYTES >> 20} MiB.")
        return b"".join(self.stream(name))

    def stream(self, name: str) -> Iterator[bytes]:
        """A part's bytes in pieces; that they are the listed ones is known at their end."""
        part, digest, left = self.parts[name], hashlib.sha256(), self.parts[name].size
        with _unpacking(name), self._archive.open(self._entries[name]) as file:
            while data := file.read(min(_PIECE, left + 1)):
                left -= len(data)
                if left < 0:
                    break
                digest.update(data)
                yield data
        if left or digest.hexdigest() != part.digest:
            raise Unreadable(f"{name} is not what the list says: the package was changed.")

    def rows(self) -> str:
        """The name of the file with the devices, or ""."""
        there = [name for name in ROWS if name in self.parts]
        if len(there) > 1:
            raise Unreadable(f"It has {' and '.join(there)}: one of them is to be in it.")
        return there[0] if there else ""

    def artifacts(self) -> Iterator[tuple[str, str, Part]]:
        """Product, version and part of each."""
        for part in self.parts.values():
            if part.name.startswith("artifacts/") and not part.name.endswith(".minisig"):
                _, product, version, _ = part.name.split("/")
                yield product, version, part

    def _small(self, name: str) -> bytes:
        if name not in self._entries:
            raise Unreadable(f"It has no {name}: this is no package of a bench.")
        with _unpacking(name), self._archive.open(self._entries[name]) as file:
            found = file.read(_MOST_TEXT + 1)
        if len(found) > _MOST_TEXT:
            raise Unreadable(f"{name} is too long.")
        return found


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """The package in a file. Raises `Unreadable`, OSError."""
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise Unreadable(f"It is no zip file: {error}") from None
    with archive:
        yield Package(archive)


@contextmanager
def _unpacking(name: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise Unreadable(f"{name} cannot be unpacked: {error}") from None


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """What is in the zip, by name: plain files only, each name once."""
    found: dict[str, zipfile.ZipInfo] = {}
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise Unreadable(f"It has over {MOST_FILES:,} files.")
    for info in infos:
        mode = info.external_attr >> 16
        name = info.filename
        plain = not stat.S_IFMT(mode) or stat.S_ISREG(mode)
        fits = name in {MANIFEST, SIGNATURE} or _NAME.fullmatch(name)
        if not plain or not fits or ".." in name or len(name) > _MOST_NAME or name in found:
            raise Unreadable(f"“{name[:80]}” cannot be in a package.")
        found[name] = info
    return found


def _listed(manifest: bytes) -> Iterator[Part]:
    for number, line in enumerate(manifest.decode("utf-8", "replace").splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None or not _NAME.fullmatch(match[3]):
            raise Unreadable(f"Line {number} of {MANIFEST} is none of a list.")
        yield Part(match[3], match[1], int(match[2]))


def listed(folder: Path) -> bytes:
    """The list of a folder's files, as MANIFEST has it. Raises `Unreadable`, OSError."""
    lines = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name in {MANIFEST, SIGNATURE}:
            continue
        if not _NAME.fullmatch(name):
            raise Unreadable(f"“{name[:80]}” cannot be in a package.")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.stat().st_size}  {name}\n")
    return "".join(lines).encode()


def pack(folder: Path, target: IO[bytes]) -> bool:
    """Write the folder's list into it, and a package to `target` where the list is signed: whether
    it was. Raises `Unreadable`, OSError.
    """
    manifest = listed(folder)
    here = folder / MANIFEST
    if not here.exists() or here.read_bytes() != manifest:
        # A signature of another list is worth nothing.
        write_whole(here, [manifest])
        (folder / SIGNATURE).unlink(missing_ok=True)
    names = [MANIFEST, *(part.name for part in _listed(manifest))]
    names += [SIGNATURE] if (folder / SIGNATURE).exists() else []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(folder / name, name)
    return SIGNATURE in names
