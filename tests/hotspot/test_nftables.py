"""The firewall: from the access point's interface only what the set-up needs."""

from __future__ import annotations

from ipaddress import IPv4Interface

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import nftables
from hotspot.config.values import NotAllowed
from tests.hotspot import strategies

OWN = "100.64.64.1"
ADDRESS = IPv4Interface(f"{OWN}/22")


@given(
    interface=strategies.interfaces,
    ap_address=strategies.addresses(),
    tls=st.booleans(),
    mdns=st.booleans(),
)
def test_values_stay_in_their_places(
    interface: str,
    ap_address: IPv4Interface,
    tls: bool,  # noqa: FBT001 - hypothesis passes by name
    mdns: bool,  # noqa: FBT001 - see above
) -> None:
    """Whatever interface and address, the text differs from the usual one in these alone."""
    text = nftables.render(interface, ap_address, tls=tls, mdns=mdns)
    usual = nftables.render("wlan0", ADDRESS, tls=tls, mdns=mdns)
    for line, expected in zip(text.splitlines(), usual.splitlines(), strict=True):
        assert line == (
            expected.replace('"wlan0"', f'"{interface}"')
            .replace("100.64.64.0/22", str(ap_address.network))
            .replace(OWN, str(ap_address.ip))
        )


@pytest.mark.parametrize(
    ("interface", "cidr", "caps"),
    [
        ('wlan0" accept; iifname "', f"{OWN}/22", {}),
        ("", f"{OWN}/22", {}),
        ("wlan0\n", f"{OWN}/22", {}),
        ("wlan0", "100.64.64.0/22", {}),
        ("wlan0", "0.0.0.1/0", {}),
        ("wlan0", f"{OWN}/22", {"connections": 0}),
        ("wlan0", f"{OWN}/22", {"queries": 0}),
    ],
)
def test_what_would_be_misread_is_refused(interface: str, cidr: str, caps: dict[str, int]) -> None:
    """A value that could open the firewall never becomes text."""
    with pytest.raises(NotAllowed):
        nftables.render(interface, IPv4Interface(cidr), tls=False, mdns=False, **caps)


def test_what_is_not_asked_for_is_not_there() -> None:
    """Without mDNS no rule speaks of it; with it, the rest stays as it was."""
    without, with_it = (nftables.render("wlan0", ADDRESS, mdns=mdns) for mdns in (False, True))
    assert "5353" not in without
    assert "224.0.0.251" not in without
    kept = with_it.replace("53, 67, 5353", "53, 67").splitlines()
    assert [line for line in without.splitlines() if line not in kept] == []


@given(strategies.interfaces)
def test_the_guard(interface: str) -> None:
    """It speaks of one interface, in our own table, and is no second one if it is there already."""
    text = nftables.guard(interface)

    assert text.startswith(nftables.UNGUARD)
    assert text.endswith(f'add rule inet vestibule away iifname "{interface}" drop\n')
