"""The process: arguments, sockets, signals, and what it weighs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.dnsd import running
from tests.dnsd.mutate import GROWTH, bombard
from tests.dnsd.queries import PORTAL, ask, policy

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERY = ask("captive.apple.com")
ANSWER = policy().respond(QUERY, "")
# Sets LISTEN_PID as a service manager does between fork and exec.
LAUNCH = "import os, sys; os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.executable, sys.argv[1:])"  # noqa: E501
# Test size; `python -m tests.dnsd.mutate 1000000` for the whole count.
MUTATIONS = 20_000


def by_tcp(address: running.Address, query: bytes) -> bytes:
    """Ask `query` by TCP."""
    with socket.create_connection(address, running.DEADLINE) as client:
        client.sendall(len(query).to_bytes(2, "big") + query)
        return client.recv(65535)[2:]


def ended(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m dnsd` with arguments that it ends with."""
    return subprocess.run(
        [sys.executable, "-m", "dnsd", *arguments],
        capture_output=True,
        text=True,
        timeout=running.DEADLINE,
        cwd=running.ROOT,
        env=running.environment(),
        check=False,
    )


@contextlib.contextmanager
def inheriting(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], running.Address]]:
    """`python -m dnsd` on sockets opened here, handed on as systemd does."""
    udp, tcp = running.bound()
    # The descriptors must be 3 and 4: the launcher's own, so moved there in the child.
    code = f"import os; os.dup2({tcp.fileno()}, 103); os.dup2({udp.fileno()}, 104); os.dup2(103, 3); os.dup2(104, 4)\n"  # noqa: E501
    with (
        udp,
        tcp,
        subprocess.Popen(
            [sys.executable, "-c", code + LAUNCH, sys.executable, "-m", "dnsd", *arguments],
            stderr=subprocess.PIPE,
            text=True,
            cwd=running.ROOT,
            env=running.environment(LISTEN_FDS="2"),
            pass_fds=(udp.fileno(), tcp.fileno()),
        ) as child,
    ):
        try:
            yield child, udp.getsockname()
        finally:
            child.kill()


def test_binds_answers_and_stops() -> None:
    """On its own sockets: both transports answer; SIGTERM is exit status 0."""
    with running.process() as (child, address):
        assert running.exchange(address, QUERY) == ANSWER
        assert by_tcp(address, QUERY) == ANSWER

        child.send_signal(signal.SIGTERM)
        assert child.wait(running.DEADLINE) == 0


def test_inherits_sockets() -> None:
    """LISTEN_FDS: one UDP and one TCP socket in any order; no query is lost meanwhile."""
    with inheriting("--answer", "100.64.64.1") as (child, address):
        assert running.exchange(address, QUERY) == ANSWER
        assert by_tcp(address, QUERY) == ANSWER

        child.send_signal(signal.SIGTERM)
        assert child.wait(running.DEADLINE) == 0


def test_refuses_other_sockets() -> None:
    """Anything but one of each kind is an error, not a resolver with one leg."""
    with socket.socket() as tcp:
        code = f"import os; os.dup2({tcp.fileno()}, 103); os.dup2(103, 3)\n" + LAUNCH
        done = subprocess.run(
            [sys.executable, "-c", code, sys.executable, "-m", "dnsd", "--answer", "10.0.0.1"],
            capture_output=True,
            text=True,
            timeout=running.DEADLINE,
            cwd=running.ROOT,
            env=running.environment(LISTEN_FDS="1"),
            pass_fds=(tcp.fileno(),),
            check=False,
        )

    assert done.returncode == 1
    assert "one UDP and one TCP" in done.stderr


def test_reads_the_settings(tmp_path: Path) -> None:
    """--config: address and TTL come from the file, by a new start on the same sockets."""
    file = tmp_path / "config.toml"
    file.write_text('[radio]\ncountry = "DE"\n[network]\naddress = "10.9.8.7/24"\n[dns]\nttl = 7\n')

    with inheriting("--config", str(file), "--released", str(tmp_path)) as (child, address):
        reply = running.exchange(address, QUERY)
        arguments = Path(f"/proc/{child.pid}/cmdline").read_bytes().split(b"\0")

    assert reply.endswith(b"\0\0\0\x07\0\x04\x0a\x09\x08\x07")
    assert arguments[1:-1] == [
        *(b"-m", b"dnsd", b"--released", os.fsencode(tmp_path)),
        *(b"--answer", b"10.9.8.7", b"--ttl", b"7"),
    ]


def test_tells_the_manager_that_it_is_ready(tmp_path: Path) -> None:
    """READY=1 comes when it answers."""
    address = str(tmp_path / "notify")
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
        pytest.MonkeyPatch.context() as patch,
    ):
        manager.bind(address)
        manager.settimeout(running.DEADLINE)
        patch.setattr(running, "environment", lambda: {**os.environ, "NOTIFY_SOCKET": address})
        with running.process() as (_, resolver):
            assert manager.recv(64) == b"READY=1"
            assert running.exchange(resolver, QUERY) == ANSWER


