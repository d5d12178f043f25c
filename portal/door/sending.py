"""Files in the event loop: the kernel sends them, in fair turns, and no thread is held.

A view says on its paper which bytes of which open file an answer goes on with; threads held by
slow clients are what limits a server of files, not speed (of 100 clients that share 25 MB/s, 16
were served to the end by eight threads, and all of them by one loop). What counts is what a
client has acknowledged: it says how a download gets on, and who has fallen silent.

    FRONT --a reply with a file--> sending --all written--> settling --all acknowledged--> FRONT
      ^                               |                         |
      +--- a grant (portal.door.grants)                         +--gone, cut off, or nothing
                                                                   acknowledged for 30 s--> closed
"""

from __future__ import annotations

import functools
import os
import select
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Final

from portal.door.connection import Connection, State
from portal.door.descriptors import RECEIVE, half_close, receive, send
from portal.door.download import Download
from portal.door.front import SWEEP_SECONDS
from portal.door.grants import Grants
from portal.door.heads import END
from portal.door.paper import File, Reply
from portal.door.streams import StreamingFront
from portal.door.tcp import prepare

MOST: Final = 256
# aria2 opens up to 16 for one file.
MOST_OF_A_CLIENT: Final = 16

# Seconds without an acknowledged byte, after which a client is taken to be gone.
IDLE: Final = 30.0
# What one client is sent before the next has its turn, and all of them before the loop looks who
# else has come.
TURN: Final = 256 * 1024
ROUND: Final = 512 * 1024
# What the kernel keeps for a client that has not acknowledged it (it allows itself twice as much).
BUFFER: Final = 256 * 1024
# A client sends nothing but its next request.
_MOST_UNASKED: Final = 16 * 1024
# Pieces that a connection may owe before it is asked what has arrived.
_MOST_OWED: Final = 64
_UNAVAILABLE: Final = 503
# Told once of each change, so that a busy download costs no call of epoll_ctl(2).
_EVENTS: Final = select.EPOLLIN | select.EPOLLOUT | select.EPOLLET


