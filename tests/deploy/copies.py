"""A copy of this machine to install things into: an overlay, in a mount namespace of its own.

What a program writes there lies in `Copy.written`, and nowhere else; so that what a package leaves
behind is what lies there at the end.
"""

from __future__ import annotations

import functools
import os
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Where copies are kept: in memory where that can be, for dpkg syncs each of its thousand files.
MEMORY: Final = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a name within

INSIDE: Final = Path(__file__).with_name("inside.sh")
# dpkg's, debconf's and ldconfig's own accounts of what they did, and useradd's backups.
ACCOUNTS: Final = ("var/lib/dpkg/", "var/log/", "var/cache/", "var/lib/apt/")
BACKUPS: Final = frozenset({"passwd-", "group-", "shadow-", "gshadow-", ".pwd.lock"})

# No language, no terminal, nobody to ask; and the fakes first, where there are any.
CLEAN: Final = {
    "PATH": "/run/fakes:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
}
# It is on from the start to the stop.
FAKE: Final = """\
#!/bin/sh
echo "systemctl $*" >>/run/asked
case "$*" in
    --root=*) exec /usr/bin/systemctl "$@" ;;
    *is-active*) [ -e /run/fakes/is-active ] ;;
    *is-enabled*) echo enabled ;;
    *stop*vestibule.target*) rm -f /run/fakes/is-active ;;
    *start*vestibule.target*) : >/run/fakes/is-active ;;
esac
"""


@dataclass(frozen=True)
class Copy:
    """A machine of its own, kept in `folder`, that began as the one in `lower`."""

    folder: Path
    lower: Path = Path("/")

    @property
    def written(self) -> Path:
        """Everything that was written in it."""
        return self.folder / "written"

    def copy(self, folder: Path) -> Copy:
        """Another one that begins as this one is now."""
        folder.mkdir()
        # cp, because what was deleted is kept as devices, and attributes tell whole folders.
        for name in ("written", "run"):
            subprocess.run(["cp", "-a", self.folder / name, folder], check=True, timeout=60)
        return Copy(folder, self.lower)

    def run(
        self, *argv: str | Path, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """A program inside, as root; what it says, standard error included."""
        done = subprocess.run(
            ["unshare", "--mount", INSIDE, self.folder, *argv],
            env={**CLEAN, "LOWER": str(self.lower), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        assert not check or done.returncode == 0, done.stdout
        return done

    def with_systemd(self) -> None:
        """As if systemd ran there: what it is asked is only written down."""
        fakes = self.folder / "run/fakes"
        fakes.mkdir(parents=True)
        (self.folder / "run/systemd/system").mkdir(parents=True)
        (fakes / "systemctl").write_text(FAKE)
        (fakes / "systemctl").chmod(0o755)
        self.policy(104)

    def policy(self, status: int) -> None:
        """What invoke-rc.d's policy layer says to every start: 104 for yes, 101 for no."""
        file = self.written / "usr/sbin/policy-rc.d"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\nexit {status}\n")
        file.chmod(0o755)

    def asked(self) -> list[str]:
        """What systemd was asked about us since the last time, its own words for it left out."""
        file = self.folder / "run/asked"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        words = [[word for word in line.split() if not word.startswith("-")] for line in lines]
        return [" ".join(line[1:]) for line in words]

    def left(self) -> list[str]:
        """What is other than on this machine, but for accounts: paths without the first slash."""
        found = []
        for path in sorted(self.written.rglob("*")):
            name = str(path.relative_to(self.written))
            if name.startswith(ACCOUNTS) or path.name in BACKUPS:
                continue
            if not _is_as_before(path, self.lower / name):
                found.append(name)
        return found


def _is_as_before(path: Path, before: Path) -> bool:
    now, then = path.lstat(), (before.lstat() if os.path.lexists(before) else None)
    if then is None or stat.S_IFMT(now.st_mode) != stat.S_IFMT(then.st_mode):
        return False
    if stat.S_ISREG(now.st_mode):
        return path.read_bytes() == before.read_bytes()
    return not stat.S_ISLNK(now.st_mode) or path.readlink() == before.readlink()


@functools.cache
def can_be_made() -> str:
    """Why no copy can be made here, "" where one can."""
    if os.geteuid() != 0:
        return "needs root, for a mount namespace"
    missing = [name for name in ("unshare", "dpkg", "chroot") if not shutil.which(name)]
    if missing:
        return f"not installed: {', '.join(missing)}"
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        tried = Copy(Path(folder)).run("true", check=False)
    return f"no overlay can be mounted here: {tried.stdout.strip()}" if tried.returncode else ""
