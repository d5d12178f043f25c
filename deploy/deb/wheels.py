"""The Python that the package holds: fetched by its hashes, unpacked as one set for every machine.

Law: nothing compiled. Two of the projects publish compiled wheels only; their sources are Python
alone where no compiler answers, and so they are taken from their sources.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
REQUIREMENTS: Final = HERE / "requirements.txt"

# MarkupSafe without its C takes 5 µs more for each text that is put into a page; zeroconf without
# its own is asked once in minutes.
FROM_SOURCE: Final = ("markupsafe", "zeroconf")
PURE: Final = {"CC": "/bin/false", "SKIP_CYTHON": "1"}
PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")

# Of a *.dist-info: what says who made it, under which licence, and what it offers to others.
# The rest tells of the tool that built it, and would make two builds differ.
_KEPT: Final = frozenset({"METADATA", "entry_points.txt"})
_LICENCES: Final = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")


def others(cache: Path) -> list[Path]:
    """The wheels of requirements.txt, fetched when nobody has; needs the network only then."""
    made_from = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]
    folder = cache / f"wheels-{made_from}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as name:
            _fetch(Path(name))
            # Whole or not there, also when two builds meet.
            shutil.copytree(name, f"{name}.whole")
            try:
                Path(f"{name}.whole").rename(folder)
            except OSError:
                shutil.rmtree(f"{name}.whole")
    return sorted(folder.glob("*.whl"))


def _fetch(into: Path) -> None:
    wanted = ("-r", str(REQUIREMENTS), "--require-hashes", "--no-deps")
    source = f"--no-binary={','.join(FROM_SOURCE)}"
    # pip keeps what it has built, and would give a compiled wheel that another build has made.
    run(*PIP, "wheel", "--no-cache-dir", *wanted, source, "-w", str(into), environment=PURE)


def ours(into: Path) -> Path:
    """The wheel of this checkout."""
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation")
    run(*build, "--outdir", str(into), str(ROOT))
    (wheel,) = into.glob("vestibule-*.whl")
    return wheel


def unpack(wheels: list[Path], site: Path) -> None:
    """All of them into one folder; SystemExit where one is for one kind of machine only."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    compiled = [path.name for path in site.rglob("*") if path.suffix in {".so", ".pyd"}]
    if compiled:
        raise SystemExit(f"not for every architecture: {', '.join(compiled)}")
    for info in site.glob("*.dist-info"):
        _lighten(info)


def _lighten(info: Path) -> None:
    for path in sorted(info.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.name not in _KEPT and not _is_licence(path):
            path.unlink()


def _is_licence(path: Path) -> bool:
    return path.parent.name == "licenses" or path.name.upper().startswith(_LICENCES)


def run(*argv: str, cwd: Path = ROOT, environment: Mapping[str, str] | None = None) -> str:
    """What a program says on standard output; SystemExit, in words, when it fails."""
    environ = {**os.environ, **(environment or {})}
    done = subprocess.run(
        argv, env=environ, cwd=cwd, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(argv[:5])} … failed ({done.returncode})")
    return done.stdout
