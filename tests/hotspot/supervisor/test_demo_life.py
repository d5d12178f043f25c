"""The demo, whole: as a person starts it, uses it, breaks it and ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.hotspot import demos
from tests.hotspot.demos import Demo
from tests.portal.reading import token_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JSON = {"Content-Type": "application/json"}
APPLE = {"Host": "captive.apple.com"}
SUCCESS = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"


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
    assert demo.resolve("captive.apple.com") == "127.0.0.1"
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


def seen_online(demo: Demo, source: str) -> tuple[int, str, str]:
    """What Apple's prober and Windows' resolver probe are told at `source`."""
    status, _, body = demo.ask("GET", "/", APPLE, source=source)
    return status, body if status == 200 else "", demo.resolve("dns.msftncsi.com", source)


def wait_until_online(demo: Demo, source: str = "127.0.0.1") -> None:
    """Until Apple's prober is told so, as it would ask itself: again and again."""
    deadline = time.monotonic() + demos.DEADLINE
    while demo.ask("GET", "/", APPLE, source=source)[0] != 200:
        assert time.monotonic() < deadline, demo.stderr.read_text()
        time.sleep(0.05)


def test_whoever_has_finished_is_online(demo: Demo) -> None:
    """The form sent, its network joined: that client's own checks succeed, and nobody else's."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    captive = (302, "", "127.0.0.1")
    assert seen_online(demo, "127.0.0.1") == captive
    wish = "ssid=Home&network=other&passphrase=12345678"
    signed = f"&token={token_in(demo.ask('GET', '/')[2])}"
    status, _, _ = demo.ask("POST", "/setup", form, wish + signed)
    assert status == 303
    wait_until_online(demo)

    assert seen_online(demo, "127.0.0.1") == (200, SUCCESS, "131.107.255.255")
    assert seen_online(demo, "127.0.0.2") == captive
    deadline = time.monotonic() + demos.DEADLINE
    while not list((demo.state / "delivered").glob("*.json")):
        assert time.monotonic() < deadline, demo.stderr.read_text()
        time.sleep(0.02)
    _, headers, _ = demo.ask("GET", "/", {"Host": "example.com"})
    assert headers["Location"] == "http://{}:{}/".format(*demo.place)


def test_whoever_stays_is_online_until_the_next_run(demo: Demo) -> None:
    """By the button, at once, listed by `vestibule clients`; a fresh run knows nobody."""
    source = "127.0.0.3"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    signed = f"token={token_in(demo.ask('GET', '/', source=source)[2])}"
    assert demo.ask("POST", "/release", form, signed, source=source)[0] == 303
    assert seen_online(demo, source) == (200, SUCCESS, "131.107.255.255")
    assert clients(demo) == [{"address": source, "mac": "", "name": "", "state": "released"}]

    demo.process.kill()
    demo.process.wait(demos.DEADLINE)
    with demos.running(demo.state.parent) as again:
        assert seen_online(again, source) == (302, "", "127.0.0.1")
        assert clients(again) == []


def test_a_portal_that_comes_back_remembers(demo: Demo) -> None:
    """Killed and started again within one run: who was online stays online."""
    assert demo.ask("POST", "/api/v1/release")[2] == '{"released":true}\n'
    portal = min(pid for pid, words in demo.processes().items() if "-m portal " in words)
    os.kill(portal, signal.SIGKILL)
    demos.wait_for_end(portal)

    assert seen_online(demo, "127.0.0.1") == (200, SUCCESS, "131.107.255.255")


def clients(demo: Demo) -> object:
    """What `vestibule clients --json` says."""
    runtime = str(demo.state / "run")
    argv = [sys.executable, "-m", "hotspot", "clients", "--json", "--runtime", runtime]
    done = subprocess.run(
        argv, cwd=demos.ROOT, stdout=subprocess.PIPE, check=True, timeout=demos.DEADLINE
    )
    return json.loads(done.stdout)


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
