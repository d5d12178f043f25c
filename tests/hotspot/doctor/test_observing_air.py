"""What is gathered about the radios, from a kernel and a /sys that say what they are told to."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from hotspot.doctor import observing_air
from tests.hotspot.air.test_nl80211 import PI, flags, u32
from tests.hotspot.air.test_wireless import (
    ALPHA2,
    COMBINATIONS,
    GET_INTERFACE,
    GET_REG,
    GET_WIPHY,
    IFINDEX,
    IFNAME,
    IFTYPES,
    WIPHY,
    Answers,
    FakeWireless,
)

GET_POWER_SAVE, PS_STATE = 62, 93
ANSWERS: dict[int, Answers | OSError] = {
    GET_WIPHY: [{WIPHY: u32(0), IFTYPES: flags("station", "ap"), COMBINATIONS: PI}],
    GET_INTERFACE: [{WIPHY: u32(0), IFINDEX: u32(3), IFNAME: b"wlan0\0"}],
    GET_REG: [{ALPHA2: b"DE\0"}],
    GET_POWER_SAVE: [{PS_STATE: u32(1)}],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A /sys with one radio that is switched off, and a database of countries."""
    device = tmp_path / "sys/class/net/wlan0"
    (device / "device").mkdir(parents=True)
    (tmp_path / "drivers/brcmfmac").mkdir(parents=True)
    (device / "device/driver").symlink_to(tmp_path / "drivers/brcmfmac")
    (device / "phy80211/rfkill0").mkdir(parents=True)
    (device / "phy80211/rfkill0/soft").write_text("1")
    (tmp_path / "usr/lib/firmware").mkdir(parents=True)
    (tmp_path / "usr/lib/firmware/regulatory.db").touch()
    return tmp_path


def test_a_radio(root: Path) -> None:
    """Its driver, its switch, its power saving, and the country."""
    air = observing_air.observe(root, root, lambda: FakeWireless(ANSWERS))
    assert air.radios
    (radio,) = air.radios
    assert (radio.name, radio.driver, radio.blocked) == ("wlan0", "brcmfmac", "software")
    assert radio.saves_power is True
    assert radio.silent_supplicant is None
    assert (air.country, air.rules) == ("DE", True)


def test_what_a_driver_has_no_say_in(root: Path) -> None:
    """Is not known, and no fault; nor is a driver of no name."""
    refusal = OSError(errno.EOPNOTSUPP, "not supported")
    (root / "sys/class/net/wlan0/device/driver").unlink()
    answers = ANSWERS | {GET_POWER_SAVE: refusal}
    air = observing_air.observe(root, root, lambda: FakeWireless(answers))
    assert air.radios
    assert (air.radios[0].saves_power, air.radios[0].driver) == (None, "")


def test_no_radios(tmp_path: Path) -> None:
    """None without a driver; unknown where nobody may ask."""
    air = observing_air.observe(tmp_path, tmp_path, lambda: FakeWireless({}, exists=False))
    assert (air.radios, air.rules) == ((), False)
    refusal = OSError(errno.EPERM, "not permitted")
    air = observing_air.observe(tmp_path, tmp_path, lambda: FakeWireless({GET_WIPHY: refusal}))
    assert air.radios is None
