"""How many queries were answered, as another process reads it."""

from __future__ import annotations

import socket
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dnslib import DNSRecord

from dnsd.counts import Counts

ROOT = Path(__file__).parents[2]
DEADLINE = 30.0


def numbers(file: Path) -> tuple[int, int]:
    """By UDP and by TCP."""
    udp, tcp = struct.unpack("=QQ", file.read_bytes())
    return udp, tcp


def test_a_file_of_two_numbers(tmp_path: Path) -> None:
    """From nought, for everybody to read; a directory that is missing is made."""
    counts = Counts(str(tmp_path / "dns" / "answers"))
    file = tmp_path / "dns" / "answers"
    assert numbers(file) == (0, 0)
    counts.add(udp=64)
    counts.add(tcp=1)
    assert numbers(file) == (64, 1)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert [path.name for path in file.parent.iterdir()] == ["answers"]
    Counts(str(file))
    assert numbers(file) == (0, 0)


def test_only_answers_to_streams_count_there() -> None:
    """UDP's own come by the batch; what is not answered is none."""
    found: list[int] = []

    class Noted(Counts):
        def __init__(self) -> None:
            """No file."""

        def add(self, udp: int = 0, tcp: int = 0) -> None:
            found.append(tcp - udp)

    respond = Noted().respond(lambda query, _client, stream: query if stream else None)
    assert respond(b"a", "10.0.0.1", stream=True) == b"a"
    assert respond(b"a", "10.0.0.1") is None
    assert found == [1]


@pytest.mark.parametrize("where", ["answers", "file/answers"])
def test_the_real_resolver(tmp_path: Path, where: str) -> None:
    """It counts what it answers, and answers also where it cannot count."""
    (tmp_path / "file").touch()
    words = ["--answer", "10.0.0.1", "--bind", "127.0.0.1:0", "--counts", str(tmp_path / where)]
    argv = [sys.executable, "-m", "dnsd", *words]
    with subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        lines = [process.stderr.readline()]
        if "answering" not in lines[-1]:
            lines.append(process.stderr.readline())
        host, port = lines[-1].split(" on ")[1].split(",")[0].split(":")
        try:
            with socket.socket(type=socket.SOCK_DGRAM) as client:
                client.settimeout(DEADLINE)
                for name in ("a.example", "b.example", "wpad", "captive.apple.com"):
                    client.sendto(DNSRecord.question(name).pack(), (host, int(port)))
                    client.recv(4096)
            with socket.create_connection((host, int(port)), DEADLINE) as stream:
                query = DNSRecord.question("c.example").pack()
                stream.sendall(len(query).to_bytes(2, "big") + query)
                assert stream.recv(4096)
            if where == "answers":
                deadline = time.monotonic() + DEADLINE
                while numbers(tmp_path / where) != (4, 1) and time.monotonic() < deadline:
                    time.sleep(0.01)
                assert numbers(tmp_path / where) == (4, 1)
            else:
                assert "are not counted in" in lines[0]
        finally:
            process.terminate()
