"""The demo's radio hears a street full of networks, and one that bites."""

from __future__ import annotations

from hotspot import demo


def test_eight_networks_strongest_first() -> None:
    """A believable scan: eight networks in order, names of legal length, of every security."""
    networks = demo.networks()["networks"]
    signals = [network["signal"] for network in networks]
    assert len(networks) == 8
    assert signals == sorted(signals, key=lambda signal: -int(signal))
    assert all(1 <= len(bytes.fromhex(str(network["ssid"]))) <= 32 for network in networks)
    assert {"open", "wep", "wpa2", "wpa3", "wpa2-wpa3", "enterprise"} == {
        network["security"] for network in networks
    }


def test_channels_and_frequencies_agree() -> None:
    """IEEE 802.11: 2407 + 5n MHz in the lower band, 5000 + 5n in the upper."""
    for network in demo.networks()["networks"]:
        channel, frequency = int(network["channel"]), int(network["frequency"])
        assert frequency == 5 * channel + (2407 if channel <= 13 else 5000)


def test_one_of_them_bites() -> None:
    """Among the names is one that is markup, so that the page is seen to show it as text."""
    names = [bytes.fromhex(str(n["ssid"])).decode() for n in demo.networks()["networks"]]
    assert any("<" in name and "onerror" in name for name in names)
