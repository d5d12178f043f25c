"""Who is released, and for how long."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from portal.release.released import UNLEASED_SECONDS, Client, Released, clients

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


def test_the_next_holder_is_captive_at_once(tmp_path: Path, clock: Clock) -> None:
    """Also where the first lease was given back before its time."""
    lease(tmp_path, 1600)
    released = Released(tmp_path, clock)
    released.release(PHONE)
    lease(tmp_path, 1650, mac="02:00:00:00:02:00")

    assert PACKED not in released
    released.sweep()
    assert on_file(tmp_path) == []


def test_a_lease_file_in_the_making_ends_nothing(tmp_path: Path, clock: Clock) -> None:
    """dnsmasq empties it before it writes it anew."""
    lease(tmp_path, 1600)
    released = Released(tmp_path, clock)
    released.release(PHONE)
    (tmp_path / "dnsmasq.leases").write_text("")
    released.sweep()

    assert PACKED in released


@pytest.mark.parametrize("address", ["", "::1", "1.2.3.4 /../x", "100.64.64", "../lock"])
def test_what_is_no_address_is_refused(tmp_path: Path, clock: Clock, address: str) -> None:
    """It would become a file's name."""
    released = Released(tmp_path, clock)
    with pytest.raises(OSError, match="illegal IP address"):
        released.release(address)

    assert not released.is_released(address)
    assert not list(tmp_path.iterdir())


def test_an_unwritable_directory_is_told_when_it_matters(tmp_path: Path, clock: Clock) -> None:
    """The portal starts all the same; a release fails, and is then none."""
    (tmp_path / "released").write_text("in the way")
    released = Released(tmp_path, clock)
    with pytest.raises(FileExistsError):
        released.release(PHONE)

    assert not released.is_released(PHONE)


def test_threads_do_not_meet(tmp_path: Path, clock: Clock) -> None:
    """Releasing, sweeping and asking at once: nobody sees an error, and all are released."""
    released = Released(tmp_path, clock)
    addresses = [f"100.64.65.{number}" for number in range(100)]
    is_over = threading.Event()
    seen: list[bool] = []

    def ask() -> None:
        while not is_over.is_set():
            released.sweep()
            seen.append(released.is_released(addresses[0]))

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for address in addresses:
        released.release(address)
    clock.time += UNLEASED_SECONDS + 1
    while len(released):
        released.sweep()
    is_over.set()
    for asker in askers:
        asker.join()

    assert seen
    assert on_file(tmp_path) == []


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


def test_the_holder_is_who_has_the_lease(tmp_path: Path, clock: Clock) -> None:
    """By MAC; nobody without a lease."""
    lease(tmp_path, 1600)
    released = Released(tmp_path, clock)

    assert (released.holder(PHONE), released.holder("100.64.64.21")) == (MAC, "")


def test_the_list_knows_who_holds_an_address_now(tmp_path: Path, clock: Clock) -> None:
    """A file that an earlier holder left, or one that is no address, releases nobody."""
    lease(tmp_path, 1600)
    Released(tmp_path, clock).release(PHONE)
    (tmp_path / "released" / "not-an-address").write_text("x")
    lease(tmp_path, 2300, mac="02:00:00:00:02:00")

    assert [each.released for each in clients(tmp_path)] == [False]


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
