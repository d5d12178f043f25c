"""A program under watch: its lines kept with their times, waited for, and its end made sure."""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

END_SECONDS: Final = 60.0


class Silent(AssertionError):  # noqa: N818 - it fails a story, as an assertion does
    """What was waited for was not said in time."""


class Program:
    """A child process with its output, both streams as one, in `log`."""

    def __init__(self, argv: Sequence[str], log: Path, *, stdin: int = subprocess.DEVNULL) -> None:
        self.argv = list(argv)
        self.name = log.stem
        self.lines: list[tuple[float, str]] = []
        self._news = threading.Condition()
        self._ended = False
        self.process = subprocess.Popen(
            self.argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout, log))
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self, pattern: str, seconds: float, *, since: float = 0.0) -> re.Match[str]:
        """The first line that holds `pattern`, said at or after `since` (monotonic)."""
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                for when, line in self.lines:
                    match = re.search(pattern, line)
                    if match and when >= since:
                        return match
                if self._ended:
                    raise Silent(f"{self.name} ended without {pattern!r}; said: {self.tail()}")
                if not self._news.wait(max(0.0, deadline - time.monotonic())):
                    raise Silent(f"{self.name}: no {pattern!r} in {seconds} s: {self.tail()}")

    def tail(self, lines: int = 12) -> str:
        """The last lines, for a message."""
        return "\n".join(["", *(line for _, line in self.lines[-lines:])])

    def end(self, seconds: float = END_SECONDS) -> int:
        """Ask it to stop (SIGTERM), wait, and give its exit status; kill it if it stays."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Silent(f"{self.name} did not end in {seconds} s: {self.tail()}") from None
        finally:
            self._reader.join(seconds)

    def _read(self, stream: IO[bytes], log: Path) -> None:
        with stream, log.open("w", buffering=1) as file:
            for raw in stream:
                now = time.monotonic()
                line = raw.decode(errors="backslashreplace").rstrip("\n")
                file.write(f"{now:9.3f} {line}\n")
                with self._news:
                    self.lines.append((now, line))
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: object, trace: TracebackType | None
    ) -> None:
        # A story that failed already tells why; an unwilling program must not hide it.
        with contextlib.suppress(Silent) if kind else contextlib.nullcontext():
            self.end()


def run(*argv: str) -> str:
    """What a short command says. Its failure fails the story, with its words."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, f"{' '.join(argv)}: {done.returncode} {done.stdout}{done.stderr}"
    return done.stdout


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for what nothing announces, such as a file that appears. Fails the story in time."""
    deadline = time.monotonic() + seconds
    never = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise Silent(f"no {what} in {seconds} s")
        never.wait(0.02)
