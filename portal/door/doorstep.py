"""Where newcomers are met: a probe is answered on the doorstep, everybody else is let in.

A probe costs one accept, one read, one send and one half-close, in one turn of the loop. It is
then left alone for a moment, in which nearly every client closes its side too (a phone on Wi-Fi
answers in 2 to 20 ms), so that one more read and a close end it without it ever having been
registered with the poll. Who takes longer lingers in the poll like every other connection.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable
from typing import Final

from portal.door.descriptors import Door, half_close, receive, send
from portal.door.heads import END

MOMENT: Final = 0.02
# Meeting this many in one go keeps a crowd at the door fair to those inside.
_BATCH: Final = 64
# A probe's head is 150 to 600 bytes; what is longer is read on inside.
_GLANCE: Final = 2048


class Doorstep:
    """Accepts, answers probes, and sees them off.

    `ready(head, peer)` gives a probe's ready answer or None; `let_in(descriptor, peer, inbox)`
    takes over a connection that is not answered here; `linger(descriptor)` one that has been
    answered but has not closed; `make_room()` frees a descriptor when there is none left;
    `busy()` says whether threads are at work, which changes how best to read.
    """

    def __init__(
        self,
        *,
        ready: Callable[[bytes, bytes], bytes | None],
        let_in: Callable[[int, bytes, bytes], None],
        linger: Callable[[int], None],
        make_room: Callable[[], None],
        busy: Callable[[], bool],
        clock: Callable[[], float],
    ) -> None:
        self._ready = ready
        self._let_in = let_in
        self._linger = linger
        self._make_room = make_room
        self._busy = busy
        self._clock = clock
        self._leaving: deque[tuple[float, list[int]]] = deque()

    def __len__(self) -> int:
        return sum(len(batch) for _, batch in self._leaving)

    def meet(self, door: Door) -> None:
        """See to those who wait at `door`."""
        answered: list[int] = []
        read = self._reader()
        for _ in range(_BATCH):
            try:
                descriptor, peer = door.accept()
            except OSError as error:
                if error.errno in {errno.EMFILE, errno.ENFILE}:
                    self._make_room()
                break
            if self._greet(descriptor, peer, read):
                answered.append(descriptor)
        if answered:
            self._leaving.append((self._clock() + MOMENT, answered))

    def _reader(self) -> Callable[[int, int], bytes]:
        """Dearer but unhindered while threads hold the interpreter lock."""
        return receive if self._busy() else os.read

    def _greet(self, descriptor: int, peer: bytes, read: Callable[[int, int], bytes]) -> bool:
        """Answer a newcomer that is a probe; True if it has been answered and is to leave."""
        try:
            inbox = read(descriptor, _GLANCE)
        except BlockingIOError:
            inbox = b""
        except OSError:
            os.close(descriptor)
            return False
        answer = self._ready(inbox, peer) if inbox.endswith(END) else None
        if answer is not None:
            return _bow(descriptor, answer)
        self._let_in(descriptor, peer, inbox)
        return False

    def patience(self, now: float) -> float | None:
        """Seconds until somebody is due to be seen off; None when nobody is leaving."""
        return max(0.0, self._leaving[0][0] - now) if self._leaving else None

    def see_off(self, now: float) -> None:
        """Close behind those who have gone; hand on those who have not."""
        leaving, read = self._leaving, self._reader()
        while leaving and leaving[0][0] <= now:
            for descriptor in leaving.popleft()[1]:
                try:
                    gone = not read(descriptor, _GLANCE)
                except BlockingIOError:
                    gone = False
                except OSError:
                    gone = True
                if gone:
                    os.close(descriptor)
                else:
                    self._linger(descriptor)


def _bow(descriptor: int, answer: bytes) -> bool:
    """Answer and half-close in one segment; False where the client has gone already."""
    try:
        # The socket is new and its buffer empty: an answer of one segment goes out whole.
        send(descriptor, answer, more=True)
        half_close(descriptor)
    except OSError:
        os.close(descriptor)
        return False
    return True
