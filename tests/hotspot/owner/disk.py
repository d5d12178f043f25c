"""A disk whose power may go: every operation on files is recorded, and every disk it may leave.

What a file holds is safe once the file has been synced; a name, made, moved or taken away, once
its directory has. Before that the disk may have it or not, and names in the order they came, as
a journal of metadata has them (ext4). Contents that were not synced are lost: the worst case.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest

Names: TypeAlias = dict[Path, int]


class PowerCut(BaseException):
    """Nothing handles it, as nothing would run on."""


@dataclass
class Disk:
    """What `os` has done to names and contents below `root` since it was made.

    With `lasts` the power goes before the operation of that number.
    """

    root: Path
    monkeypatch: pytest.MonkeyPatch
    lasts: int | None = None
    operations: int = 0
    contents: dict[int, bytes] = field(default_factory=dict)
    safe: Names = field(default_factory=dict)
    loose: list[Names] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.safe = self._names()
        self.contents = {node: path.read_bytes() for path, node in self.safe.items()}
        for name in ("open", "replace", "rename", "link", "unlink", "fsync"):
            self._watch(name)

    def _watch(self, name: str) -> None:
        real: Callable[..., Any] = getattr(os, name)

        def watched(*words: Any, **more: Any) -> Any:
            made = name != "open" or words[1] & os.O_CREAT
            if made:
                if self.operations == self.lasts:
                    raise PowerCut
                self.operations += 1
            if name == "fsync":
                self._synced(words[0])
            done = real(*words, **more)
            if made and name != "fsync":
                self.loose.append(self._names())
            return done

        self.monkeypatch.setattr(os, name, watched)

    def _synced(self, descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        if path.is_dir():
            # The journal is one for all directories (ext4): what came before goes with it.
            self.safe, self.loose = self._names(), []
        else:
            self.contents[path.stat().st_ino] = path.read_bytes()

    def _names(self) -> Names:
        return {path: path.stat().st_ino for path in self.root.rglob("*") if path.is_file()}

    def after_a_cut(self) -> Iterator[dict[Path, bytes]]:
        """Every disk there may be now: its files, and what they hold."""
        for names in itertools.chain([self.safe], self.loose):
            yield {path: self.contents.get(node, b"") for path, node in names.items()}
