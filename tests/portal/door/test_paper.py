"""What is written on paper becomes what the loop sends."""

from __future__ import annotations

import os

import pytest

from portal.door.paper import Paper
from tests.portal.door.test_sending import Watch

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


def test_a_head_and_a_file() -> None:
    """The head is kept, and the bytes come from the file."""
    page = Paper()
    descriptor = os.open("/dev/zero", os.O_RDONLY)
    page.file(descriptor, 7, 5, Watch())
    page.sendall(HEAD)
    reply = page.reply(keep_alive=True)

    assert (reply.data, reply.keep_alive) == (HEAD, True)
    assert reply.file
    assert (reply.file.source.descriptor, reply.file.offset, reply.file.length) == (
        descriptor,
        7,
        5,
    )
    reply.file.source.release()


@pytest.mark.parametrize(
    "text",
    [HEAD + b"hello", HEAD.replace(b": 5", b": 55"), b"", HEAD.replace(b"\r\nC", b"\r\nX-C")],
)
def test_an_answer_that_became_another(text: bytes) -> None:
    """An error page in its place goes out as it is, and the file is closed."""
    page = Paper()
    descriptor = os.open("/dev/zero", os.O_RDONLY)
    page.file(descriptor, 0, 5, Watch())
    page.sendall(text)
    reply = page.reply(keep_alive=True)

    assert reply.data == text
    assert reply.file is None
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
