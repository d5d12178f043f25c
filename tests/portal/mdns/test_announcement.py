"""The names of multicast DNS: whatever the SSID, one label that everybody reads alike."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zeroconf import DNSOutgoing, DNSPointer, service_type_name

from portal.mdns import announcement

# RFC 1035 4.1.1: the twelve octets before the first name.
HEADER = 12


def packed(instance: str) -> bytes:
    """A packet that zeroconf makes about an instance: PTR from the service to it."""
    service = announcement.SERVICE
    out = DNSOutgoing(0x8400)
    out.add_answer_at_time(DNSPointer(service, 12, 1, 120, f"{instance}.{service}"), 0)
    (packet,) = out.packets()
    return packet


@pytest.mark.parametrize(
    ("ssid", "instance"),
    [
        (b"Vestibule-7KQ2", "Vestibule-7KQ2"),
        ("Café Zentral 🥐".encode(), "Café Zentral 🥐"),
        (b"Pump 7.5", "Pump 7-5"),
        (b" at both ends ", "at both ends"),
        (b"a\x00b\x7f", "a\ufffdb\ufffd"),
        (b"\xff" * 32, "\ufffd" * 19),
        (b" ", "Vestibule"),
        (b"_http._tcp", "_http-_tcp"),
    ],
)
def test_an_instance_is_named_after_the_access_point(ssid: bytes, instance: str) -> None:
    """The SSID as it is where one label can hold it, and never a name that reads as two."""
    assert announcement.instance(ssid) == instance


@given(ssid=st.binary(min_size=1, max_size=32) | st.text(min_size=1).map(lambda t: t.encode()[:32]))
def test_every_ssid_makes_one_label(ssid: bytes) -> None:
    """On the wire it is exactly one label, with room for the ending of a second of that name."""
    instance = announcement.instance(ssid)
    label = instance.encode()
    assert not any(unicodedata.category(character) == "Cc" for character in instance)
    service_type_name(f"{instance}-99.{announcement.SERVICE}", strict=True)
    assert packed(instance).endswith(bytes([len(label)]) + label + b"\xc0\x0c")
    assert packed(instance)[HEADER:].startswith(b"\x0a_vestibule\x04_tcp\x05local\x00")


@pytest.mark.parametrize("name", ["pump", "pump-7", "7", "a" * 63])
def test_host_names(name: str) -> None:
    """One label, as RFC 1123 has it."""
    assert announcement.is_label(name)


@pytest.mark.parametrize(
    "name", ["", "Pump", "pump.local", "-a", "a-", "a_b", "é", "a" * 64, "a\n"]
)
def test_no_host_names(name: str) -> None:
    """What a resolver would read otherwise is none."""
    assert not announcement.is_label(name)


def test_the_texts_are_short() -> None:
    """Keys of at most nine characters (RFC 6763 6.4), each pair well below 255 bytes."""
    found = announcement.texts("100.64.64.1", 80, "0.1.0")
    path, host = "/api/v1/status", "100.64.64.1"
    assert found == {"path": path, "host": host, "api": "v1", "version": "0.1.0"}
    assert all(len(key) <= 9 for key in found)
    other = announcement.texts("10.0.0.1", 8080, None)
    assert other == {"path": path, "host": "10.0.0.1:8080", "api": "v1"}
