"""Whether the access point lives: the kernel's own word on its interface and its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotspot.units import pulse

if TYPE_CHECKING:
    from pathlib import Path

OURS, NOBODYS = "127.0.0.1", "192.0.2.1"


def interface(net: Path, flags: str) -> str:
    """A made-up /sys/class/net with one interface of these flags."""
    (net / "wlan0").mkdir(parents=True)
    (net / "wlan0" / "flags").write_text(f"{flags}\n")
    return str(net)


@pytest.mark.parametrize(
    ("flags", "address", "what"),
    [
        ("0x1003", OURS, ""),
        ("0x1002", OURS, pulse.DOWN),
        ("0x1003", NOBODYS, pulse.HOMELESS),
        ("0x1002", NOBODYS, pulse.DOWN),
    ],
)
def test_what_is_wrong(tmp_path: Path, flags: str, address: str, what: str) -> None:
    """An interface that is up, with its address, is well; else the graver of the two is told."""
    assert pulse.fault("wlan0", address, interface(tmp_path, flags)) == what


def test_no_interface(tmp_path: Path) -> None:
    """One that is not there is gone."""
    assert pulse.fault("wlan0", OURS, str(tmp_path)) == pulse.GONE


def test_which_have_a_radio(tmp_path: Path) -> None:
    """Those with a phy80211, whatever they are called."""
    for name in ("eth0", "wlan0", "made-up"):
        (tmp_path / name).mkdir()
    (tmp_path / "made-up" / "phy80211").mkdir()
    assert pulse.radios(str(tmp_path)) == {"made-up"}
    assert pulse.radios(str(tmp_path / "none")) == frozenset()
