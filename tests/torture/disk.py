"""What a disk may hold after a power cut: everything synced, and anything of what was not.

A model at its strictest: an unsynced write may be there, be lost, or be there in part (whole
sectors of 512 octets), whatever was written after it; an unsynced name may not be there. Nothing
that POSIX and the drive do not promise is taken for granted.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from tests.torture.trace import Act, Named, Resized, Synced, Told, Unnamed, Wrote

SECTOR: Final = 512

Write = Wrote | Resized


@dataclass(slots=True)
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Write] = field(default_factory=list)


@dataclass(slots=True)
class Disk:
    """The files as a running machine sees them (`names`), and what of them is durable."""

    files: list[_File] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    # Names whose directory has been synced since, as they were then.
    durable_names: dict[str, int] = field(default_factory=dict)
    directories: set[str] = field(default_factory=set)

    def do(self, act: Act) -> None:
        """Let one act happen."""
        match act:
            case Wrote(path) | Resized(path):
                self.files[self.names[path]].pending.append(act)
            case Synced(path):
                self._sync(path)
            case Named(path, origin):
                self._name(path, origin)
            case Unnamed(path):
                del self.names[path]
            case Told():
                pass

    def _name(self, path: str, origin: str) -> None:
        if path.endswith("/"):
            # A directory that is lost takes its files along; that is the loss of their names.
            self.directories.add(path)
        elif origin:
            self.names[path] = self.names.pop(origin)
        else:
            self.names[path] = len(self.files)
            self.files.append(_File())

    def _sync(self, path: str) -> None:
        if path in self.names:
            file = self.files[self.names[path]]
            for write in file.pending:
                _apply(file.durable, write)
            file.pending.clear()
            return
        kept = {name: at for name, at in self.durable_names.items() if not _is_in(name, path)}
        now = {name: at for name, at in self.names.items() if _is_in(name, path)}
        self.durable_names = kept | now

    def after_cut(self, chance: random.Random | None) -> dict[str, bytes]:
        """The files found at the next start; without `chance` all that was not synced is lost."""
        names = dict(self.durable_names)
        if chance is not None:
            for name in sorted({*self.names, *self.durable_names}):
                if chance.random() < 0.5:  # its directory was written in time, by chance
                    _settle(names, name, self.names)
        return {name: self._contents(at, chance) for name, at in names.items()}

    def _contents(self, at: int, chance: random.Random | None) -> bytes:
        file = self.files[at]
        contents = bytearray(file.durable)
        for write in file.pending if chance else []:
            assert chance is not None
            if chance.random() < 0.6:
                _apply(contents, _torn(write, chance))
        return bytes(contents)


def _settle(names: dict[str, int], name: str, now: dict[str, int]) -> None:
    if name in now:
        names[name] = now[name]
    else:
        names.pop(name, None)


def _is_in(name: str, directory: str) -> bool:
    return str(PurePosixPath(name).parent) == directory.rstrip("/")


def _apply(contents: bytearray, write: Write) -> None:
    end = write.length if isinstance(write, Resized) else write.offset + len(write.data)
    if end > len(contents):
        contents.extend(bytes(end - len(contents)))
    if isinstance(write, Resized):
        del contents[write.length :]
    else:
        contents[write.offset : end] = write.data


def _torn(write: Write, chance: random.Random) -> Write:
    """The write, or only some of its first sectors."""
    if isinstance(write, Resized) or chance.random() < 0.7:
        return write
    sectors = -(-len(write.data) // SECTOR)
    return Wrote(write.path, write.offset, write.data[: SECTOR * chance.randrange(sectors + 1)])


@dataclass(frozen=True, slots=True)
class Image:
    """A disk after a cut: the files by name, and what had been told by then."""

    files: dict[str, bytes]
    told: tuple[str, ...]

    def write(self, root: str, target: Path) -> None:
        """Put the files below `root` into the directory `target`."""
        for name, contents in self.files.items():
            path = target / PurePosixPath(name).relative_to(root)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents)


def images(acts: Sequence[Act], chances: int, seed: int = 0) -> list[Image]:
    """For a cut before each act and after the last: nothing unsynced, then `chances` at random."""
    disk, told, found = Disk(), list[str](), list[Image]()
    for number in range(len(acts) + 1):
        found.append(Image(disk.after_cut(None), tuple(told)))
        for turn in range(chances):
            chance = random.Random(f"{seed} {number} {turn}")
            found.append(Image(disk.after_cut(chance), tuple(told)))
        if number < len(acts):
            act = acts[number]
            disk.do(act)
            if isinstance(act, Told):
                told.append(act.line)
    return found
