"""A disk that outlives the guest: the folders of the appliance that a power cut leaves."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.lab.guest.program import run

# As they are called on the disk, and where the appliance has them.
FOLDERS: Final = {
    "state": Path("/var/lib/vestibule"),
    "wpa_supplicant": Path("/etc/wpa_supplicant"),
    "connections": Path("/etc/NetworkManager/system-connections"),
}
MOUNT: Final = Path("/run/lab/disk")


@contextlib.contextmanager
def mounted(device: str) -> Iterator[None]:
    """The disk's folders in their places. Its journal is replayed, as at any boot after a cut."""
    run("modprobe", "-a", "virtio_blk", "ext4")
    MOUNT.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as leaving:
        run("mount", "-t", "ext4", device, str(MOUNT))
        leaving.callback(run, "umount", str(MOUNT))
        for name, place in FOLDERS.items():
            place.mkdir(parents=True, exist_ok=True)
            run("mount", "--bind", str(MOUNT / name), str(place))
            leaving.callback(run, "umount", str(place))
        yield
