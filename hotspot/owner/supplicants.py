"""Which file each running wpa_supplicant was started with, by its command line in /proc.

To the radio agent's unit other processes are hidden (`ProtectProc=`): for it `prepare` leaves what
it has seen in RUNTIME.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotspot import files
from hotspot.config import values

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAM: Final = "wpa_supplicant"
# In RUNTIME: the words of each wpa_supplicant that ran when the access point came up.
SEEN: Final = "supplicants.json"


def leave(runtime: Path, root: Path = Path("/")) -> None:
    """Write down who runs now. Raises `OSError`."""
    words = json.dumps([*_running(root)]).encode("ascii")
    files.replace(runtime / SEEN, words, mode=0o600)


def file_of(interface: str, runtime: Path, root: Path = Path("/")) -> Path:
    """The configuration file of this interface's wpa_supplicant, or the one to be.

    Below `root`, which stands before a file's name too; `runtime` has what was left there.
    """
    for words in (*_running(root), *_left(runtime)):
        if interface in _options(words, "i") and (files := _files(words, root)):
            return files[0]
    name = f"{_PROGRAM}-{values.interface(interface)}.conf"
    return root / "etc" / _PROGRAM / name


def files_read(runtime: Path, root: Path = Path("/")) -> frozenset[Path]:
    """The files that any wpa_supplicant reads."""
    seen = (*_running(root), *_left(runtime))
    return frozenset(file for words in seen for file in _files(words, root))


def _left(runtime: Path) -> list[list[str]]:
    with contextlib.suppress(OSError, ValueError):
        found: list[list[str]] = json.loads((runtime / SEEN).read_bytes())
        return found
    return []


def _running(root: Path) -> Iterator[list[str]]:
    for entry in (root / "proc").glob("[0-9]*"):
        # It may end while it is looked at.
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="surrogateescape").split("\0")
            if Path(words[0]).name == _PROGRAM:
                yield words


def _files(words: list[str], root: Path) -> list[Path]:
    """Those with an absolute name: another one's folder is not told."""
    return [root / name[1:] for name in _options(words, "c") if name.startswith("/")]


def _options(words: list[str], letter: str) -> list[str]:
    """The values of an option, apart (`-c FILE`) or not (`-cFILE`, `-B -iwlan0`)."""
    apart = [value for option, value in itertools.pairwise(words) if option == f"-{letter}"]
    joined = [word[2:] for word in words if re.match(f"-{letter}.", word)]
    return apart + joined