class SendingFront(StreamingFront):
    """The front door with streams and files behind it."""

    def __init__(
        self,
        *,
        ready: Callable[[bytes, bytes], bytes | None],
        files_of_a_client: int = MOST_OF_A_CLIENT,
        **rest: Any,  # noqa: ANN401 - Front's own
    ) -> None:
        super().__init__(ready=self._is_probe, **rest)
        self._answer = ready
        self._files_of_a_client = files_of_a_client
        self._downloads: dict[int, Download] = {}
        self._clients: Counter[bytes] = Counter()
        self._willing: deque[Download] = deque()
        self._grants = Grants()

    def __len__(self) -> int:
        return super().__len__() + len(self._downloads)

    def turn(self, seconds: float) -> None:
        """As Front's; then those who can take more of their files have their turns."""
        if self._downloads:
            seconds = 0.0 if self._willing else min(seconds, SWEEP_SECONDS)
        super().turn(seconds)
        left = ROUND
        while self._willing and left > 0:
            left -= self._send_more(self._willing.popleft())

    def finished(self, connection: Connection, reply: Reply) -> None:
        """A thread has answered: send it, and go on as the reply says."""
        file = reply.file
        if file is None:
            super().finished(connection, reply)
            return
        if connection.descriptor < 0:
            file.source.release()
        elif self._takes(connection):
            if reply.grant:
                now, peer = self._clock(), connection.peer
                self._grants.give(reply.grant, file.source, file.watch, peer, now)
            self._start(connection, reply.data, file, keep_alive=reply.keep_alive)
        else:
            file.source.release()
            super().finished(connection, Reply(self._refusal(_UNAVAILABLE)))

    def close(self) -> None:
        """Let go of everything at once."""
        for download in [*self._downloads.values()]:
            self._break_off(download)
        self._grants.clear()
        super().close()

    def _is_probe(self, head: bytes, peer: bytes) -> bytes | None:
        """As Front's `ready`; what is granted is no probe, which is soon told."""
        if self._grants and self._grants.find(head, peer, self._clock()):
            return None
        return self._answer(head, peer)

    def _takes(self, connection: Connection) -> bool:
        is_crowded = self._clients[connection.peer[4:8]] >= self._files_of_a_client
        return len(self._downloads) < MOST and not is_crowded

    def _look(self, connection: Connection) -> None:
        """Decide what the bytes so far are."""
        if not (self._grants and self._is_granted(connection)):
            super()._look(connection)

    def _is_granted(self, connection: Connection) -> bool:
        """Answer a request that a view need not see; False where it is not such a one."""
        inbox = connection.inbox
        granted = self._grants.find(inbox, connection.peer, self._clock())
        end = inbox.find(END) + len(END)
        if granted is None or end < len(END) or not self._takes(connection):
            return False
        answer = granted.grant.answer(inbox[:end])
        if answer is None:
            return False
        head, offset, length, keep_alive = answer
        connection.inbox = inbox[end:]
        file = File(granted.source.hold(), offset, length, granted.watch)
        self._start(connection, head, file, keep_alive=keep_alive)
        return True

    def _goes_on(self, download: Download, request: bytes) -> bool:
        """As `_is_granted`, for the next piece of the same file on the same connection.

        It takes a third of the time, of which there is most in what is not done: the connection
        stays where it is, and what it owes is looked at now and then.
        """
        connection = download.connection
        granted = self._grants.find(request, connection.peer, self._clock())
        if granted is None or granted.watch is not download.watch:
            return False
        if request.find(END) + len(END) != len(request) or not self._doors:
            return False
        answer = granted.grant.answer(request)
        if answer is None:
            return False
        connection.outbox, offset, length, keep_alive = answer
        download.owe()
        if offset == 0 or len(download.owed) > _MOST_OWED:
            download.look(self._clock())
            download.watch.began(offset, length)
        download.take(offset, length, keep_alive=keep_alive)
        self._send_more(download)
        return True

    def _start(self, connection: Connection, head: bytes, file: File, *, keep_alive: bool) -> None:
        prepare(connection.descriptor, BUFFER)
        connection.outbox = head
        download = Download(connection, file, keep_alive=keep_alive, now=self._clock())
        self._queues.drop(connection)
        self._downloads[connection.descriptor] = download
        self._clients[connection.peer[4:8]] += 1
        self._callbacks[connection.descriptor] = functools.partial(self._attend, download)
        self._poll.modify(connection.descriptor, _EVENTS)
        file.watch.began(file.offset, file.length)
        self._will(download)

    def _will(self, download: Download) -> None:
        """Its turn comes when those have had theirs who were here before."""
        if not download.is_willing:
            download.is_willing = True
            self._willing.append(download)

    def _send_more(self, download: Download) -> int:
        """One turn; how many bytes it took."""
        download.is_willing = False
        if download.connection.descriptor < 0:
            return 0
        try:
            sent = self._send_file(download) if _has_said(download.connection) else 0
        except BlockingIOError:
            # The poll will tell when there is room again.
            return 0
        except OSError:
            self._break_off(download)
            return 0
        if download.position < download.end:
            # Where less went than might have there is no room: the poll will tell.
            if sent == TURN:
                self._will(download)
        elif not download.keep_alive:
            self._say_goodbye(download)
        return sent

    def _send_file(self, download: Download) -> int:
        """Send what fits of a file. Raises OSError, also where the file has become shorter."""
        connection, position = download.connection, download.position
        length = min(download.end - position, TURN)
        sent = os.sendfile(connection.descriptor, download.source.descriptor, position, length)
        if not sent:
            raise OSError("the file is shorter than it was")
        download.position = position + sent
        connection.written += sent
        return sent

    def _say_goodbye(self, download: Download) -> None:
        """Behind the last byte comes the half-close."""
        try:
            half_close(download.connection.descriptor)
        except OSError:
            self._break_off(download)

    def _attend(self, download: Download) -> None:
        """It can take more, has said something, or has gone."""
        if download.position < download.end:
            self._will(download)
            return
        connection = download.connection
        try:
            read = receive if self.answering else os.read
            data = read(connection.descriptor, RECEIVE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not connection.inbox and download.keep_alive and self._goes_on(download, data):
            return
        connection.inbox += data
        if not data or len(connection.inbox) > _MOST_UNASKED:
            self._break_off(download)
        elif download.look(self._clock()):
            self._give_file_back(download)

    def _give_file_back(self, download: Download) -> None:
        """All of it is with the client, whose connection goes on as after any other answer."""
        connection = download.connection
        self._forget_file(download, complete=True)
        connection.keep_alive = download.keep_alive and bool(self._doors)
        if not connection.keep_alive:
            self._linger(connection)
            return
        self._poll.modify(connection.descriptor, select.EPOLLIN)
        self._queues.move(connection, State.READING, self._clock())
        if connection.inbox:
            self._look(connection)

    def _break_off(self, download: Download) -> None:
        """Its client has gone, or is let go."""
        complete = download.look(self._clock())
        self._forget_file(download, complete=complete)
        self._close(download.connection)

    def _forget_file(self, download: Download, *, complete: bool) -> None:
        connection = download.connection
        del self._downloads[connection.descriptor]
        del self._callbacks[connection.descriptor]
        client = connection.peer[4:8]
        self._clients[client] -= 1
        if not self._clients[client]:
            del self._clients[client]
        download.source.release()
        download.watch.ended(complete=complete)

    def _sweep(self, now: float) -> None:
        super()._sweep(now)
        self._grants.sweep(now)
        for download in [*self._downloads.values()]:
            if download.look(now):
                self._give_file_back(download)
            elif now - download.since > IDLE or not download.watch.allowed:
                self._break_off(download)
            elif download.position < download.end:
                # In case the poll has told of room while there was none.
                self._will(download)


def _has_said(connection: Connection) -> bool:
    """Send the head, if that has not been done; whether it has gone. Raises OSError."""
    if connection.outbox:
        # Held back until the first bytes of the file go along with it.
        sent = send(connection.descriptor, connection.outbox, more=True)
        connection.written += sent
        connection.outbox = connection.outbox[sent:]
    return not connection.outbox
