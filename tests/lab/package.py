"""The Debian package that guests with systemd install, built once for all of them."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.lab.image import CHECKOUT

# As it is, for the story that installs it; and unpacked and compiled, for all others.
FOLDER: Final = CHECKOUT / ".cache" / "lab" / "package"
UNPACKED: Final = FOLDER / "root"
SECONDS: Final = 600


@functools.cache
def built() -> Path:
    """The package of the checkout as it is now. Raises `subprocess.CalledProcessError`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.deb"):
        old.unlink()
    argv = [sys.executable, "-m", "deploy.deb.build", str(FOLDER)]
    subprocess.run(argv, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)
    (package,) = FOLDER.glob("*.deb")
    shutil.rmtree(UNPACKED, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-x", str(package), str(UNPACKED)], check=True)
    # By the Python that the package will have; without it each guest would take a minute to do so.
    compiling = ["/usr/bin/python3", "-m", "compileall", "-q", str(UNPACKED / "opt")]
    subprocess.run(compiling, check=False)
    return package
