"""The backend `command`: a program that reads the record on its standard input.

Law: the program's status is the answer, as sysexits.h has it: 0 delivered, 65 (EX_DATAERR)
rejected, whatever else, 75 (EX_TEMPFAIL) among it, again later. It has a bounded time, and ends
with everything it started; nothing of the record is in its arguments or its environment but
the id.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, Any, Final

from portal.provisioning.backend import Delivered, Outcome, Rejected, Retry
from portal.provisioning.record import Record, to_json

DELIVERED: Final = 0
REJECTED: Final = 65
TIMEOUT: Final = 30
# Seconds between the request to end and the end.
_GRACE: Final = 2.0
# What a pipe holds (pipe(7)): as much is kept of the end of its standard error.
_PIPE: Final = 65_536
# Of the last line of that, the end becomes the reason.
_SHOWN: Final = 200
_ENVIRONMENT: Final = {
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}


class CommandBackend:
    """Runs the option `argv`, for `timeout` seconds at most."""

    def __init__(self, options: Mapping[str, Any], state: str) -> None:
        del state
        self._argv: list[str] = list(options["argv"])
        self._timeout = float(options.get("timeout", TIMEOUT))

    def apply(self, record: Record) -> Outcome:
        """Run the program with the record's JSON document on its standard input."""
        try:
            with self._started(record) as process:
                said = _heard(process, self._timeout)
        except OSError as error:
            return Retry(None, f"{self._argv[0]}: {error.strerror}", whole=True)
        if said is None:
            return Retry(None, f"{self._argv[0]} took more than {self._timeout:.0f} s")
        # Redacted before it is cut: half a secret would not be found.
        words = record.redact(said.decode("utf-8", "backslashreplace"))
        return self._answer(process.returncode, words.strip().rpartition("\n")[2][-_SHOWN:])

    @contextmanager
    def _started(self, record: Record) -> Iterator[subprocess.Popen[bytes]]:
        """The program, leader of its own session; it and its group are gone at the end."""
        with _document(record) as document:
            process = subprocess.Popen(
                self._argv,
                bufsize=0,
                cwd="/",
                env={**_ENVIRONMENT, "VESTIBULE_RECORD": record.id},
                start_new_session=True,
                stdin=document,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        with process:
            try:
                yield process
            finally:
                # Not reaped yet, so the group's number is still its own.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def _answer(self, status: int, words: str) -> Outcome:
        if status == DELIVERED:
            return Delivered()
        ended = f"status {status}" if status > 0 else f"signal {-status}"
        why = f"{self._argv[0]} ended with {ended}{': ' if words else ''}{words}"
        return Rejected(why) if status == REJECTED else Retry(None, why)


@contextmanager
def _document(record: Record) -> Iterator[IO[bytes]]:
    """The record's document as an open file that is on no disk, at its beginning."""
    with os.fdopen(os.memfd_create("record"), "w+b") as file:
        file.write(to_json(record) + b"\n")
        file.seek(0)
        yield file


def _heard(process: subprocess.Popen[bytes], timeout: float) -> bytes | None:
    """The end of what it says until it ends; None where that takes too long."""
    deadline, said = time.monotonic() + timeout, b""
    pipe, ended = _descriptor(process.stderr), os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(pipe, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            ready = {descriptor for descriptor, _ in poll.poll(left * 1000)}
            heard = os.read(pipe, _PIPE) if pipe in ready else b""
            said = (said + heard)[-_PIPE:]
            if ended in ready:
                # Not to the end of the pipe: something it started may still hold that.
                return said
            if pipe in ready and not heard:
                poll.unregister(pipe)
        os.killpg(process.pid, signal.SIGTERM)
        select.select([ended], [], [], _GRACE)
        return None
    finally:
        os.close(ended)


def _descriptor(pipe: IO[bytes] | None) -> int:
    if pipe is None:
        raise ValueError("its standard error is a pipe")
    return pipe.fileno()
