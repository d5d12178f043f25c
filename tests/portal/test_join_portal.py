"""The whole of joining: the portal as a process, its API, and the real agent in its demo."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from portal.provisioning.keeping.store import Store
from portal.provisioning.life import State
from tests.portal.agent import FakeAgent, connected, demo_agent, fake_agent, went
from tests.portal.fakes import network
from tests.portal.serving import Portal, portal_process

DEADLINE = 20.0
HOME = network("Home Sweet Home")
CANARY = "kanarienvogel"


@contextmanager
def joining_portal(folder: Path) -> Iterator[Portal]:
    """A portal whose records are joined first."""
    config = folder / "config.toml"
    # One thread: whoever held it would be noticed.
    config.write_text(
        '[radio]\ncountry = "DE"\n[provisioning]\njoins = true\n[portal]\nthreads = 1\n'
    )
    with portal_process(folder, [HOME], f"--config={config}") as portal:
        yield portal


def ask(portal: Portal, method: str, path: str, document: object = None) -> tuple[int, Any]:
    """One request to the API: status and document."""
    body = b"" if document is None else json.dumps(document).encode()
    host = portal.url.split("/")[2]
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    answer = portal.exchange(head.encode() + body)
    head_bytes, _, rest = answer.partition(b"\r\n\r\n")
    return int(head_bytes.split()[1]), json.loads(rest) if rest else None


def submit(portal: Portal, passphrase: str = CANARY) -> str:
    """The id of a new set-up."""
    wish = {"network": HOME.id, "passphrase": passphrase}
    status, told = ask(portal, "POST", "/api/v1/setup", wish)
    assert status == 202
    return str(told["id"])


def join(portal: Portal, id_: str) -> dict[str, Any]:
    """Where its join stands."""
    status, told = ask(portal, "GET", f"/api/v1/setup/{id_}")
    assert status == 200
    return dict(told["join"])


def becomes(portal: Portal, id_: str, *states: str) -> dict[str, Any]:
    """Wait for one of these states."""
    deadline = time.monotonic() + DEADLINE
    while (now := join(portal, id_))["state"] not in states:
        assert time.monotonic() < deadline, (now, portal.stderr())
        time.sleep(0.02)
    return now


PROBE = b"GET / HTTP/1.1\r\nHost: captive.apple.com\r\n\r\n"


def test_connected(tmp_path: Path) -> None:
    """Told step by step, delivered and released only then; the password nowhere outside."""
    with demo_agent(tmp_path), joining_portal(tmp_path) as portal:
        id_ = submit(portal)
        now = becomes(portal, id_, "connected")
        assert (now["outcome"], now["next"]) == ("connected", "done")
        assert now["address"] == "192.168.77.131/24"
        assert now["hostname"] == "raspberrypi"
        assert {step["state"] for step in now["steps"]} == {"done"}
        assert portal.exchange(PROBE).startswith(b"HTTP/1.1 200 ")
        status, told = ask(portal, "GET", f"/api/v1/setup/{id_}")
        assert (status, told["state"], told["released"]) == (200, "accepted", True)
        assert CANARY not in json.dumps(told)
    assert CANARY not in portal.stderr()
    with Store(tmp_path / "records.db") as store:
        task = store.due(["keep"])
        assert task is not None
        assert task.id == id_


def test_a_wrong_password_and_the_right_one(tmp_path: Path) -> None:
    """The first stays as an attempt, and its client captive; the second goes on."""
    with demo_agent(tmp_path), joining_portal(tmp_path) as portal:
        wrong = submit(portal, "wrong password")
        now = becomes(portal, wrong, "failed")
        assert (now["outcome"], now["next"], now["again"]) == ("wrong_password", "password", False)
        assert portal.exchange(PROBE).startswith(b"HTTP/1.1 302 ")
        right = submit(portal)
        becomes(portal, right, "connected")
        assert join(portal, wrong)["state"] == "failed"
    with Store(tmp_path / "records.db") as store:
        held = store.state(wrong)
        assert held is not None
        assert held.state is State.HELD


def test_no_agent(tmp_path: Path) -> None:
    """The radio does not answer, and that is what is said."""
    with joining_portal(tmp_path) as portal:
        now = becomes(portal, submit(portal), "failed")

    assert (now["outcome"], now["again"]) == ("failed", True)
    assert now["what"] == "this device's radio does not answer"


class Events:
    """A client that follows a join."""

    def __init__(self, portal: Portal, id_: str) -> None:
        self._client = portal.connect()
        host = portal.url.split("/")[2]
        head = f"GET /api/v1/setup/{id_}/events HTTP/1.1\r\nHost: {host}\r\n\r\n"
        self._client.sendall(head.encode())
        self._file = self._client.makefile("rb")
        self.head = b"".join(iter(self._file.readline, b"\r\n"))

    def next(self) -> dict[str, Any] | None:
        """The join as the next event has it, or None at the end of the stream."""
        size = int(self._file.readline(), 16)
        data = self._file.read(size)
        self._file.readline()
        if not data:
            return None
        assert data.startswith(b"data: ")
        assert data.endswith(b"\n\n")
        return dict(json.loads(data[6:])["join"])

    def close(self) -> None:
        """Go away."""
        self._file.close()
        self._client.close()


def test_followed_as_it_happens(tmp_path: Path) -> None:
    """Each change as an event, the outcome last; nobody holds a thread, and pages are served."""
    with fake_agent(tmp_path / "radio.sock") as agent, joining_portal(tmp_path) as portal:
        id_ = submit(portal)
        call = agent.next("join")
        becomes(portal, id_, "trying")
        followers = [Events(portal, id_) for _ in range(4)]
        assert all(b"\r\nContent-Type: text/event-stream" in each.head for each in followers)
        call.say(*went("found"))
        for each in followers:
            told = []
            while (now := each.next()) and now["steps"][0]["state"] != "begun":
                told.append(now["state"])
            assert set(told) <= {"trying"}
        call.ends(*went("found", "done")[1:], *connected(id_)[2:])
        for each in followers:
            states = []
            while (now := each.next()) is not None:
                states.append(now["state"])
            assert states[-1] == "connected"
            assert set(states[:-1]) <= {"trying"}
            each.close()
        status, nothing = ask(portal, "GET", f"/api/v1/setup/{id_}/events")
        assert (status, nothing) == (204, None)
    assert "Traceback" not in portal.stderr()


def test_a_portal_that_ends_lets_followers_go(tmp_path: Path) -> None:
    """Their streams end, and so does the process, at once."""
    with fake_agent(tmp_path / "radio.sock") as agent, joining_portal(tmp_path) as portal:
        id_ = submit(portal)
        agent.next("join")
        becomes(portal, id_, "trying")
        follower = Events(portal, id_)
        portal.process.terminate()
        while follower.next() is not None:
            pass
        follower.close()
        assert portal.process.wait(DEADLINE) == 0


def restarted(portal: Portal, id_: str, agent: FakeAgent, how: signal.Signals) -> None:
    """A portal that ends in the middle of a join, as its supervisor would see it."""
    agent.join = {"key": id_, "outcome": None}
    portal.process.send_signal(how)
    if how is not signal.SIGHUP:
        portal.process.wait(DEADLINE)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_portal_that_ends_in_the_middle(tmp_path: Path, how: signal.Signals) -> None:
    """However it ends, the next one follows the same join, and nobody is asked to join twice."""
    with fake_agent(tmp_path / "radio.sock") as agent:
        with joining_portal(tmp_path) as portal:
            id_ = submit(portal)
            agent.next("join").say(*went("found", "done"))
            assert becomes(portal, id_, "trying")["attempts"] == 1
            restarted(portal, id_, agent, how)
        with joining_portal(tmp_path) as portal:
            agent.next("follow").ends(*connected(id_))
            now = becomes(portal, id_, "connected")
    assert now["attempts"] == 1


def test_a_page_that_got_lost(tmp_path: Path) -> None:
    """`/` leads to the last outcome first, also after the portal has begun anew."""
    with demo_agent(tmp_path):
        with joining_portal(tmp_path) as portal:
            id_ = submit(portal, "wrong password")
            becomes(portal, id_, "failed")
            assert leads_to(portal, "/") == f"{portal.url}setup/{id_}"
            assert leads_to(portal, "/?new=1") == ""
        with joining_portal(tmp_path) as portal:
            deadline = time.monotonic() + DEADLINE
            while not (there := leads_to(portal, "/")):
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert there == f"{portal.url}setup/{id_}"


def leads_to(portal: Portal, path: str) -> str:
    """Where a page sends its reader on to, "" where it does not."""
    host = portal.url.split("/")[2]
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    answer = portal.exchange(head.encode())
    return answer.partition(b"\r\nLocation: ")[2].partition(b"\r\n")[0].decode()


def test_a_portal_that_makes_way(tmp_path: Path) -> None:
    """SIGHUP: the successor in the same process follows the join to its end."""
    with fake_agent(tmp_path / "radio.sock") as agent, joining_portal(tmp_path) as portal:
        id_ = submit(portal)
        agent.next("join").say(*went("found", "done"))
        becomes(portal, id_, "trying")
        restarted(portal, id_, agent, signal.SIGHUP)
        agent.next("follow").ends(*connected(id_))

        assert becomes(portal, id_, "connected")["attempts"] == 1


def test_the_next_answers_take_the_place_of_the_last(tmp_path: Path) -> None:
    """Whoever corrects a mistake before it is found out need not wait for it."""
    with fake_agent(tmp_path / "radio.sock") as agent, joining_portal(tmp_path) as portal:
        first = submit(portal)
        call = agent.next("join")
        assert call.key == first
        second = submit(portal)
        cancel = agent.next("cancel")
        assert cancel.key == first
        cancel.ends({"event": "cancelled"})
        call.ends({"event": "outcome", "outcome": "cancelled", "step": "found", "key": first})
        agent.next("join").ends(*connected(second))

        assert becomes(portal, second, "connected")
        assert join(portal, first)["outcome"] == "cancelled"
