"""A small card image as Raspberry Pi OS has them: FAT, then ext4 with a little Debian on it.

And an archive of packages for it, as files: for its own kind of machine, which is not this one's.
"""

from __future__ import annotations

import hashlib
import re
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

KIND: Final = "armhf"
MIB: Final = 1 << 20
FAT: Final = (4 * MIB, 8 * MIB)
EXT4: Final = (12 * MIB, 24 * MIB)

# Of what is installed on Raspberry Pi OS Lite, what our package asks for; the rest it lacks.
INSTALLED: Final = (
    *("dpkg", "python3", "wpasupplicant", "iw", "wireless-regdb", "busybox", "systemd"),
    *("init-system-helpers", "debconf", "systemd-sysusers", "systemd-tmpfiles"),
)
OFFERED: Final = {"hostapd": "libnl-3-200", "dnsmasq-base": "", "nftables": "", "libnl-3-200": ""}
_RFKILL: Final = "var/lib/systemd/rfkill/platform-3f300000.mmcnr:wlan"


def image(file: Path, archive: Path) -> Path:
    """An image whose Debian gets its packages from `archive`, by a key of its own."""
    tree = file.parent / "tree"
    for name, text in _tree(archive).items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    (tree / "etc/systemd/system/multi-user.target.wants").mkdir(parents=True)
    with file.open("wb") as disk:
        disk.truncate(sum(EXT4))
        disk.write(sector((0x0C, *FAT), (0x83, *EXT4)))
    _run("mkfs.vfat", "--offset", str(FAT[0] // 512), file, str(FAT[1] // 1024))
    offset = f"offset={EXT4[0]}"
    _run("mke2fs", "-q", "-t", "ext4", "-d", tree, "-E", offset, file, f"{EXT4[1] // 1024}k")
    return file


def sector(*entries: tuple[int, int, int]) -> bytes:
    """A first sector with partitions of (kind, start, size), in bytes."""
    table = b"".join(
        struct.pack("<B3xB3xII", 0, kind, start // 512, size // 512)
        for kind, start, size in entries
    )
    return b"\0" * 446 + table.ljust(64, b"\0") + b"\x55\xaa"


def _tree(archive: Path) -> Mapping[str, str]:
    status = "".join(
        f"Package: {name}\nStatus: install ok installed\nVersion: 3.13\n"
        f"Architecture: {KIND}\nMaintainer: x\nDescription: x\n\n"
        for name in INSTALLED
    )
    return {
        "var/lib/dpkg/status": status,
        "etc/apt/sources.list.d/raspi.sources": (
            f"Types: deb\nURIs: copy:{archive}\nSuites: ./\nTrusted: yes\n"
            "Signed-By: /usr/share/keyrings/raspberrypi.gpg\n"
        ),
        "usr/share/keyrings/raspberrypi.gpg": "",
        _RFKILL: "1\n",
        "var/lib/NetworkManager/NetworkManager.state": "[main]\nWirelessEnabled=false\n",
    }


def archive(folder: Path) -> Path:
    """A flat archive with the packages that the image lacks, each empty."""
    entries = []
    for name, depends in OFFERED.items():
        fields = f"Package: {name}\nVersion: 2:1.0\nArchitecture: {KIND}\nMaintainer: x\n"
        fields += f"Depends: {depends}\n" if depends else ""
        stage = folder / "stage" / name / "DEBIAN"
        stage.mkdir(parents=True)
        (stage / "control").write_text(f"{fields}Description: x\n")
        file = folder / f"{name}_1.0_{KIND}.deb"
        _run("dpkg-deb", "--build", stage.parent, file)
        data = file.read_bytes()
        entries.append(
            f"{fields}Filename: ./{file.name}\nSize: {len(data)}\n"
            f"SHA256: {hashlib.sha256(data).hexdigest()}\nDescription: x\n"
        )
    (folder / "Packages").write_text("\n".join(entries))
    return folder


def debugfs(image: Path, request: str, *options: str) -> str:
    """What debugfs says of the image's ext4: a reader that is not ours."""
    return _run("debugfs", *options, "-R", request, f"{image}?offset={EXT4[0]}")


def listed(image: Path, folder: str) -> dict[str, tuple[str, str]]:
    """The names in a folder, each with its mode and its owner."""
    rows = re.findall(
        r"^/\d+/(\d+)/(\d+/\d+)/([^/]+)/", debugfs(image, f"ls -p {folder}"), re.MULTILINE
    )
    return {name: (mode, owner) for mode, owner, name in rows if name not in {".", ".."}}


def is_sound(image: Path) -> bool:
    """Whether a check of the file system finds nothing."""
    device = f"{image}?offset={EXT4[0]}"
    return (
        subprocess.run(["e2fsck", "-fn", device], capture_output=True, check=False).returncode == 0
    )


def _run(*argv: str | Path) -> str:
    done = subprocess.run(
        [f"/sbin/{argv[0]}" if argv[0] != "dpkg-deb" else "dpkg-deb", *argv[1:]],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout
