"""Files on their way to the shelf: in pieces, which a phone may send over many connections.

What has been sent is a file beside the shelf, and its length is all there is to know of it: who
was cut off asks for that and goes on. A process that ends in the middle loses nothing, whenever it
ends. Only what was sent before the machine itself was started is begun anew, because a power cut
can leave a file that is long enough and full of noughts.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from pathlib import Path
from typing import Final

from portal.bench.artifacts import quota
from portal.bench.artifacts.hashing import Hashing
from portal.bench.artifacts.shelf import Shelf
from portal.bench.port import Artifact, Refused
from portal.provisioning.keeping.files import make_directory, write_whole

MOST: Final = 8
# Seconds after which an upload that nobody goes on with makes room for another.
ABANDONED: Final = 3600.0
# A piece is taken in without a wait for the disk; the disk is waited for now and then, so that
# at the end there is not all of it left to wait for.
SYNC: Final = 8 * 1024 * 1024
_ID: Final = re.compile(r"[0-9a-f]{32}")
_PIECE: Final = 256 * 1024
_DONE: Final = ".done"
_MOST_DONE: Final = 32
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


class Uploads:
    """The uploads to `shelf`, by ids of 32 hexadecimal digits. For any thread; raises OSError.

    `boot` changes when the machine is started anew.
    """

    def __init__(self, shelf: Shelf, boot: str | None = None) -> None:
        self._shelf = shelf
        self._folder = shelf.folder / "uploads"
        self._lock = threading.Lock()
        self._hashings: dict[str, Hashing] = {}
        boot = _BOOT.read_text() if boot is None else boot
        make_directory(self._folder)
        self._suffix = f".{boot[:8]}"
        for path in self._folder.iterdir():
            if path.suffix not in {self._suffix, _DONE}:
                path.unlink(missing_ok=True)

    def size(self, upload: str) -> int:
        """How many bytes of it are here."""
        with contextlib.suppress(FileNotFoundError):
            return self._path(upload).stat().st_size
        return 0

    def send(self, upload: str, offset: int, piece: bytes) -> int:
        """Add a piece that begins where the last one has ended; how many bytes are here now.

        Another piece is passed over: the number says where to go on. Raises `port.Refused` where
        there is no room.
        """
        with self._lock:
            here = self.size(upload)
            if offset != here or not piece:
                return here
            self._make_room(upload, len(piece))
            hashing = self._hashing(upload)
            self._write(self._path(upload), here, piece)
            hashing.update(piece)
            return here + len(piece)

    def check(self, upload: str, whole: int) -> None:
        """Raises `port.Refused` where there is no room for `whole` bytes in all."""
        with self._lock:
            self._make_room(upload, whole - self.size(upload))

    def finish(
        self,
        upload: str,
        name: str,
        product: str,
        version: str,
        *,
        signature: bytes = b"",
        override: str = "",
    ) -> Artifact:
        """Put what was sent on the shelf, as `Shelf.add` does; twice is as good as once.

        What is refused stays as it is: it may be finished with a signature.
        """
        with self._lock:
            path = self._path(upload)
            if not path.exists():
                return self._finished(upload)
            sums = self._hashing(upload).sums()
            with path.open("rb") as file:
                os.fsync(file.fileno())
            artifact = self._shelf.take_in(
                path, sums, name, product, version, signature=signature, override=override
            )
            write_whole(self._folder / f"{upload}{_DONE}", [artifact.sha256.encode()])
            self._forget(upload)
            self._forget_done()
            return artifact

    def cancel(self, upload: str) -> None:
        """Throw away what was sent."""
        with self._lock:
            self._forget(upload)

    def _path(self, upload: str) -> Path:
        if not _ID.fullmatch(upload):
            raise Refused("An upload goes by 32 hexadecimal digits.")
        return self._folder / f"{upload}{self._suffix}"

    def _finished(self, upload: str) -> Artifact:
        with contextlib.suppress(FileNotFoundError):
            sha256 = (self._folder / f"{upload}{_DONE}").read_text()
            artifact = self._shelf.find(sha256)
            if artifact:
                return artifact
        raise Refused("Nothing has been sent yet.")

    def _hashing(self, upload: str) -> Hashing:
        """The digests so far; made anew from the file by a process that was not here before."""
        path, hashing = self._path(upload), self._hashings.pop(upload, None) or Hashing()
        if hashing.size != self.size(upload):
            hashing = Hashing()
            with path.open("rb") as file:
                while data := file.read(_PIECE):
                    hashing.update(data)
        self._hashings[upload] = hashing
        return hashing

    def _make_room(self, upload: str, size: int) -> None:
        """Raises `port.Refused` where there is none."""
        parts = {p: p.stat() for p in self._folder.iterdir() if p.suffix == self._suffix}
        mine = self._path(upload)
        if mine not in parts and len(parts) >= MOST:
            oldest = min(parts, key=lambda path: parts[path].st_mtime)
            if time.time() - parts[oldest].st_mtime < ABANDONED:
                raise Refused(f"{MOST} files are being sent already; please wait for one of them.")
            self._forget(oldest.stem)
            del parts[oldest]
        pending = sum(status.st_size for status in parts.values())
        quota.check(size, self._shelf.room(pending))

    def _write(self, path: Path, here: int, piece: bytes) -> None:
        """All of it or nothing: a full disk leaves what was there before."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            written = 0
            while written < len(piece):
                written += os.pwrite(descriptor, piece[written:], here + written)
            if (here + written) // SYNC != here // SYNC:
                os.fdatasync(descriptor)
        except OSError as error:
            os.ftruncate(descriptor, here)
            self._hashings.pop(path.stem, None)
            raise Refused(f"The disk cannot take this: {error.strerror}.") from error
        finally:
            os.close(descriptor)

    def _forget(self, upload: str) -> None:
        self._hashings.pop(upload, None)
        self._path(upload).unlink(missing_ok=True)

    def _forget_done(self) -> None:
        done = sorted(self._folder.glob(f"*{_DONE}"), key=lambda path: path.stat().st_mtime)
        for path in done[:-_MOST_DONE]:
            path.unlink(missing_ok=True)
