"""What is said when everything answers."""

from __future__ import annotations

import pytest

from hotspot.config.values import Secret, Security
from hotspot.label import invitation as joining
from hotspot.supervisor import ready

URL = "http://127.0.0.1:8080/"


def test_the_demo_s_first_minute() -> None:
    """The ready line first, then each command on a line of its own, with the real addresses."""
    lines = ready.demo(URL, ("127.0.0.1", 5300), "vestibule records list --state /run-demo")
    assert lines[0].startswith(f"vestibule ready: {URL} ")
    commands = {line[19:].split()[0]: line for line in lines[1:]}
    assert f"-H 'Host: captive.apple.com' {URL}hotspot-detect.html" in commands["curl"]
    assert "@127.0.0.1 -p 5300" in commands["dig"]
    assert commands["vestibule"].endswith("vestibule records list --state /run-demo")


@pytest.mark.parametrize(
    ("ssid", "shown"),
    [
        (b"Vestibule-7KQ2", "Vestibule-7KQ2"),
        ("Café ☕".encode(), "Café ☕"),
        (b"\xff\x00 cut", "\\xff\\x00 cut"),
        (b"\x1b[2J", "\\x1b[2J"),
    ],
)
def test_the_ready_line_names_the_network(ssid: bytes, shown: str) -> None:
    """Any SSID stands in one harmless line."""
    line = ready.radio(ssid, "http://100.64.64.1/")
    assert line == f'vestibule ready: SSID "{shown}" http://100.64.64.1/'


def test_the_joining_code_holds_what_a_phone_needs() -> None:
    """The drawing is the code of the joining text, with its quiet zone and the key below it."""
    key = Secret("k7fq-2m9x-abcd-efgh")
    text = joining.qr_text(b"Vestibule-7KQ2", key, Security.WPA2)
    *drawing, last = ready.joining(text, key).splitlines()
    assert last == "  key: k7fq-2m9x-abcd-efgh"
    # Version 4 is 33 modules a side; two rows to a line, a border of two modules around it.
    assert len(drawing) == (33 + 2 * 2 + 1) // 2


def test_an_open_network_has_no_key() -> None:
    """There is no key to show, and it is said."""
    drawing = ready.joining(joining.qr_text(b"Open", None, Security.OPEN), None)
    assert drawing.endswith("  no key: the network is open")
