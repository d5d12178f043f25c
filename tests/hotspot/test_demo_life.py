"""The demo, whole: as a person starts it, uses it, breaks it and ends it."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
from dnslib import DNSRecord

from tests.hotspot import demos
from tests.hotspot.demos import Demo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo of this test's own."""
    with demos.running(tmp_path) as running:
        yield running


def test_a_newcomer_s_first_minute(demo: Demo) -> None:
    """The page opens, a probe is led to it, a name is answered, the networks are heard."""
    address, port = demo.place
    assert demo.lines[0].startswith(f"vestibule ready: http://{address}:{port}/ ")
    status, _, page = demo.ask("GET", "/")
    assert status == 200
    assert "<form" in page
    status, headers, _ = demo.ask("GET", "/hotspot-detect.html", {"Host": "captive.apple.com"})
    assert (status, headers["Location"]) == (302, f"http://{address}:{port}/")
    query = DNSRecord.question("captive.apple.com")
    reply = DNSRecord.parse(query.send(*demo.resolver, timeout=demos.DEADLINE))
    assert str(reply.short()) == "127.0.0.1"
    _, _, networks = demo.ask("GET", "/api/v1/networks")
    assert "Home Sweet Home" in networks


def test_an_answer_arrives(demo: Demo) -> None:
    """What is submitted is acknowledged, kept, and delivered to a file of its own."""
    answer = json.dumps({"ssid": "Home Sweet Home", "passphrase": "correct horse", "fields": {}})
    status, _, body = demo.ask("POST", "/api/v1/setup", JSON, answer)
    assert status == 202
    record = demo.state / "delivered" / f"{json.loads(body)['id']}.json"
    deadline = time.monotonic() + demos.DEADLINE
    # No event tells another process of a file; looking is what the operator would do.
    while not record.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert json.loads(record.read_text())["id"] == json.loads(body)["id"]
    assert "correct horse" not in demo.stderr.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_behind(demo: Demo, number: int) -> None:
    """Ctrl-C, SIGTERM or a closed terminal: exit status 0, every process gone, ports free."""
    below = demo.processes()
    assert any("-m dnsd" in words for words in below.values())
    assert any("-m portal" in words for words in below.values())
    assert demo.stop(number) == 0
    for pid in below:
        demos.wait_for_end(pid)
    assert "going down" in demo.stderr.read_text()


def test_a_killed_portal_comes_back(demo: Demo) -> None:
    """A request made while the portal is dead waits, and is answered by the next one."""
    portal = min(pid for pid, words in demo.processes().items() if "-m portal " in words)
    os.kill(portal, signal.SIGKILL)
    demos.wait_for_end(portal)
    assert demo.ask("GET", "/")[0] == 200
    died = "vestibule: portal was ended by signal 9 (Killed), starts again in 0.1 s\n"
    assert died in demo.stderr.read_text()


def test_nothing_outlives_a_killed_supervisor(demo: Demo) -> None:
    """SIGKILL cannot be heard; the children end all the same, and the next start succeeds."""
    below = demo.processes()
    demo.process.kill()
    for pid in below:
        demos.wait_for_end(pid)
    with demos.running(demo.state.parent, "--http", "{}:{}".format(*demo.place)) as again:
        assert again.ask("GET", "/")[0] == 200


def test_one_at_a_time(demo: Demo, tmp_path: Path) -> None:
    """A second one in the same directory is refused with the number of the first."""
    second = demos.start(demo.state, stderr=tmp_path / "second")
    assert second.communicate(timeout=demos.DEADLINE)[0] == ""
    pid = demo.process.pid
    expected = f"another vestibule is running (pid {pid}): stop it first: kill {pid}\n"
    assert (second.returncode, (tmp_path / "second").read_text()) == (1, expected)


@pytest.mark.parametrize("option", ["--http", "--dns"])
def test_a_taken_port_is_refused_by_name(demo: Demo, tmp_path: Path, option: str) -> None:
    """A port somebody holds: who it is, and the option that moves us, in one line."""
    address, port = demo.place if option == "--http" else demo.resolver
    words = (option, f"{address}:{port}")
    second = demos.start(tmp_path / "other", *words, stderr=tmp_path / "second")
    assert second.communicate(timeout=demos.DEADLINE)[0] == ""
    protocol = "TCP" if option == "--http" else "UDP"
    said = (tmp_path / "second").read_text()
    assert second.returncode == 1
    assert said.startswith(f"{protocol} port {port} on {address} is taken by ")
    assert f"(pid {demo.process.pid})" in said
    remedy = f": stop it, or choose another port with {option} 127.0.0.1:PORT\n"
    assert said.endswith(remedy)
    assert said.count("\n") == 1
