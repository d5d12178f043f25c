"""Who would be cut off by a start: read from /proc, as the kernel and sshd write it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.checks import cutoff

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid …\n"
REST = "00000000:00000000 00:00000000 00000000     0        0 4711 1 0\n"
# sshd listening; a session at 192.0.2.7; one to another port; one that is being closed.
TCP = HEAD + "".join(
    f"   0: {local} {far} {state} {REST}"
    for local, far, state in (
        ("00000000:0016", "00000000:0000", "0A"),
        ("070200C0:0016", "090200C0:C001", "01"),
        ("080200C0:0050", "090200C0:C002", "01"),
        ("0A0200C0:0016", "090200C0:C003", "06"),
    )
)
# A session at 192.0.2.11 of an sshd that listens on both, and one at fe80::1.
TCP6 = HEAD + "".join(
    f"   0: {local}:0016 {'0' * 32}:C001 01 {REST}"
    for local in ("0000000000000000FFFF00000B0200C0", "000080FE000000000000000001000000")
)
INET6 = (
    "00000000000000000000000000000001 01 80 10 80       lo\n"
    "fe800000000000000000000000000001 03 40 20 80    wlan0\n"
)


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc with those tables."""
    (tmp_path / "net").mkdir()
    for name, text in {"tcp": TCP, "tcp6": TCP6, "if_inet6": INET6}.items():
        (tmp_path / "net" / name).write_text(text)
    return tmp_path


def process(proc: Path, pid: int, parent: int, environ: bytes = b"") -> None:
    """One more process there."""
    folder = proc / str(pid)
    folder.mkdir()
    (folder / "status").write_text(f"Name:\tsh\nPid:\t{pid}\nPPid:\t{parent}\n")
    (folder / "environ").write_bytes(environ)


def test_sessions_are_the_established_ones_of_ssh(proc: Path) -> None:
    """Neither who listens, nor another port, nor what is closing; IPv4 within IPv6 is IPv4."""
    found = {str(address) for address in cutoff.sessions(proc)}

    assert found == {"192.0.2.7", "192.0.2.11", "fe80::1"}


def test_a_session_on_another_port_is_known_by_our_ancestors(proc: Path) -> None:
    """sudo's own environment lacks SSH_CONNECTION; the shell before it has it."""
    process(proc, 1, 0)
    process(proc, 70, 1, b"A=1\0SSH_CONNECTION=192.0.2.9 50000 192.0.2.5 2222\0B=2\0")
    process(proc, 80, 70, b"SUDO_USER=pi\0")

    assert list(cutoff.above(80, proc)) == [ip_address("192.0.2.5")]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (b"SSH_CONNECTION=a 1 ::ffff:192.0.2.5 22\0", "192.0.2.5"),
        (b"SSH_CONNECTION=a 1 fe80::5%wlan0 22", "fe80::5"),
        (b"SSH_CONNECTION=a 1 nonsense 22\0", "0.0.0.0"),
    ],
)
def test_addresses_as_sshd_writes_them(proc: Path, written: bytes, address: str) -> None:
    """Mapped, with a zone, or nothing that is one."""
    process(proc, 5, 1, written)

    assert list(cutoff.above(5, proc)) == [ip_address(address)]


@pytest.mark.parametrize("written", [b"", b"NOT_SSH_CONNECTION=a 1 192.0.2.5 22\0"])
def test_who_came_otherwise(proc: Path, written: bytes) -> None:
    """At the machine's own keyboard there is no such variable, and another's name is not it."""
    process(proc, 5, 1, written)

    assert list(cutoff.above(5, proc)) == []


def test_company_by_any_address_of_the_adapter(proc: Path) -> None:
    """Its own addresses, and the link's own in IPv6; a session elsewhere is no matter."""
    assert cutoff.is_company("wlan0", {ip_address("192.0.2.7")}, proc)
    assert cutoff.is_company("wlan0", set(), proc)  # fe80::1 is wlan0's
    assert not cutoff.is_company("wlan1", {ip_address("192.0.2.10")}, proc)


def test_a_machine_without_any_of_these_files(tmp_path: Path) -> None:
    """Nobody is there whom nobody can see."""
    assert not cutoff.is_company("wlan0", {ip_address("192.0.2.7")}, tmp_path)


@given(st.binary(max_size=200))
def test_any_environment(tmp_path_factory: pytest.TempPathFactory, environ: bytes) -> None:
    """Whatever a process has in its environment, it is read without an error."""
    proc = tmp_path_factory.mktemp("proc")
    process(proc, 5, 1, b"SSH_CONNECTION=" + environ)

    assert len(list(cutoff.above(5, proc))) <= 1
