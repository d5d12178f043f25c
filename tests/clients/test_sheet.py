"""The sheet's hard cases: much at once, and nothing reset, cut short or refused."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.clients import android, apple_now, windows
from tests.clients.answers import Answers
from tests.clients.asking import Exchange, Network, Outcome
from tests.clients.house import House, house
from tests.clients.phone import DEADLINE, Phone, Style

MEGABYTE = 1 << 20
PROBERS: tuple[Callable[[Network], Outcome], ...] = (
    apple_now.check, android.check, windows.check,
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One appliance to which this machine is captive."""
    with house(tmp_path_factory.mktemp("house"), released=False) as running:
        yield running


def shows_the_page(phone: Phone) -> None:
    """Load the page as the sheet does."""
    page = apple_now.sheet(phone)
    assert isinstance(page, Exchange)
    assert page.status == 200
    assert page.body.rstrip().endswith(b"</html>")


@contextmanager
def probing(home: House) -> Iterator[list[set[Outcome]]]:
    """Three systems that probe without end meanwhile; afterwards the list has what they found."""
    is_over = threading.Event()
    outcomes: list[set[Outcome]] = []

    def probe(check: Callable[[Network], Outcome]) -> set[Outcome]:
        with home.phone() as phone:
            found = {check(phone)}
            while not is_over.is_set():
                found.add(check(phone))
        return found

    with ThreadPoolExecutor(len(PROBERS)) as pool:
        running = [pool.submit(probe, check) for check in PROBERS]
        try:
            yield outcomes
        finally:
            is_over.set()
        outcomes += [each.result(DEADLINE) for each in running]


def ask(home: House, connection: socket.socket, text: str = "GET / HTTP/1.1\r\n") -> None:
    """Say a request, or the rest of one, on this connection."""
    host = home.portal.url.split("/")[2]
    connection.sendall(f"{text}Host: {host}\r\nConnection: close\r\n\r\n".encode())


def answer_on(connection: socket.socket) -> Exchange:
    """The answer on this connection, and a clean end behind it."""
    answers = Answers(lambda: connection.recv(65536))
    answer = answers.next()
    assert answers.end() == b""
    connection.close()
    return answer


def test_twelve_connections_of_which_eight_are_idle(home: House) -> None:
    """Four load the page at once; the eight opened ahead of need still serve afterwards."""
    idle = [home.portal.connect() for _ in range(8)]

    def load(_: int) -> None:
        with home.phone(Style.KEEPING) as phone:
            shows_the_page(phone)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(load, range(4)))
    for connection in idle:
        ask(home, connection)
    answers = [answer_on(connection) for connection in idle]

    assert [answer.status for answer in answers] == [200] * 8


def test_the_page_loads_while_probes_run(home: House) -> None:
    """Three systems probe again and again while the page is loaded forty times."""
    with probing(home) as outcomes, home.phone(Style.KEEPING) as phone:
        for _ in range(40):
            shows_the_page(phone)

    assert outcomes == [{Outcome.SHEET}] * len(PROBERS)


def test_a_probe_during_an_upload_of_a_megabyte(home: House) -> None:
    """Half of the body is on its way when another device probes; both are answered in full."""
    with home.portal.connect() as uploading:
        host = home.portal.url.split("/")[2]
        head = f"POST /setup HTTP/1.1\r\nHost: {host}\r\nContent-Length: {MEGABYTE}\r\n\r\n"
        uploading.sendall(head.encode() + bytes(MEGABYTE // 2))
        with home.phone() as phone:
            assert apple_now.check(phone) is Outcome.SHEET
            shows_the_page(phone)
        uploading.sendall(bytes(MEGABYTE // 2))
        refusal = answer_on(uploading)

    assert refusal.status == 413
    assert refusal.body


def test_connections_held_across_a_reload(tmp_path: Path) -> None:
    """SIGHUP while some are kept, some half-said, some silent, and probes keep coming."""
    with house(tmp_path, released=False) as home:
        kept = [Phone(home.appliance, Style.KEEPING) for _ in range(3)]
        for phone in kept:
            shows_the_page(phone)
        silent = [home.portal.connect() for _ in range(3)]
        half_said = [home.portal.connect() for _ in range(3)]
        for connection in half_said:
            connection.sendall(b"GET / HTTP/1.1\r\n")
        with probing(home) as outcomes:
            reload(home)
            for connection in half_said:
                ask(home, connection, "Accept: */*\r\n")
            for connection in silent:
                ask(home, connection)
            answers = [answer_on(connection) for connection in (*half_said, *silent)]
            for phone in kept:
                shows_the_page(phone)
                phone.close()

        assert [answer.status for answer in answers] == [200] * 6
        assert outcomes == [{Outcome.SHEET}] * len(PROBERS)


def reload(home: House) -> None:
    """Have the portal make way for its successor; its last line of log shows that it has."""
    home.portal.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + DEADLINE
    while "portal: " not in home.portal.stderr():
        assert time.monotonic() < deadline, "no successor"
        time.sleep(0.01)
