"""Programs of our peers for the lab's guest: Debian's packages, unpacked and never installed.

Installed, they would start by themselves and take this machine's ports.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import tempfile
from pathlib import Path

from tests.lab import image
from tests.lab.image import Missing


def unpacked(*packages: str) -> Path:
    """A folder with these packages and all they need that is not on this machine.

    Raises `Missing`.
    """
    names = _new(packages)
    digest = hashlib.sha256(" ".join(names).encode()).hexdigest()[:8]
    target = image.cache() / f"peers-{digest}"
    if target.exists():
        return target
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        work, root = Path(name), Path(name) / "root"
        root.mkdir()
        apt = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *names]
        _output(apt, work)
        for deb in sorted(work.glob("*.deb")):
            _output(["dpkg-deb", "-x", str(deb), str(root)], work)
        root.rename(target)
    return target


def _new(packages: tuple[str, ...]) -> list[str]:
    """What apt would have to install."""
    argv = ["apt-get", "-s", "--no-install-recommends", "install", *packages]
    return sorted(re.findall(r"^Inst (\S+)", _output(argv, Path("/")), re.MULTILINE))


def _output(argv: list[str], folder: Path) -> str:
    try:
        return subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Missing(f"{' '.join(argv)}: {error}") from error