def test_learns_who_is_released(tmp_path: Path) -> None:
    """A file named by the client's address, in the directory given, and only while it is there."""
    query = ask("dns.msftncsi.com")
    file = tmp_path / "127.0.0.1"
    with running.process("--released", str(tmp_path)) as (_, address):
        before = running.exchange(address, query)
        file.touch()
        released = running.exchange(address, query)
        file.unlink()
        after = running.exchange(address, query)

    assert (before[-4:], released[-4:], after[-4:]) == (PORTAL, b"\x83\x6b\xff\xff", PORTAL)


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        ([], 2, "either --answer or --config"),
        (["--answer", "1.2.3.4", "--config", "x"], 2, "either --answer or --config"),
        (["--answer"], 2, "--answer needs a value"),
        (["--answer", "1.2.3"], 2, "--answer 1.2.3:"),
        (["--answer=::1"], 2, "--answer ::1:"),
        (["--answer", "1.2.3.4", "--ttl", "0"], 2, "--ttl 0:"),
        (["--answer", "1.2.3.4", "--ttl", "soon"], 2, "--ttl soon:"),
        (["--answer", "1.2.3.4", "--bind", "53"], 2, "--bind 53:"),
        (["--answer", "1.2.3.4", "--bind", "127.0.0.1:70000"], 2, "--bind 127.0.0.1:70000:"),
        (["--answer", "1.2.3.4", "--bind", "192.0.2.1:53"], 1, "cannot bind 192.0.2.1:53"),
        (["--anwser", "1.2.3.4"], 2, "unknown argument --anwser"),
        (["--config", "/nowhere"], 2, "/nowhere"),
    ],
)
def test_refuses(arguments: list[str], status: int, word: str) -> None:
    """A wrong call is one line that names the argument, and an exit status."""
    done = ended(*arguments)

    assert done.returncode == status
    assert word in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr


def test_refuses_wrong_settings(tmp_path: Path) -> None:
    """What is wrong with the settings file is said as the settings say it."""
    file = tmp_path / "config.toml"
    file.write_text('[radio]\ncountry = "Germany"\n')

    done = ended("--config", str(file))

    assert done.returncode == 2
    assert "radio.country" in done.stderr


def test_refuses_a_taken_port() -> None:
    """A port that is held is named."""
    udp, tcp = running.bound()
    with udp, tcp:
        port = udp.getsockname()[1]
        done = ended("--answer", "10.0.0.1", "--bind", f"127.0.0.1:{port}")

    assert done.returncode == 1
    assert done.stderr == f"dnsd: cannot bind 127.0.0.1:{port}: Address already in use\n"


def test_explains_itself() -> None:
    """--help shows the usage on standard output."""
    done = ended("--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: python -m dnsd --answer IP")


@pytest.mark.skipif(not shutil.which("dig"), reason="dig is not installed")
@pytest.mark.parametrize(
    ("words", "status", "answers"),
    [
        ("captive.apple.com", "NOERROR", ["100.64.64.1"]),
        ("+tcp captive.apple.com", "NOERROR", ["100.64.64.1"]),
        ("+noedns captive.apple.com HTTPS", "NOERROR", []),
        ("+noedns ipv4only.arpa", "NOERROR", ["192.0.0.170", "192.0.0.171"]),
        ("-x 100.64.64.1", "NOERROR", ["vestibule.home.arpa."]),
        ("WPAD.lan", "NXDOMAIN", []),
        ("+edns=1 +noednsnegotiation captive.apple.com", "BADVERS", []),
        ("+opcode=status captive.apple.com", "NOTIMP", []),
        ("-c CH -t TXT version.bind", "NOERROR", []),
    ],
)
def test_dig_understands(words: str, status: str, answers: list[str]) -> None:
    """A real client gets what the contract says, without a word of complaint on the octets."""
    with running.process() as (_, (host, port)):
        done = subprocess.run(
            [
                "dig",
                f"@{host}",
                "-p",
                str(port),
                "+tries=1",
                "+noall",
                "+comments",
                "+answer",
                *words.split(),
            ],
            capture_output=True,
            text=True,
            check=True,
            timeout=running.DEADLINE,
        )

    assert f"status: {status}," in done.stdout
    assert "Warning" not in done.stdout
    lines = [line for line in done.stdout.splitlines() if line and line[0] != ";"]
    assert [line.split()[-1] for line in lines] == answers


def test_a_process_outlives_mutations() -> None:
    """Queries changed at random, by the thousand: it answers on and does not grow."""
    assert bombard(MUTATIONS, seed=2) < GROWTH


def test_is_light() -> None:
    """What stays resident loads none of what it could do without."""
    code = "import sys, dnsd.__main__; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=running.ROOT,
        timeout=running.DEADLINE,
    )

    dear = {"typing", "re", "argparse", "pathlib", "dataclasses", "tomllib", "threading", "hotspot"}
    assert not dear & set(done.stdout.split())
