"""Vestibule into an image of Raspberry Pi OS or Debian, or onto a card: neither mounted nor booted.

    python -m deploy.image add IMAGE --country DE [--package DEB] [--settings FILE] [--no-fetch]
    python -m deploy.image key IMAGE [--label FILE.pdf] [--serial TEXT]

`add` puts in the package, what the image lacks for it, and the settings; the first start installs
them, without a network. `key` makes one card's own name and key, and its label.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from deploy.image import needs
from deploy.image.ext4 import Files
from deploy.image.partitions import Unreadable
from hotspot import identity, settings
from hotspot.errors import Refused

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
PLACE: Final = "/var/lib/vestibule-install"
UNIT: Final = "vestibule-install.service"
_SWITCHES: Final = "/var/lib/systemd/rfkill"
_NETWORK_MANAGER: Final = "/var/lib/NetworkManager/NetworkManager.state"
_UNITS: Final = "/etc/systemd/system"
# What unpacking takes beside the packages themselves, and to spare.
_TIMES: Final = 5


def main(words: Sequence[str] | None = None) -> int:
    """Do it; a refusal is words on standard error, and 1."""
    wanted = _parser().parse_args(words)
    try:
        wanted.run(wanted)
    except (Unreadable, Refused, settings.Invalid, OSError) as error:
        sys.stderr.write(f"{wanted.image}: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.image")
    verbs = parser.add_subparsers(required=True)
    add = verbs.add_parser("add", help="put the package in, to be installed by the first start")
    add.add_argument("image", type=Path)
    add.add_argument("--package", type=Path, help="default: the newest in dist/")
    what = add.add_mutually_exclusive_group(required=True)
    what.add_argument("--country", help="two capital letters (ISO 3166)")
    what.add_argument("--settings", type=Path, metavar="FILE", help="a whole config.toml")
    add.add_argument("--no-fetch", action="store_true", help="the image has what it needs")
    add.set_defaults(run=_add)
    key = verbs.add_parser("key", help="give one card its own name and key")
    key.add_argument("image", type=Path)
    key.add_argument("--label", type=Path, metavar="FILE", help="print its label, as PDF")
    key.add_argument("--serial", default="", help="the device's serial number, for the label")
    key.set_defaults(run=_key)
    return parser


def _add(wanted: argparse.Namespace) -> None:
    package = wanted.package or _newest()
    text = wanted.settings.read_text("utf-8") if wanted.settings else _least(wanted.country)
    settings.parse(text, file=str(wanted.settings or "--country"))
    files = Files(wanted.image)
    kind = needs.machine(files)
    with tempfile.TemporaryDirectory() as work:
        others = [] if wanted.no_fetch else needs.fetched(files, package, Path(work))
        packages = [package, *others]
        _room(files, sum(each.stat().st_size for each in packages) * _TIMES)
        for each in packages:
            files.write(f"{PLACE}/{each.name.replace('%3a', '_')}", each.read_bytes())
    files.write(settings.DEFAULT_FILE, text.encode())
    _switch_on(files)
    files.write(f"{PLACE}/install", (HERE / "install").read_bytes(), 0o755)
    files.write(f"{_UNITS}/{UNIT}", (HERE / UNIT).read_bytes())
    files.link(f"{_UNITS}/multi-user.target.wants/{UNIT}", f"{_UNITS}/{UNIT}")
    names = ", ".join(each.name.partition("_")[0] for each in others) or "nothing"
    _say(f"{wanted.image}: {package.name} is in it, for {kind}; with it: {names}")


def _switch_on(files: Files) -> None:
    """Raspberry Pi OS keeps Wi-Fi off until somebody has said the country: it was said now."""
    for radio in files.names(_SWITCHES):
        if radio.endswith(":wlan"):
            files.write(f"{_SWITCHES}/{radio}", b"0\n")
    state = files.read(_NETWORK_MANAGER)
    if state:
        on = state.replace(b"WirelessEnabled=false", b"WirelessEnabled=true")
        files.write(_NETWORK_MANAGER, on)


def _newest() -> Path:
    found = sorted(
        (ROOT / "dist").glob("vestibule_*_all.deb"), key=lambda file: file.stat().st_mtime
    )
    if not found:
        raise Unreadable("there is no package in dist/: make deb, or name one with --package")
    return found[-1]


def _least(country: str) -> str:
    return f'[radio]\ncountry = "{country}"\n'


def _room(files: Files, wanted: int) -> None:
    if files.free() < wanted:
        lacks = f"{wanted >> 20} MiB are needed and {files.free() >> 20} are free"
        raise Unreadable(f"{lacks} (Raspberry Pi OS makes room at its own first start: see docs)")


def _key(wanted: argparse.Namespace) -> None:
    files = Files(wanted.image)
    place = f"{settings.DEFAULT_STATE}/{identity.FILE}"
    text = files.read(settings.DEFAULT_FILE)
    if text is None:
        raise Unreadable("Vestibule is not in it: python -m deploy.image add")
    with tempfile.TemporaryDirectory() as name:
        state = Path(name)
        (state / "config.toml").write_bytes(text)
        # One that is there stays: it may be on a label already.
        with contextlib.suppress(TypeError):
            (state / identity.FILE).write_bytes(files.read(place))  # type: ignore[arg-type]
        kept = identity.keep(state, os.urandom)
        files.make(settings.DEFAULT_STATE, 0o700)
        files.write(place, identity.encode(kept).encode("ascii"), 0o600)
        if wanted.label:
            _print(state, wanted.label, wanted.serial)
    _say(f"{wanted.image}: Vestibule-{kept.suffix}")


def _print(state: Path, label: Path, serial: str) -> None:
    words = ["--config", str(state / "config.toml"), "--state", str(state), "--serial", serial]
    argv = [
        sys.executable,
        "-m",
        "hotspot",
        "qr",
        *words,
        "--label",
        "--pdf",
        str(label.absolute()),
    ]
    if subprocess.run(argv, cwd=ROOT, check=False).returncode:
        raise Unreadable("its label could not be printed")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
