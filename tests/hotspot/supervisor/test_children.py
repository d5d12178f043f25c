"""A child has a session, signals, descriptors and an environment of its own."""

from __future__ import annotations

import json
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from hotspot.supervisor import children

LOOK = """
import json, os
listed = sorted(int(n) for n in os.listdir("/proc/self/fd"))
numbers = [n for n in listed if os.path.exists(f"/proc/self/fd/{n}")]
print(json.dumps({
    "numbers": numbers,
    "stdin": os.readlink("/proc/self/fd/0"),
    "leads": os.getsid(0) == os.getpid() == os.getpgid(0),
    "words": {k: v for k, v in os.environ.items() if k.startswith(("LISTEN", "NOTIFY"))},
    "pid": os.getpid(),
    "inodes": [os.readlink(f"/proc/self/fd/{n}") for n in (3, 4) if n in numbers],
}))
"""


def to_its_end(child: children.Child) -> tuple[int, list[str]]:
    """Read all it writes until it has ended: its status and its lines."""
    lines: list[str] = []
    while not select.select([child.pidfd], [], [], 0)[0]:
        assert child.output is not None
        watched = [child.pidfd] if child.silent else [child.pidfd, child.output]
        assert select.select(watched, [], [], 30)[0]
        lines += child.read(0)
    return child.status(), lines + child.collect(0)


def inode(number: int) -> str:
    """What a descriptor is, such as `socket:[4711]`."""
    return str(Path(f"/proc/self/fd/{number}").readlink())


def look(sockets: list[int]) -> dict[str, Any]:
    """What a program finds around itself."""
    child = children.start("look", [sys.executable, "-S", "-c", LOOK], sockets, 0)
    status, lines = to_its_end(child)
    assert (status, len(lines)) == (0, 1)
    found: dict[str, Any] = json.loads(lines[0].removeprefix("look: "))
    return found


def test_sockets_are_in_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are 3 and 4 in the order given, meant for this process, and nothing else is open."""
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/ours")
    monkeypatch.setenv("LISTEN_FDNAMES", "ours")
    with socket.socket() as first, socket.socket() as second:
        inodes = [inode(second.fileno()), inode(first.fileno())]
        found = look([second.fileno(), first.fileno()])
    assert found["inodes"] == inodes
    assert found["numbers"] == [0, 1, 2, 3, 4]
    assert found["words"] == {"LISTEN_FDS": "2", "LISTEN_PID": str(found["pid"])}


def test_sockets_that_stand_in_each_other_s_places() -> None:
    """Descriptors that already are 3 and 4, the wrong way round, are swapped, not lost."""
    with socket.socket() as first, socket.socket() as second:
        numbers = sorted(s.fileno() for s in (first, second))
        inodes = [inode(number) for number in numbers]
        found = look([numbers[1], numbers[0]])
    assert found["inodes"] == inodes[::-1]


def test_a_child_is_a_process_of_its_own() -> None:
    """It leads a session, so that no Ctrl-C reaches it, and reads nothing."""
    found = look([])
    assert found["leads"]
    assert found["stdin"] == "/dev/null"
    assert found["words"] == {}


def test_a_child_has_every_signal() -> None:
    """None is blocked or ignored, not even SIGPIPE, which Python itself ignores.

    Two are the C library's own (32 and 33, signal(7)): whoever started us may have left them
    ignored, and no program can change that.
    """
    ours = sum(1 << number - 1 for number in signal.valid_signals())
    _, lines = to_its_end(children.start("cat", ["cat", "/proc/self/status"], [], 0))
    masks = {
        line.split()[1]: int(line.split()[2], 16) & ours
        for line in lines
        if ": Sig" in line and "SigQ" not in line
    }
    assert (masks["SigBlk:"], masks["SigIgn:"]) == (0, 0)


def test_our_own_signals_are_as_before() -> None:
    """Starting a child changes neither our mask nor our handlers."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    handler = signal.getsignal(signal.SIGINT)
    to_its_end(children.start("true", ["true"], [], 0))
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_program_that_is_missing_is_named() -> None:
    """What cannot be executed says so under its own name, with a shell's status."""
    status, lines = to_its_end(children.start("hostapd", ["no-such-program"], [], 0))
    said = "hostapd: no-such-program cannot be started: No such file or directory"
    assert (status, lines) == (127, [said])


def test_sbin_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """hostapd is found though a person's PATH leaves the system's programs out."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    words = [sys.executable, "-S", "-c", "import os; print(os.environ['PATH'])"]
    _, lines = to_its_end(children.start("path", words, [], 0))
    assert lines == ["path: /usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"]


def test_a_flood_is_bounded_and_the_last_words_are_kept() -> None:
    """A child that writes a million lines costs a few; what it said at the end is not lost."""
    words = [sys.executable, "-S", "-c", "print('x\\n' * 10**6, 'the end', sep='', end='')"]
    status, lines = to_its_end(children.start("flood", words, [], 0))
    assert status == 0
    assert len(lines) == 102
    assert lines[-2:] == [f"flood: ({10**6 - 100} lines left out)", "flood: the end"]
