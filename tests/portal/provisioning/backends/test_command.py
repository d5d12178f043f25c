"""The backend `command`: real programs, their status, their time, their descendants."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.provisioning.backend import Delivered, Outcome, Rejected, Retry
from portal.provisioning.backends.command import CommandBackend
from portal.provisioning.record import to_json
from tests.portal.provisioning.fakes import a_record

Program = Callable[..., CommandBackend]
CANARY = 'canary "5b21" é'


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Makes a backend of a Python program's text, with one second for the impatient."""

    def make(text: str, timeout: int = 20) -> CommandBackend:
        path = tmp_path / "program.py"
        path.write_text(text)
        options = {"argv": [sys.executable, str(path), str(tmp_path / "out")], "timeout": timeout}
        return CommandBackend(options, "/nowhere")

    return make


def why(outcome: Outcome) -> str:
    """The reason of an outcome that has one."""
    assert not isinstance(outcome, Delivered)
    return outcome.why


def test_the_record_is_its_input(program: Program, tmp_path: Path) -> None:
    """The program reads the whole document, also one larger than a pipe."""
    record = a_record(fields={f"f{n}": "x" * 4_000 for n in range(15)})
    copy = program("import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())")

    assert copy.apply(record) == Delivered()
    assert (tmp_path / "out").read_bytes() == to_json(record) + b"\n"


def test_it_need_not_read(program: Program) -> None:
    """A program that does not look at its input may still say yes."""
    assert program("").apply(a_record(fields={"f": "x" * 4_000})) == Delivered()


@pytest.mark.parametrize(
    ("status", "kind"), [(0, Delivered), (65, Rejected), (75, Retry), (1, Retry), (64, Retry)]
)
def test_the_status_is_the_answer(program: Program, status: int, kind: type) -> None:
    """0 delivered, 65 rejected, all others again later."""
    assert type(program(f"raise SystemExit({status})").apply(a_record())) is kind


def test_the_last_line_is_the_reason(program: Program) -> None:
    """What it says last on its standard error is what the operator reads."""
    told = program("import sys; print('a\\nno such site\\n', file=sys.stderr); sys.exit(65)")

    assert why(told.apply(a_record())).endswith("ended with status 65: no such site")


def test_ended_by_a_signal(program: Program) -> None:
    """A crash is no verdict about the record."""
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"

    assert why(program(crash).apply(a_record())).endswith("ended with signal 9")


@pytest.mark.parametrize("form", ["text", "json.dumps(text)", "text.encode().hex()"])
def test_it_may_quote_a_secret(program: Program, form: str) -> None:
    """What a program repeats of a secret is taken out of the reason, in any of its forms."""
    text = f"""
import json, sys
text = json.load(sys.stdin)["passphrase"]
sys.exit("x" * 100_000 + "key=" + {form} + " is wrong")
"""
    outcome = program(text).apply(a_record(passphrase=CANARY))

    assert why(outcome).endswith("is wrong")
    assert "(hidden)" in why(outcome)
    assert "5b21" not in why(outcome)


def test_little_is_handed_on(program: Program, tmp_path: Path) -> None:
    """Arguments and environment hold the record's id, no secret, and nothing of ours."""
    look = """
import json, os, sys
seen = {"argv": sys.argv, "environ": dict(os.environ), "fds": os.listdir("/proc/self/fd"),
        "cwd": os.getcwd()}
json.dump(seen, open(sys.argv[1], "w"))
"""
    record = a_record(passphrase="canary-5b21")
    os.environ["VESTIBULE_TEST_CANARY"] = "canary"
    try:
        assert program(look).apply(record) == Delivered()
    finally:
        del os.environ["VESTIBULE_TEST_CANARY"]
    seen = json.loads((tmp_path / "out").read_text())

    assert seen["environ"].pop("VESTIBULE_RECORD") == record.id
    assert set(seen["environ"]) <= {"LANG", "PATH", "LC_CTYPE"}
    assert "canary" not in json.dumps(seen)
    assert (seen["cwd"], len(seen["fds"])) == ("/", 4)  # its own three, and the listing itself


def test_out_of_time(program: Program, tmp_path: Path) -> None:
    """A program that hangs is ended with its children, also where it ignores the request."""
    hang = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    open(sys.argv[1], "w").write(f"{os.getpid()} {child}")
time.sleep(1000)
"""
    outcome = program(hang, 1).apply(a_record())

    assert why(outcome).endswith("took more than 1 s")
    assert all(ends(int(pid)) for pid in (tmp_path / "out").read_text().split())


def ends(pid: int) -> bool:
    """Whether the process is gone, or goes within a while."""
    try:
        ended = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([ended], [], [], 20)[0])
    finally:
        os.close(ended)


def test_it_may_leave_nobody_behind(program: Program, tmp_path: Path) -> None:
    """A child that holds its pipe open and talks for ever neither delays nor survives it."""
    leave = """
import os, sys
child = os.fork()
if child:
    open(sys.argv[1], "w").write(str(child))
    os._exit(0)
while True:
    os.write(2, b"y" * 4096)
"""
    assert program(leave).apply(a_record()) == Delivered()
    assert ends(int((tmp_path / "out").read_text()))


def test_it_may_talk_without_end(program: Program) -> None:
    """Of a flood on both outputs little is kept, and it is read, so that nobody blocks."""
    flood = """
import sys
for _ in range(300):
    sys.stdout.write("o" * 65536); sys.stderr.write("e" * 65536)
sys.exit(75)
"""
    assert len(why(program(flood).apply(a_record()))) < 400


def test_no_such_program(tmp_path: Path) -> None:
    """A program that is not there, or may not run, is a reason to wait."""
    missing = CommandBackend({"argv": [str(tmp_path / "none")]}, "/nowhere")

    why = f"{tmp_path}/none: No such file or directory"
    assert missing.apply(a_record()) == Retry(None, why, whole=True)


def test_no_signal_is_ours(program: Program) -> None:
    """The program begins with the usual signals, whatever we ignore."""
    before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    ask = "import signal, sys; sys.exit(signal.getsignal(signal.SIGTERM) != signal.SIG_DFL)"
    try:
        assert program(ask).apply(a_record()) == Delivered()
    finally:
        signal.signal(signal.SIGPIPE, before)
