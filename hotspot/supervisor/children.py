"""One child process: started with its sockets in place, its output named, its end noticed.

`os.fork` and `exec` in this single-threaded process instead of `subprocess`: LISTEN_PID must
be the child's own number (sd_listen_fds(3)), known only after the fork, and a shim that sets
it would start a second interpreter for every child. It also keeps 1 MiB out of the resident
supervisor (measured: `import subprocess` 2.4 MiB, what is used here 1.5).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal

from hotspot.supervisor.lines import Lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

# sd_listen_fds(3): the first inherited socket.
LISTEN_FDS_START = 3
# One read; a pipe holds 64 KiB (pipe(7)), so a dead child's last words are at most two reads.
_READ = 65536
# What the shell reports for "command not found", and so do we.
NOT_STARTED = 127
_IGNORED = (signal.SIGPIPE, signal.SIGXFSZ)
_SYSTEM = ("/usr/local/sbin", "/usr/sbin", "/sbin")


class Child:
    """A running child. `pidfd` is readable once it has ended, `output` when it has written."""

    def __init__(self, name: str, pid: int, output: int | None, started: float) -> None:
        self.name = name
        self.pid = pid
        self.started = started
        self.pidfd = os.pidfd_open(pid)
        self.output = output
        self.silent = False
        self._lines = Lines(name)

    def read(self, now: float) -> list[str]:
        """The lines it has completed; `silent` is set at the end of its output."""
        if self.output is None or self.silent:
            return []
        try:
            data = os.read(self.output, _READ)
        except BlockingIOError:
            return []
        self.silent = not data
        return self._lines.feed(data, now)

    def send(self, number: int) -> None:
        """Send it a signal. It is not collected yet, so its number is nobody else's."""
        os.kill(self.pid, number)

    def send_all(self, number: int) -> None:
        """Send a signal to it and to all it has started."""
        # Before it has become the leader of its group, it is all there is of it.
        self.send(number)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def status(self) -> int:
        """Its exit status, or minus the signal that ended it, once `pidfd` is readable."""
        found = os.waitid(os.P_PIDFD, self.pidfd, os.WEXITED | os.WNOWAIT)
        assert found  # noqa: S101 - None only with WNOHANG
        return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status

    def collect(self, now: float) -> list[str]:
        """Let go of it once it has ended: its last lines.

        What it started and left behind is killed, as long as its number still belongs to it.
        """
        self.send_all(signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.pidfd)
        if self.output is None:
            return []
        lines = [*self.read(now), *self.read(now), *self._lines.close()]
        os.close(self.output)
        return lines


def start(name: str, argv: list[str], sockets: Sequence[int], now: float) -> Child:
    """Start a program whose output is read line by line; `sockets` become its descriptors 3, 4 …

    A program that cannot be executed says so in its output and exits with 127.
    """
    reading, writing = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(reading, False)
    try:
        return Child(name, _fork(argv, sockets, writing), reading, now)
    finally:
        os.close(writing)


def start_on_terminal(name: str, argv: list[str], now: float) -> Child:
    """Start a program that speaks for us: it inherits our own standard output and error."""
    return Child(name, _fork(argv, (), None), None, now)


def _fork(argv: list[str], sockets: Sequence[int], output: int | None) -> int:
    # Until it executes its program the child shares our handlers and the pipe they write to:
    # a signal in between would reach the parent as if it were meant for it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid == 0:
            _become(argv, sockets, output)
        return pid
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _become(argv: list[str], sockets: Sequence[int], output: int | None) -> NoReturn:
    """In the child: put everything in its place and execute the program."""
    try:
        # Ctrl-C reaches a whole foreground process group. Who goes down, and when, is decided
        # by the supervisor alone.
        os.setsid()
        _reset_signals()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if output is not None:
            os.dup2(output, 1)
            os.dup2(output, 2)
        environment = _environment(len(sockets))
        # First out of the way of their own places, so that none is overwritten before its turn.
        clear = LISTEN_FDS_START + len(sockets)
        aside = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, clear) for number in sockets]
        for place, number in enumerate(aside, LISTEN_FDS_START):
            os.dup2(number, place)
        # Whatever our own starter left open is no business of the child's either.
        os.closerange(clear, os.sysconf("SC_OPEN_MAX"))
        os.execvpe(argv[0], argv, environment)  # noqa: S606 - the design: no shell anywhere
    except OSError as error:
        os.write(2, f"{argv[0]} cannot be started: {error.strerror}\n".encode())
    finally:
        os._exit(NOT_STARTED)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    # Python ignores SIGPIPE and SIGXFSZ, a shell's `&` SIGINT and SIGQUIT, nohup SIGHUP; and what
    # is ignored stays ignored across exec.
    for number in (*_IGNORED, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _environment(sockets: int) -> dict[str, str]:
    """Ours, with systemd's words in it meant for the child instead of for us."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LISTEN_", "NOTIFY_"))}
    # After `su` the system's programs, hostapd among them, are not on a person's path.
    found = kept.get("PATH", "/usr/bin:/bin").split(":")
    kept["PATH"] = ":".join([*found, *(folder for folder in _SYSTEM if folder not in found)])
    if sockets:
        kept |= {"LISTEN_FDS": str(sockets), "LISTEN_PID": str(os.getpid())}
    return kept
