"""What an image lacks to have the package installed without a network: fetched by apt.

apt is asked as the image would ask it: with its own list of what is installed, its own sources and
keys, for its own kind of machine, which need not be this one's.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

from deploy.image.ext4 import Files
from deploy.image.partitions import Unreadable

STATUS: Final = "/var/lib/dpkg/status"
_SOURCES: Final = ("/etc/apt", "/etc/apt/sources.list.d", "/etc/apt/trusted.gpg.d")


def machine(files: Files) -> str:
    """The image's architecture, such as arm64. Raises `Unreadable` where it is no Debian."""
    status = (files.read(STATUS) or b"").decode("utf-8", "replace")
    for entry in status.split("\n\n"):
        if re.search(r"^Package: dpkg$", entry, re.MULTILINE):
            found = re.search(r"^Architecture: (\S+)$", entry, re.MULTILINE)
            if found:
                return found[1]
    raise Unreadable("no Debian, nor a Raspberry Pi OS, is installed in it")


def fetched(files: Files, package: Path, work: Path) -> list[Path]:
    """The packages that the image lacks for `package`, in `work`. Raises `Unreadable`."""
    kind = machine(files)
    _copy_sources(files, work)
    for folder in ("state/lists/partial", "cache/archives/partial", "log"):
        (work / folder).mkdir(parents=True)
    (work / "status").write_bytes(files.read(STATUS) or b"")
    options = {
        "APT::Architecture": kind,
        "APT::Architectures::": kind,
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "true",
        "Dir::Cache": str(work / "cache"),
        "Dir::Etc": str(work / "etc/apt"),
        "Dir::Log": str(work / "log"),
        "Dir::State": str(work / "state"),
        "Dir::State::status": str(work / "status"),
    }
    words = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    _apt(*words, "update")
    _apt(*words, "--download-only", "--yes", "install", str(package.absolute()))
    return sorted((work / "cache/archives").glob("*.deb"))


def _copy_sources(files: Files, work: Path) -> None:
    """Its sources and keys, and the sources' own words for where a key lies."""
    for folder in _SOURCES:
        (work / folder[1:]).mkdir(parents=True, exist_ok=True)
        for name in files.names(folder):
            if name.endswith((".list", ".sources", ".gpg", ".asc", ".pgp")):
                (work / folder[1:] / name).write_bytes(files.read(f"{folder}/{name}") or b"")
    for source in (work / "etc/apt").rglob("*"):
        if source.suffix in {".list", ".sources"}:
            source.write_text(_with_keys(source.read_text("utf-8", "replace"), files, work))


def _with_keys(text: str, files: Files, work: Path) -> str:
    """A source whose keys are those of the image, copied: apt reads that path as it stands."""

    def copied(found: re.Match[str]) -> str:
        key = files.read(found[2])
        copy = work / "keys" / Path(found[2]).name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(key or b"")
        return f"{found[1]}{copy}"

    return re.sub(r"(?i)(signed-by\s*[:=]\s*)(/[^\s,\]]+)", copied, text)


def _apt(*words: str) -> None:
    done = subprocess.run(
        ["/usr/bin/apt-get", "-q", *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        raise Unreadable(f"apt cannot fetch what the image lacks: {' '.join(said)}")
