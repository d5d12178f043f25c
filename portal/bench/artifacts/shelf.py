"""The shelf: files by the digest of their content, whole or not there, whenever the power goes.

A file is written aside and synced, and gets its sha256 for a second name; then its index, a small
JSON beside it, is put in place, and that is the moment from which it exists. Several processes may
use one shelf (the portal, `vestibule bench add`): each looks at the folder again when its time has
changed. What is found damaged is set aside, neither served nor deleted.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from portal.bench.artifacts import admission, index, naming, quota
from portal.bench.artifacts.hashing import Hashing, Sums, sums_of
from portal.bench.artifacts.index import Damaged, Entry
from portal.bench.port import Artifact, Refused
from portal.provisioning.keeping.database import sync_directory
from portal.provisioning.keeping.files import make_directory, sweep, write_whole

_PIECE: Final = 64 * 1024
_HEAD: Final = 16
_DIGEST: Final = 64
_INDEX: Final = ".json"
# The folder's time has the resolution of the kernel's clock tick, 10 ms at the most.
_TICK: Final = 50_000_000


class Shelf:
    """The files in `folder`, which is made.

    `signers` is the roster, name to public key; `quota` the most it may hold, in bytes, None for
    half of the free space; `kept` stays free on the disk in any case. Raises OSError wherever the
    disk does. For any thread.
    """

    def __init__(
        self,
        folder: Path,
        *,
        signers: Mapping[str, str] | None = None,
        limit: int | None = None,
        kept: int = quota.KEPT_FREE,
    ) -> None:
        self.folder = folder
        self._signers = signers or {}
        self._limit = limit
        self._kept = kept
        self._lock = threading.RLock()
        self._seen = -1
        self._known: dict[str, Entry] = {}
        self._new, self._damaged = folder / "new", folder / "damaged"
        for each in (folder, self._new, self._damaged):
            make_directory(each)
        self._clean()

    def find(self, sha256: str) -> Artifact | None:
        """The file with this digest."""
        entry = self._look().get(sha256)
        return entry.artifact if entry else None

    def all(self) -> list[Artifact]:
        """Every file, the latest last."""
        return [entry.artifact for entry in self._look().values()]

    def newest(self, product: str) -> Artifact | None:
        """The file for a product that came last."""
        of_it = [artifact for artifact in self.all() if artifact.product == product]
        return of_it[-1] if of_it else None

    def open(self, sha256: str) -> int:
        """A descriptor to read it by. Raises `Damaged` where it has changed, and sets it aside."""
        entry = self._look().get(sha256)
        if entry is None:
            raise FileNotFoundError(sha256)
        descriptor = os.open(self.folder / sha256, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        status = os.fstat(descriptor)
        if (status.st_size, status.st_mtime_ns) != (entry.artifact.size, entry.changed):
            os.close(descriptor)
            with self._alone():
                self._set_aside(sha256)
            raise Damaged(sha256)
        return descriptor

    def room(self, pending: int = 0) -> int:
        """How many bytes more may be added now, beside `pending` that are on their way."""
        held = pending + sum(artifact.size for artifact in self.all())
        disk = os.statvfs(self.folder)
        return quota.room(held, disk.f_bavail * disk.f_frsize, self._limit, self._kept)

    def add(  # noqa: PLR0913 - a file and who answers for it
        self,
        stream: BinaryIO | Iterable[bytes],
        name: str,
        product: str,
        version: str,
        *,
        signature: bytes = b"",
        override: str = "",
        vouched: str = "",
    ) -> Artifact:
        """Put on the shelf what `stream` gives until its end.

        `signature` is what its `.minisig` says; `override` names the lead who lets it in without;
        `vouched` a signer in whose list its digest is, which the caller has verified. Raises
        `port.Refused`: for a name that is none, a file that is empty or for which there is no
        room, a signature that is missing or wrong.
        """
        naming.file_name(name)
        with self._aside() as (path, file):
            hashing, left = Hashing(), self.room()
            for data in _pieces(stream):
                quota.check(hashing.size + len(data), left)
                hashing.update(data)
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
            sums = hashing.sums()
            return self.take_in(
                path, sums, name, product, version,
                signature=signature, override=override, vouched=vouched,
            )  # fmt: skip

    def take_in(  # noqa: PLR0913 - as add
        self,
        path: Path,
        sums: Sums,
        name: str,
        product: str,
        version: str,
        *,
        signature: bytes = b"",
        override: str = "",
        vouched: str = "",
    ) -> Artifact:
        """Give a synced file of this file system with these sums its place; as `add`.

        It keeps its first name, too: who gave it removes that once this has returned.
        """
        if not sums.size:
            raise Refused("This file is empty.")
        with path.open("rb") as file:
            head = file.read(_HEAD)
        artifact = Artifact(
            sums.sha256, sums.sha1, sums.md5, sums.size, naming.file_name(name),
            naming.word("product", product), naming.word("version", version), head,
        )  # fmt: skip
        if vouched and not signature:
            artifact = replace(artifact, signer=vouched)
        else:
            artifact = admission.admit(path, artifact, signature, override, self._signers)
        with self._alone():
            return self._place(path, artifact)

    def remove(self, sha256: str, used: Callable[[str], bool]) -> None:
        """Take a file off the shelf. Raises `port.Refused` where it is `used(sha256)`."""
        with self._alone():
            if sha256 not in self._look():
                return
            if used(sha256):
                raise Refused("A job needs this file, so it stays until that one is finished.")
            # The index first: without it the file does not exist any more.
            (self.folder / f"{sha256}{_INDEX}").unlink(missing_ok=True)
            sync_directory(self.folder)
            (self.folder / sha256).unlink(missing_ok=True)

    def _place(self, path: Path, artifact: Artifact) -> Artifact:
        before = self.find(artifact.sha256)
        if before and (before.product, before.version) != (artifact.product, artifact.version):
            raise Refused(f"This very file is here as {before.product} {before.version}.")
        target = self.folder / artifact.sha256
        if before is None:
            path.chmod(0o600)
            target.unlink(missing_ok=True)
            os.link(path, target)
            sync_directory(self.folder)
        number = max((entry.number for entry in self._look().values()), default=0) + 1
        entry = Entry(artifact, number, target.stat().st_mtime_ns)
        write_whole(self.folder / f"{artifact.sha256}{_INDEX}", [index.written(entry)])
        self._seen = -1
        return artifact

    def _look(self) -> dict[str, Entry]:
        """All entries by digest, in the order in which they came."""
        with self._lock:
            changed = self.folder.stat().st_mtime_ns
            if changed != self._seen:
                # What changes within a tick of the clock leaves the folder's time as it is.
                self._seen = changed if time.time_ns() - changed > _TICK else -1
                self._known = self._read()
            return self._known

    def _read(self) -> dict[str, Entry]:
        found = []
        for path in self.folder.glob(f"*{_INDEX}"):
            with contextlib.suppress(FileNotFoundError, Damaged):
                entry = index.read(path.read_bytes())
                if entry.artifact.sha256 == path.stem:
                    found.append(entry)
        return {each.artifact.sha256: each for each in sorted(found, key=lambda e: e.number)}

    def _clean(self) -> None:
        """Set aside what is damaged, and remove what was never finished."""
        with self._alone():
            sweep(self.folder)
            for path in self._new.iterdir():
                _remove_if_nobodys(path)
            known = self._look()
            for path in [p for p in self.folder.iterdir() if p.is_file()]:
                if path.stem not in known and path.suffix == _INDEX:
                    self._set_aside(path.stem)
            for sha256, entry in [*known.items()]:
                self._check(sha256, entry)
            for path in [p for p in self.folder.iterdir() if len(p.name) == _DIGEST]:
                if path.name not in self._look():
                    # Its index was to come: who brought it was never told that it is here.
                    path.unlink(missing_ok=True)

    def _check(self, sha256: str, entry: Entry) -> None:
        """Whether the bytes are what they were; read again only where size or time differ."""
        path = self.folder / sha256
        try:
            status = path.stat()
            if (status.st_size, status.st_mtime_ns) == (entry.artifact.size, entry.changed):
                return
            with path.open("rb") as file:
                same = sums_of(file).sha256 == sha256
        except OSError:
            same = False
        if same:
            moved = Entry(entry.artifact, entry.number, status.st_mtime_ns)
            write_whole(self.folder / f"{sha256}{_INDEX}", [index.written(moved)])
            self._seen = -1
        else:
            self._set_aside(sha256)

    def _set_aside(self, sha256: str) -> None:
        for name in (f"{sha256}{_INDEX}", sha256):
            with contextlib.suppress(FileNotFoundError):
                (self.folder / name).rename(self._damaged / name)
        sync_directory(self.folder)
        self._seen = -1

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else changes the shelf meanwhile, in no process."""
        with self._lock, (self.folder / ".lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def _aside(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A new file of nobody else's; held, so that no other process takes it for abandoned."""
        path = self._new / f"{os.getpid()}-{os.urandom(8).hex()}"
        with path.open("xb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield path, file
            finally:
                path.unlink(missing_ok=True)


def _remove_if_nobodys(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _pieces(stream: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    read = getattr(stream, "read", None)
    return iter(lambda: bytes(read(_PIECE)), b"") if read else iter(stream)
