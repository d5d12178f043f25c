"""From what the radio heard to the list a person chooses from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, get_args

from hypothesis import given
from hypothesis import strategies as st

from hotspot.air import scan
from hotspot.air.elements import Protection
from hotspot.channel import Heard
from tests.hotspot.air.test_elements import element, rsn
from tests.hotspot.air.test_nl80211 import bss, i32, u32

if TYPE_CHECKING:
    from pathlib import Path


def entry(name: bytes, dbm: int, mhz: int, more: bytes = b"", *, privacy: bool = False) -> bytes:
    """One entry of a scan dump."""
    capability = b"\x11\x00" if privacy else b"\x01\x00"
    return bss(
        frequency=u32(mhz),
        capability=capability,
        elements=element(0, name) + more,
        mbm=i32(100 * dbm),
    )


AIR = [
    entry(b"Home", -70, 2437, rsn(2), privacy=True),
    entry(b"Cafe", -60, 2412),
    entry(b"Home", -52, 5180, rsn(2), privacy=True),
    entry(b"Home", -40, 2462),  # an evil twin: open, of the same name
    entry(b"", -30, 2462, rsn(8), privacy=True),
    entry(b"\xff<b>", -90, 2484, rsn(8), privacy=True),
    b"noise",
]


def test_everything_heard_is_kept_for_the_channel() -> None:
    """Hidden networks and every access point of a network use the air."""
    found = scan.heard(AIR)

    assert len(found) == 6
    assert found[0] == Heard(b"Home", -70, 2437, "wpa2")
    assert found[4] == Heard(b"", -30, 2462, "wpa3")


def listed(ssid: str, signal: int, mhz: int, channel: int, security: str) -> dict[str, object]:
    """One line of the list, as the page reads it."""
    return {
        "ssid": ssid,
        "bssids": 1,
        "signal": signal,
        "frequency": mhz,
        "channel": channel,
        "security": security,
    }


def test_the_list(tmp_path: Path) -> None:
    """Strongest first, hidden ones left out, one line for a name and protection; for any user."""
    scan.write(tmp_path, scan.heard(AIR))

    assert json.loads((tmp_path / scan.FILE).read_text()) == {
        "networks": [
            listed("486f6d65", -40, 2462, 11, "open"),
            listed("486f6d65", -52, 5180, 36, "wpa2"),
            listed("43616665", -60, 2412, 1, "open"),
            listed("ff3c623e", -90, 2484, 14, "wpa3"),
        ]
    }
    assert (tmp_path / scan.FILE).stat().st_mode & 0o777 == 0o644


def test_a_flood_of_names_is_bounded(tmp_path: Path) -> None:
    """Whoever makes up networks by the hundred does not hide the strong ones."""
    flood = [entry(b"%d" % number, -90, 2412) for number in range(1000)]
    scan.write(tmp_path, scan.heard([*flood, entry(b"Home", -50, 2412)]))

    networks = json.loads((tmp_path / scan.FILE).read_text())["networks"]
    assert len(networks) == 100
    assert networks[0]["ssid"] == b"Home".hex()


def test_access_points_of_a_network_are_counted(tmp_path: Path) -> None:
    """A house with three of them is one network, at its strongest."""
    house = [
        Heard(b"Home", -60 - number, 2412, "wpa2", bytes([2, 0, 0, 0, 0, number % 3]))
        for number in range(5)
    ]
    scan.write(tmp_path, house)

    (network,) = json.loads((tmp_path / scan.FILE).read_text())["networks"]
    assert (network["bssids"], network["signal"]) == (3, -60)


@given(st.lists(st.binary(max_size=120)))
def test_any_dump_makes_a_list(dump: list[bytes]) -> None:
    """Whatever is on the air, each entry is a name, a place and a protection."""
    for one in scan.networks(scan.heard(dump)):
        assert 1 <= len(one.ssid) <= 32
        assert one.security in get_args(Protection)
