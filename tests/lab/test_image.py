"""Where the guest cannot be had, the reason names what is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.lab import image


def test_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without QEMU on the PATH no guest is made, and that is what is said."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(image.Missing, match="qemu-system-x86_64 is not installed"):
        image.ready()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("./boot/vmlinuz-6.1.0-56-amd64", True),
        ("./lib/modules/6.1.0/kernel/drivers/net/wireless/mac80211_hwsim.ko", True),
        ("./usr/lib/modules/6.12/kernel/drivers/net/wireless/virtual/mac80211_hwsim.ko.xz", True),
        ("./lib/modules/6.1.0/kernel/drivers/net/ipvlan/ipvlan.ko", True),
        ("./lib/modules/6.1.0/modules.builtin", True),
        ("./lib/modules/6.1.0/kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko", False),
        ("./lib/modules/6.1.0/kernel/drivers/net/wireless/ath/ath9k/ath9k.ko", False),
        ("./boot/System.map-6.1.0-56-amd64", False),
    ],
)
def test_wanted(name: str, wanted: bool) -> None:  # noqa: FBT001 - a table's column
    """Simulated radios come along in Debian 12 and 13, drivers of real hardware do not."""
    assert bool(image.WANTED.fullmatch(name)) is wanted


def test_regulatory_database_is_debians() -> None:
    """Of two signed copies the one is taken whose key Debian's kernel has built in."""
    names = ["./lib/firmware/regulatory.db-debian", "./usr/lib/firmware/regulatory.db.p7s-debian"]
    assert all(re.fullmatch(image.FIRMWARE, name) for name in names)
    assert not image.FIRMWARE.fullmatch("./lib/firmware/regulatory.db-upstream")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("./usr/sbin/NetworkManager", True),
        ("./usr/lib/x86_64-linux-gnu/NetworkManager/1.52.1/libnm-device-plugin-wifi.so", True),
        ("./usr/lib/x86_64-linux-gnu/NetworkManager/1.42.4/libnm-device-plugin-wwan.so", False),
        ("./lib/systemd/system/NetworkManager.service", False),
    ],
)
def test_network_manager_without_its_services(name: str, wanted: bool) -> None:  # noqa: FBT001 - a table's column
    """Of the package only the programs are taken, and of the plug-ins the one for Wi-Fi."""
    assert bool(image.NETWORK_MANAGER.fullmatch(name)) is wanted
