"""The stories' settings are the product's, and processes are told apart by what they run."""

from __future__ import annotations

import pytest

from hotspot import settings
from tests.lab.guest import appliance
from tests.lab.stories import names_that_bite


@pytest.mark.parametrize("name", names_that_bite.NAMES)
def test_settings_hold_the_name_byte_for_byte(name: str) -> None:
    """Every biting name goes through the settings file as exactly its bytes."""
    text = appliance.Config(ssid=name).toml()
    assert settings.parse(text, file="lab").radio.ssid == name.encode()


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["/usr/bin/python3", "-m", "portal", "--config", "x"], ["python3", "portal"]),
        (["hostapd", "/run/vestibule/hostapd.conf"], ["hostapd", "hostapd.conf"]),
        (["/usr/bin/python3", "-I", "-m", "dnsd"], ["python3", "dnsd"]),
        ([], []),
    ],
)
def test_named(argv: list[str], named: list[str]) -> None:
    """A Python is named by its module, anything else by its program and script."""
    assert appliance.named(argv) == named
