"""Who is released, and for how long."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from portal.release import UNLEASED_SECONDS, Client, Released, clients

PHONE = "100.64.64.20"
PACKED = socket.inet_aton(PHONE)
MAC = "02:00:00:00:01:00"


class Clock:
    """Wall time that only moves when told to."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    """A clock at 1000 s."""
    return Clock()


def lease(runtime: Path, expires: int, mac: str = MAC, address: str = PHONE) -> None:
    """What dnsmasq would have on file."""
    (runtime / "dnsmasq.leases").write_text(f"{expires} {mac} {address} phone 01:{mac}\n")


def on_file(runtime: Path) -> list[str]:
    """Where the resolver looks."""
    return [path.name for path in (runtime / "released").iterdir()]


def test_nobody_is_released_at_first(tmp_path: Path, clock: Clock) -> None:
    """An address means nothing by itself."""
    assert PACKED not in Released(tmp_path, clock)
    assert "100.64.64.20" not in Released(tmp_path, clock)


def test_a_release_lasts_as_long_as_the_lease(tmp_path: Path, clock: Clock) -> None:
    """It ends with the lease, and is then gone from where the resolver looks, too."""
    lease(tmp_path, 1600)
    released = Released(tmp_path, clock)
    released.release(PHONE)

    clock.time = 1599
    assert PACKED in released
    assert on_file(tmp_path) == [PHONE]

    clock.time = 1601
    assert PACKED not in released
    released.sweep()
    assert on_file(tmp_path) == []


def test_a_renewed_lease_goes_on(tmp_path: Path, clock: Clock) -> None:
    """The same station's renewal keeps it released."""
    lease(tmp_path, 1600)
    released = Released(tmp_path, clock)
    released.release(PHONE)
    lease(tmp_path, 2200)
    clock.time = 1700
    released.sweep()

    assert PACKED in released


def test_the_address_of_another_is_captive(tmp_path: Path, clock: Clock) -> None:
    """Who gets the address next has not been released."""
    lease(tmp_path, 1600)
    released = Released(tmp_path, clock)
    released.release(PHONE)
    lease(tmp_path, 2300, mac="02:00:00:00:02:00")
    clock.time = 1700

    assert PACKED not in released


def test_a_client_without_a_lease_is_released_for_a_while(tmp_path: Path, clock: Clock) -> None:
    """As in the demo, where addresses come from nowhere."""
    released = Released(tmp_path, clock)
    released.release("127.0.0.1")
    packed = socket.inet_aton("127.0.0.1")

    clock.time += UNLEASED_SECONDS - 1
    assert packed in released
    clock.time += 2
    assert packed not in released


def test_a_restart_remembers(tmp_path: Path, clock: Clock) -> None:
    """A new process knows who was released, as long as the lease is still theirs."""
    lease(tmp_path, 1600)
    Released(tmp_path, clock).release(PHONE)
    (tmp_path / "released" / "not-an-address").write_text("x")

    assert PACKED in Released(tmp_path, clock)

    lease(tmp_path, 1600, mac="02:00:00:00:02:00")
    assert PACKED not in Released(tmp_path, clock)


def test_everybody_is_listed(tmp_path: Path, clock: Clock) -> None:
    """In the order of their addresses, with their state."""
    (tmp_path / "dnsmasq.leases").write_text(
        f"1600 {MAC} 100.64.64.100 phone *\n1600 02:00:00:00:02:00 100.64.64.20 * *\n"
    )
    Released(tmp_path, clock).release("100.64.64.100")

    assert list(clients(tmp_path)) == [
        Client("100.64.64.20", "02:00:00:00:02:00", "", released=False),
        Client("100.64.64.100", MAC, "phone", released=True),
    ]
