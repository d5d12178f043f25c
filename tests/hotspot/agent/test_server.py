"""The agent over its real socket: who is answered, and what a hostile or lazy peer costs."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspot.agent import protocol
from hotspot.agent.port import CannotNow
from hotspot.agent.server import inherited
from hotspot.errors import Refused
from tests.hotspot.agent.fakes import DEADLINE
from tests.hotspot.agent.serving import JOIN, Serving, events, serving

NETWORK = {
    "ssid": "486f6d65",
    "bssids": 1,
    "signal": -41,
    "frequency": 2437,
    "channel": 6,
    "security": "wpa2",
}


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Serving]:
    """A server in front of a radio that does what it is told."""
    with serving(tmp_path) as made:
        yield made


def test_what_is_at_once(agent: Serving) -> None:
    """Stations, status and forget are one event each."""
    station = {"address": "02:00:00:00:01:00", "seconds": 7, "signal": -50}
    assert agent.ask("stations") == [{"event": "stations", "stations": [station]}]
    status = {"event": "status", "state": "serving", "join": None, "kept": None}
    assert agent.ask("status") == [status]
    assert agent.ask("forget") == [{"event": "forgotten", "ssid": None}]


def test_a_scan_counts_and_ends_with_the_networks(agent: Serving) -> None:
    """Progress by channel, then every network once."""
    assert agent.ask("scan") == [
        {"event": "scanning", "done": 0, "of": 2},
        {"event": "scanning", "done": 2, "of": 2},
        {"event": "networks", "networks": [NETWORK]},
    ]


def test_two_who_scan_share_one(agent: Serving) -> None:
    """The radio listens once; both hear all of it."""
    agent.radio.gate.clear()
    with agent.connection() as one, agent.connection() as other:
        heard = []
        for connection in (one, other):
            connection.sendall(b'{"verb":"scan"}\n')
            heard.append(events(connection))
            assert next(heard[-1])["event"] == "scanning"
        agent.radio.gate.set()
        assert [list(rest)[-1]["event"] for rest in heard] == ["networks", "networks"]
    assert agent.radio.scans == 1
    agent.ask("scan")
    assert agent.radio.scans == 2


def test_a_radio_that_says_no(agent: Serving) -> None:
    """The reason is passed on, for a scan and for what is at once."""
    agent.radio.refusal = protocol.NotUnderstood("")
    (refused,) = agent.ask("scan")
    assert refused == protocol.refused("a fault of ours; the log says more")
    agent.radio.refusal = CannotNow("this radio does not scan")
    assert agent.ask("scan") == [protocol.refused("this radio does not scan")]
    assert agent.ask("stations") == [protocol.refused("this radio does not scan")]


def test_a_join_is_streamed(agent: Serving) -> None:
    """Each event as it happens; then status and forget know about it."""
    agent.radio.gate.clear()
    with agent.connection() as connection:
        connection.sendall(protocol.line({**JOIN, "key": "k"}))
        coming = events(connection)
        assert next(coming) == {"event": "step", "step": "found", "state": "done"}
        (status,) = agent.ask("status")
        assert (status["state"], status["join"]) == ("joining", {"key": "k", "outcome": None})
        agent.radio.gate.set()
        assert list(coming)[-1]["outcome"] == "connected"
    (status,) = agent.ask("status")
    assert status["state"] == "serving"
    assert status["join"]["outcome"] == "connected"
    assert status["kept"] == {"key": "k", "ssid": "486f6d65"}
    assert agent.ask("forget") == [{"event": "forgotten", "ssid": "486f6d65"}]


def test_a_join_goes_on_without_its_asker(agent: Serving) -> None:
    """Who asked has left; whoever follows by the key hears all of it."""
    agent.radio.gate.clear()
    with agent.connection() as connection:
        connection.sendall(protocol.line({**JOIN, "key": "k"}))
        next(events(connection))
    agent.radio.gate.set()
    told = agent.ask("follow", key="k")
    assert [event["event"] for event in told] == ["step", "step", "outcome"]
    assert told[-1]["outcome"] == "connected"


def test_one_join_and_nothing_beside_it(agent: Serving) -> None:
    """Meanwhile another join is refused, and so are a scan and forgetting."""
    agent.radio.gate.clear()
    with agent.connection() as connection:
        connection.sendall(protocol.line({**JOIN, "key": "k"}))
        coming = events(connection)
        next(coming)
        assert agent.join("other") == [protocol.refused("busy")]
        assert agent.ask("scan") == [protocol.refused("a network is being joined")]
        assert agent.ask("forget") == [protocol.refused("a network is being joined")]
        assert agent.ask("cancel", key="other") == [protocol.refused("unknown", "key")]
        assert agent.ask("cancel", key="k") == [{"event": "cancelled"}]
        assert list(coming)[-1]["outcome"] == "cancelled"
    assert agent.ask("follow", key="other") == [protocol.refused("unknown", "key")]


def test_a_join_does_not_wait_for_a_scan(agent: Serving) -> None:
    """The list can wait: the scan is ended, and those who asked for it get what there was."""
    agent.radio.gate.clear()
    with agent.connection() as scanning, agent.connection() as joining:
        scanning.sendall(b'{"verb":"scan"}\n')
        heard = events(scanning)
        next(heard)
        joining.sendall(protocol.line({**JOIN, "key": "k"}))
        assert list(heard)[-1]["event"] == "networks"
        agent.radio.gate.set()
        assert list(events(joining))[-1]["outcome"] == "connected"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (b"\n", ""),
        (b"GET / HTTP/1.1\r\n\r\n", ""),
        (b'{"verb":"reboot"}\n', "verb"),
        (b'{"verb":"join","key":"k","network":{}}\n', "network.ssid"),
        (b'{"verb":"status"}', ""),
    ],
)
def test_what_is_no_request(agent: Serving, sent: bytes, field: str) -> None:
    """It is refused with the field, the connection is closed, and the next one is answered."""
    with agent.connection() as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        (refused,) = events(connection)
    assert (refused["event"], refused["field"]) == ("refused", field)
    assert agent.ask("status")[0]["event"] == "status"


def test_a_line_without_end(agent: Serving) -> None:
    """64 KiB are read and no more, however much is sent."""
    with agent.connection() as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(64):
                connection.sendall(b"x" * 65_536)
        assert b"longer than 65536 bytes" in received(connection)


def received(connection: socket.socket) -> bytes:
    """All that comes, also when the other side closes on what it has not read."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(4096):
            data += piece
    return data


