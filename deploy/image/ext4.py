"""The files of an ext4 partition inside an image, read and written where it lies.

By debugfs(8) of e2fsprogs: no root, no loop device, no mount, whatever kernel this machine has.
Everything that is written is root's.
"""

from __future__ import annotations

import re
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.image.partitions import SECTOR, Unreadable, root

_MOST_LINKS: Final = 8
# What debugfs writes to standard error without any trouble.
_BANNER: Final = re.compile(r"debugfs \d.*\n|Allocated inode: .*\n")
# No path that we name needs quoting; that of an image is given as an argument, not in a request.
_PLAIN: Final = re.compile(r"/[A-Za-z0-9_@+.:/-]*")


class Files:
    """The files of the Linux partition in `image`, a file or a card's device.

    Raises `Unreadable`, also where the file system was not left in order.
    """

    def __init__(self, image: Path) -> None:
        with image.open("rb") as disk:
            start = root(disk.read(SECTOR)).start
        self._device = f"{image}?offset={start}"
        state = re.search(r"^Filesystem state:\s*(.*)$", self._ask("stats"), re.MULTILINE)
        features = re.search(r"^Filesystem features:\s*(.*)$", self._ask("stats"), re.MULTILINE)
        if not state or state[1] != "clean" or not features or "needs_recovery" in features[1]:
            raise Unreadable(
                "its file system was not left in order: start it once and shut it down"
            )

    def free(self) -> int:
        """How many bytes can still be written."""
        said = self._ask("stats")
        blocks, size = (
            int(found[1])
            for found in (
                re.search(rf"^{name}:\s*(\d+)$", said, re.MULTILINE)
                for name in ("Free blocks", "Block size")
            )
            if found
        )
        return blocks * size

    def names(self, folder: str) -> list[str]:
        """The plain files in a folder; none where there is no such folder."""
        lines = self._ask(f"ls -p {_plain(folder)}", may_fail=True).splitlines()
        # /inode/mode/user/group/name/size/
        rows = [line.split("/") for line in lines if line.startswith("/")]
        return sorted(row[5] for row in rows if stat.S_ISREG(int(row[2], 8)))

    def read(self, path: str) -> bytes | None:
        """A file's bytes, followed through symbolic links; None where there is none."""
        for _ in range(_MOST_LINKS):
            about = self._ask(f"stat {_plain(path)}", may_fail=True)
            kind = re.search(r"Type: (\w+)", about)
            if kind is None:
                return None
            if kind[1] == "regular":
                return self._dump(path)
            target = re.search(r'^Fast link dest: "(.*)"$', about, re.MULTILINE)
            if target is None:
                return None
            path = str(Path(path).parent / target[1])
        return None

    def _dump(self, path: str) -> bytes:
        with tempfile.NamedTemporaryFile() as copy:
            self._ask(f"dump {_plain(path)} {copy.name}")
            return Path(copy.name).read_bytes()

    def make(self, folder: str, mode: int = 0o755) -> None:
        """A folder and those above it, where there is none."""
        for each in [*reversed(Path(folder).parents), Path(folder)][1:]:
            if not re.search("Type: directory", self._ask(f"stat {each}", may_fail=True)):
                self._do(f"mkdir {_plain(str(each))}", f"sif {each} mode {0o040000 | mode:07o}")

    def write(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """A file whole, in place of one that may be there; read again to be sure."""
        self.make(str(Path(path).parent))
        if self.read(path) is not None:
            self._do(f"rm {_plain(path)}")
        with tempfile.NamedTemporaryFile() as copy:
            copy.write(data)
            copy.flush()
            self._do(f"write {copy.name} {_plain(path)}", f"sif {path} mode {0o100000 | mode:07o}")
        if self.read(path) != data:
            raise Unreadable(f"{path} could not be written: is there room?")

    def link(self, path: str, target: str) -> None:
        """A symbolic link, where there is none."""
        self.make(str(Path(path).parent))
        if "Type: symlink" not in self._ask(f"stat {_plain(path)}", may_fail=True):
            self._do(f"symlink {path} {_plain(target)}")

    def _do(self, *requests: str) -> None:
        for request in requests:
            self._debugfs(("-w", "-R", request))

    def _ask(self, request: str, *, may_fail: bool = False) -> str:
        return self._debugfs(("-R", request), may_fail=may_fail)

    def _debugfs(self, words: Sequence[str], *, may_fail: bool = False) -> str:
        # It ends with 0 whatever happens; what it has to say against it is on standard error.
        try:
            done = subprocess.run(
                ["/sbin/debugfs", *words, self._device],
                capture_output=True,
                text=True,
                check=False,
                errors="replace",
            )
        except FileNotFoundError:
            raise Unreadable("debugfs is not installed: apt install e2fsprogs") from None
        trouble = _BANNER.sub("", done.stderr).strip()
        if trouble and not may_fail:
            raise Unreadable(f"debugfs: {trouble}")
        return done.stdout


def _plain(path: str) -> str:
    if not _PLAIN.fullmatch(path):
        raise Unreadable(f"{path} is not a path that debugfs reads as it stands")
    return path
