"""Event streams in the event loop: answers that stay open and are fed, and hold no thread.

A stream's body is in chunks (RFC 9112 7.1); what is published of its topic goes out as one, a
comment every 15 s where nothing does, and the last chunk ends it politely: then the connection
is as any other that has been answered. Whoever reads slowly gets the latest news instead of all
of them, so nobody costs more than one piece of news in memory.

    FRONT --a reply with a stream--> followed here --last news, time, SIGTERM--> FRONT
                                          |
                                          +--gone, or reads nothing for 10 s--> closed
"""

from __future__ import annotations

import functools
import select
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from portal.door.connection import Connection
from portal.door.descriptors import RECEIVE, receive, send
from portal.door.front import Front
from portal.door.paper import LAST_CHUNK, Reply, Stream

MOST: Final = 64
MOST_OF_A_CLIENT: Final = 4
# What is remembered of topics, for those who begin to follow between two pieces of news.
_TOPICS: Final = 16

# Seconds. Then a browser asks anew by itself, and a phone that has left is let go.
LONGEST: Final = 300.0
HEARTBEAT: Final = 15.0
STUCK: Final = 10.0
_BEAT: Final = b":\n\n"
# A browser sends nothing more on a connection that it reads a stream from.
_MOST_UNASKED: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news: its number, its bytes, and whether it is a topic's last."""

    number: int
    data: bytes
    last: bool


@dataclass(slots=True, eq=False)
class _Follower:
    connection: Connection
    stream: Stream
    keep_alive: bool
    until: float
    # Since when: nothing was sent, or nothing was taken.
    since: float
    pending: bytes = b""
    ending: bool = field(default=False)

    @property
    def client(self) -> bytes:
        """The client's address, packed (struct sockaddr_in)."""
        return self.connection.peer[4:8]


class StreamingFront(Front):
    """The front door, with streams behind it; `publish` too is for the loop's thread."""

    def __init__(self, *, of_a_client: int = MOST_OF_A_CLIENT, **rest: Any) -> None:  # noqa: ANN401 - Front's own
        super().__init__(**rest)
        self._of_a_client = of_a_client
        self._followers: dict[int, _Follower] = {}
        self._latest: dict[str, News] = {}

    def __len__(self) -> int:
        return super().__len__() + len(self._followers)

    def publish(self, topic: str, news: News) -> None:
        """Let all who follow `topic` know; an older piece of news than the last is passed over."""
        before = self._latest.pop(topic, None)
        self._latest[topic] = news if before is None or before.number < news.number else before
        if len(self._latest) > _TOPICS:
            del self._latest[next(iter(self._latest))]
        for follower in [*self._followers.values()]:
            if follower.stream.topic == topic:
                self._offer(follower, news)

    def finished(self, connection: Connection, reply: Reply) -> None:
        """A thread has answered: send it, and go on as the reply says."""
        if reply.stream is None or connection.descriptor < 0:
            super().finished(connection, reply)
        elif self._has_room(connection):
            self._begin(connection, reply, reply.stream)
        else:
            # The first piece of news and the end: it will come again.
            super().finished(connection, Reply(reply.data + LAST_CHUNK, reply.keep_alive))

    def stop_listening(self) -> None:
        """Accept no more, and end the streams: who follows comes again, to the successor."""
        super().stop_listening()
        for follower in [*self._followers.values()]:
            self._end(follower)

    def close(self) -> None:
        """Let go of everything at once."""
        for follower in [*self._followers.values()]:
            self._drop(follower)
        super().close()

    def _has_room(self, connection: Connection) -> bool:
        clients = Counter(follower.client for follower in self._followers.values())
        has_place = clients[connection.peer[4:8]] < self._of_a_client
        return bool(self._doors) and len(self._followers) < MOST and has_place

    def _begin(self, connection: Connection, reply: Reply, stream: Stream) -> None:
        now = self._clock()
        follower = _Follower(connection, stream, reply.keep_alive, now + LONGEST, now)
        self._queues.drop(connection)
        self._followers[connection.descriptor] = follower
        self._callbacks[connection.descriptor] = functools.partial(self._look_after, follower)
        connection.outbox = reply.data
        self._flush(follower)
        latest = self._latest.get(stream.topic)
        if latest is not None:
            self._offer(follower, latest)

    def _offer(self, follower: _Follower, news: News) -> None:
        """Tell one follower, now or when it has taken what it was told before."""
        if follower.ending or news.number <= follower.stream.seen:
            return
        follower.ending = news.last
        follower.pending = _chunk(news.data)
        if not follower.connection.outbox:
            self._flush(follower)

    def _look_after(self, follower: _Follower) -> None:
        """It has said something, can be told more, or has gone."""
        connection = follower.connection
        try:
            data = receive(connection.descriptor, RECEIVE)
        except BlockingIOError:
            self._flush(follower)
            return
        except OSError:
            data = b""
        connection.inbox += data
        if not data or len(connection.inbox) > _MOST_UNASKED:
            self._drop(follower)
        else:
            self._flush(follower)

    def _flush(self, follower: _Follower) -> None:
        """Send what goes, then what is pending; where all has gone and it is over, end it."""
        connection = follower.connection
        while connection.outbox or follower.pending:
            if not connection.outbox:
                connection.outbox, follower.pending = follower.pending, b""
            try:
                sent = send(connection.descriptor, connection.outbox)
            except BlockingIOError:
                self._poll.modify(connection.descriptor, select.EPOLLIN | select.EPOLLOUT)
                return
            except OSError:
                self._drop(follower)
                return
            connection.written += sent
            connection.outbox = connection.outbox[sent:]
            follower.since = self._clock()
        self._poll.modify(connection.descriptor, select.EPOLLIN)
        if follower.ending:
            self._give_back(follower)

    def _end(self, follower: _Follower) -> None:
        """The last chunk, behind what is still to be sent."""
        follower.ending = True
        self._flush(follower)

    def _give_back(self, follower: _Follower) -> None:
        """End the body; the connection goes on as it would have after any answer."""
        self._forget(follower)
        connection = follower.connection
        connection.keep_alive = follower.keep_alive and bool(self._doors)
        self._send(connection, LAST_CHUNK)

    def _drop(self, follower: _Follower) -> None:
        self._forget(follower)
        self._close(follower.connection)

    def _forget(self, follower: _Follower) -> None:
        del self._followers[follower.connection.descriptor]
        del self._callbacks[follower.connection.descriptor]

    def _sweep(self, now: float) -> None:
        super()._sweep(now)
        for follower in [*self._followers.values()]:
            if follower.connection.outbox:
                if now - follower.since > STUCK:
                    self._drop(follower)
            elif now >= follower.until:
                self._end(follower)
            elif now - follower.since >= HEARTBEAT:
                follower.pending = _chunk(_BEAT)
                self._flush(follower)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
