r"""What a process wrote, synced and told, read from strace: the calls that a power cut can part.

1234 pwrite64(5</state/records.db>, "\x53\x51", 2, 4096) = 2
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CALLS: Final = (
    "openat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "unlink", "mkdir",
)  # fmt: skip
_LONGEST: Final = 1 << 20

_MADE: Final = re.compile(r"\d+ +(\w+)\((.*)\) += (-?\d+)")
_OPEN: Final = re.compile(r"(\d+)<(.*?)>, (.*)|(\d+)<(.*)>")
_PART: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


@dataclass(frozen=True, slots=True)
class Wrote:
    """Octets put into a file at an offset."""

    path: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Resized:
    """A file cut, or filled up with zeros, to a length."""

    path: str
    length: int


@dataclass(frozen=True, slots=True)
class Synced:
    """All that was done to a file, or to the names in a directory, is on the disk."""

    path: str


@dataclass(frozen=True, slots=True)
class Named:
    """A name came to be: a new file, or `origin` under this name from now on."""

    path: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A name is gone."""

    path: str


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was told something: what it was may be lost no more."""

    line: str


Act = Wrote | Resized | Synced | Named | Unnamed | Told


def acts(argv: Sequence[str], root: Path, log: Path) -> list[Act]:
    """What a program did below `root` and said on its standard output, in its order.

    Raises `AssertionError` when it fails.
    """
    strace = shutil.which("strace")
    assert strace is not None, "strace is not installed"
    options = ["-f", "-y", "-xx", "-s", str(_LONGEST), "-o", str(log)]
    command = [strace, *options, "-e", f"trace={','.join(CALLS)}", *argv]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    with log.open() as lines:
        return list(_acts(lines, str(root)))


def _acts(lines: Iterator[str], root: str) -> Iterator[Act]:
    known: set[str] = set()
    offsets: dict[str, int] = {}
    for line in lines:
        made = _MADE.match(line)
        if made is None or made[3].startswith("-"):
            assert "unfinished" not in line, "two threads at once cannot be put in order"
            continue
        call, words = made[1], made[2]
        if call == "write" and words.startswith("1<"):
            yield from map(Told, _text(words).decode().split())
            continue
        for act in _act(call, words, int(made[3]), offsets):
            # The interpreter opens what it reads: a name that is known already is no news.
            is_news = not (isinstance(act, Named) and not act.origin and act.path in known)
            if act.path.startswith(root) and is_news:
                known.add(act.path)
                if isinstance(act, Unnamed):
                    known.discard(act.path)
                yield act


def _act(
    call: str, words: str, result: int, offsets: dict[str, int]
) -> Iterator[Wrote | Resized | Synced | Named | Unnamed]:
    if call == "openat":
        if "O_CREAT" in words:
            path = _text(words).decode()
            offsets[path] = 0
            yield Named(path)
    elif call in {"rename", "unlink", "mkdir"}:
        paths = [_bytes(part).decode() for part in _PART.findall(words)]
        if call == "rename":
            yield Named(paths[1], paths[0])
        elif call == "unlink":
            yield Unnamed(paths[0])
        else:
            yield Named(f"{paths[0]}/")
    else:
        yield from _on_descriptor(call, words, result, offsets)


def _on_descriptor(
    call: str, words: str, result: int, offsets: dict[str, int]
) -> Iterator[Wrote | Resized | Synced]:
    found = _OPEN.fullmatch(words)
    assert found is not None, words
    path, rest = _path(found[2] or found[5]), found[3] or ""
    if call in {"fsync", "fdatasync"}:
        yield Synced(path)
    elif call == "ftruncate":
        yield Resized(path, int(rest))
    elif call == "pwrite64":
        yield Wrote(path, int(rest.rpartition(", ")[2]), _text(words)[:result])
    else:
        offset = offsets.get(path, 0)
        offsets[path] = offset + result
        yield Wrote(path, offset, _text(words)[:result])


def _path(text: str) -> str:
    # With -xx the path of a descriptor is written in hexadecimal too.
    return _bytes(text).decode() if text.startswith("\\x") else text


def _text(words: str) -> bytes:
    found = _PART.search(words)
    assert found is not None, words[:200]
    return _bytes(found[1])


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))