def test_a_request_in_pieces(agent: Serving) -> None:
    """However it is cut, a line is a line."""
    with agent.connection() as connection:
        for byte in b'{"verb":"status"}\n':
            connection.sendall(bytes([byte]))
        assert next(events(connection))["event"] == "status"


def test_who_says_nothing_is_let_go(tmp_path: Path) -> None:
    """A connection without a request ends by itself, and meanwhile others are answered."""
    with serving(tmp_path, patience=0.2) as agent, agent.connection() as silent:
        silent.sendall(b"{")
        assert agent.ask("status")[0]["event"] == "status"
        assert received(silent) == b""


def test_who_does_not_listen_is_let_go(tmp_path: Path) -> None:
    """A full socket is waited for a moment; the join goes on, and is told to others."""
    flood = [{"event": "step", "step": "found", "state": "done"}] * 20_000
    (tmp_path / "join.json").write_text(json.dumps({"key": "k", "events": flood}))
    with serving(tmp_path, patience=0.2) as agent, agent.connection() as slow:
        slow.sendall(b'{"verb":"follow","key":"k"}\n')
        assert select.select([slow], [], [], DEADLINE)[0]
        assert agent.ask("status")[0]["event"] == "status"
        # Its socket is full by now, and after its patience the server has closed its end.
        poll = select.poll()
        poll.register(slow, select.POLLHUP)
        assert poll.poll(1000 * DEADLINE)


def test_a_crowd_of_stations_fits_a_line(agent: Serving) -> None:
    """However many an open access point has taken, the answer is a line of its bounded length."""
    agent.radio.crowd = 2_000
    (told,) = agent.ask("stations")
    assert len(told["stations"]) == 500
    assert len(protocol.line(told)) < protocol.LONGEST


def test_more_than_there_is_room_for(agent: Serving) -> None:
    """Forty who say nothing keep nobody out for longer than they are there."""
    with contextlib.ExitStack() as crowd:
        for _ in range(40):
            crowd.enter_context(agent.connection())
    assert agent.ask("status")[0]["event"] == "status"


def test_an_idle_agent_ends(tmp_path: Path) -> None:
    """After its time without anybody, by itself; the socket stays for the next one."""
    with serving(tmp_path, idle=0.1) as agent:
        agent.thread.join(DEADLINE)
        assert not agent.thread.is_alive()
        assert agent.path.is_socket()


def test_an_agent_at_work_does_not_end(tmp_path: Path) -> None:
    """A join without anybody who listens keeps it, and so does a listener; then it ends."""
    with serving(tmp_path, idle=0.1) as agent:
        agent.radio.gate.clear()
        with agent.connection() as connection:
            connection.sendall(protocol.line({**JOIN, "key": "k"}))
            next(events(connection))
        agent.thread.join(0.5)
        assert agent.thread.is_alive()
        agent.radio.gate.set()
        agent.thread.join(DEADLINE)
        assert not agent.thread.is_alive()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_another_user_is_refused(tmp_path: Path) -> None:
    """Whoever connects as another user, root aside, is told so and nothing else."""
    tmp_path.chmod(0o755)
    with serving(tmp_path) as agent:
        # Past the file's mode, for what is tested is the kernel's word on who connects.
        agent.path.chmod(0o666)
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o755)
        said = as_user(65534, agent.path)
        assert protocol.event(said) == protocol.refused("not for this user")
        assert agent.radio.scans == 0


def as_user(user: int, path: Path) -> bytes:
    """What a process of this user hears when it asks for a scan."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            os.setuid(user)
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(DEADLINE)
                connection.connect(str(path))
                with contextlib.suppress(BrokenPipeError):
                    connection.sendall(b'{"verb":"scan"}\n')
                os.write(writing, received(connection))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        words = said.read()
    os.waitpid(child, 0)
    return words


def test_only_our_own_socket_is_taken() -> None:
    """Without a socket, with two, or with one that is another process's, it refuses to start."""
    for environment in (
        {},
        {"LISTEN_FDS": "1", "LISTEN_PID": "1"},
        {"LISTEN_FDS": "2", "LISTEN_PID": str(os.getpid())},
    ):
        with pytest.raises(Refused, match="no socket was handed over"):
            inherited(environment, os.getpid())
