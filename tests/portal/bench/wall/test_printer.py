"""The label printer: where it may be, and what becomes of one that is not there."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.port import Refused
from portal.bench.wall.printer import Printer, parsed
from tests.portal.bench.wall.printing import printer


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("192.168.1.40", ("192.168.1.40", 9100)),
        (" 10.0.0.9:9101 ", ("10.0.0.9", 9101)),
        ("100.64.64.30", ("100.64.64.30", 9100)),
        ("127.0.0.1:1", ("127.0.0.1", 1)),
        ("169.254.3.4", ("169.254.3.4", 9100)),
    ],
)
def test_where_it_may_be(text: str, where: tuple[str, int]) -> None:
    """Addresses of the own networks, with a port or without."""
    assert parsed(text) == where


@pytest.mark.parametrize(
    "text",
    [
        "", "8.8.8.8", "printer.local", "192.168.1.40:0", "192.168.1.40:65536", "192.168.1.40:x",
        "192.168.1", "::1", "[fe80::1]:9100", "192.168.1.40:9100:1", "http://192.168.1.40",
        "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.168.1.40:", "192.168.1.40@8.8.8.8",
        "\uff10.0.0.1",
    ],
)  # fmt: skip
def test_where_it_may_not_be(text: str) -> None:
    """Names, public addresses, nonsense: nothing is sent there."""
    with pytest.raises(Refused, match=r"192\.168\.1\.40"):
        parsed(text)


@given(st.text(max_size=30))
def test_any_text_may_be_typed(text: str) -> None:
    """It is an address or refused in words."""
    try:
        host, port = parsed(text)
    except Refused:
        return
    assert socket.inet_aton(host)
    assert 0 < port < 65_536


def test_it_is_remembered(tmp_path: Path) -> None:
    """Across a restart, in a file of its own; the settings' one counts first."""
    Printer(tmp_path / "bench" / "printer").change("192.168.1.40")

    assert Printer(tmp_path / "bench" / "printer").address == "192.168.1.40"
    assert Printer(tmp_path / "bench" / "printer", "10.0.0.9").address == "10.0.0.9"
    with pytest.raises(Refused):
        Printer(tmp_path / "bench" / "printer").change("8.8.8.8")
    assert Printer(tmp_path / "bench" / "printer").address == "192.168.1.40"
    Printer(tmp_path / "bench" / "printer").change("")
    assert Printer(tmp_path / "bench" / "printer").address == ""


def test_it_prints(tmp_path: Path) -> None:
    """What is sent arrives whole, and the connection ends."""
    with printer() as fake:
        Printer(tmp_path / "p", fake.address).send("^XA^FDä^FS^XZ\n" * 1000)

        assert fake.jobs == ["^XA^FDä^FS^XZ\n" * 1000]


def test_one_that_is_not_there(tmp_path: Path) -> None:
    """Is told in words that help."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(Refused, match="is it on"):
        Printer(tmp_path / "p", address).send("x")
    with pytest.raises(Refused):
        Printer(tmp_path / "none").send("x")
