"""The holder of a port is found and named from /proc."""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.checks import holders

if TYPE_CHECKING:
    from pathlib import Path

# Copied from a running Debian 12 (x86-64, little endian).
TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0
"""
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 815 1 0
   1: 0000000000000000FFFF00000100007F:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 816 1 0
"""  # noqa: E501 - as the kernel prints it
UDP = """\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
  261: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 900 2
"""


def proc(folder: Path, inode: int) -> Path:
    """A /proc of one process, 77, "other", that has this socket open."""
    (folder / "net").mkdir()
    for name, text in {"tcp": TCP, "tcp6": TCP6, "udp": UDP}.items():
        (folder / "net" / name).write_text(text)
    (folder / "77" / "fd").mkdir(parents=True)
    (folder / "77" / "comm").write_text("other\n")
    (folder / "77" / "fd" / "3").symlink_to(f"socket:[{inode}]")
    return folder


@pytest.mark.parametrize(
    ("protocol", "port", "address", "inode"),
    [
        ("tcp", 8080, "127.0.0.1", 4711),
        ("tcp", 22, "100.64.64.1", 4713),
        ("tcp", 80, "100.64.64.1", 815),
        ("tcp", 8081, "127.0.0.1", 816),
        ("udp", 67, "100.64.64.1", 900),
        ("tcp", 8080, "0.0.0.0", 4711),
    ],
)
def test_every_way_to_stand_in_the_way(
    tmp_path: Path, protocol: holders.Protocol, port: int, address: str, inode: int
) -> None:
    """An exact address, a wildcard, "::" and a mapped address are each found."""
    holder = holders.of_port(protocol, port, address, proc(tmp_path, inode))
    assert str(holder) == "other (pid 77)"


@pytest.mark.parametrize(
    ("protocol", "port", "address", "inode"),
    [
        ("tcp", 8080, "127.0.0.2", 4711),  # bound elsewhere
        ("tcp", 8080, "127.0.0.1", 4712),  # a connection, not a listener
        ("udp", 8080, "127.0.0.1", 4711),  # the other protocol
        ("tcp", 8080, "127.0.0.1", 1),  # nobody we can see has it open
    ],
)
def test_nobody_is_blamed_wrongly(
    tmp_path: Path, protocol: holders.Protocol, port: int, address: str, inode: int
) -> None:
    """A socket that is elsewhere, connected, of the other protocol or unseen names nobody."""
    assert holders.of_port(protocol, port, address, proc(tmp_path, inode)) is None


def test_this_process_is_found() -> None:
    """On the running kernel, our own listener and our own UDP socket are traced back to us."""
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(type=socket.SOCK_DGRAM) as udp,
    ):
        udp.bind(("127.0.0.1", 0))
        for protocol, bound in (("tcp", tcp), ("udp", udp)):
            holder = holders.of_port(protocol, bound.getsockname()[1], "127.0.0.1")  # type: ignore[arg-type]
            assert holder is not None
            assert holder.pid == os.getpid()


def test_mapped_addresses_read_as_ipv4() -> None:
    """An IPv4 address in the IPv6 table is the IPv4 address."""
    assert [entry.address for entry in holders.entries(TCP6)] == [
        ip_address("::"),
        ip_address("127.0.0.1"),
    ]


@given(st.text())
def test_any_text_is_a_table(text: str) -> None:
    """No text makes the parser raise, and what it yields has a port and a state of its column."""
    assert all(entry.inode == int(entry.inode) for entry in holders.entries(text))


@given(
    st.lists(st.sampled_from(["0:", "0100007F:1F90", "0A", "xx", "00000000:0000", "0", "-1", ""]))
)
def test_any_columns_are_a_line(columns: list[str]) -> None:
    """Columns in any number and order are an entry or are passed over."""
    for entry in holders.entries(" ".join(columns)):
        assert isinstance(entry, holders.Entry)
