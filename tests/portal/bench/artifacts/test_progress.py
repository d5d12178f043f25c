"""How a download gets on, by what its device has acknowledged."""

from __future__ import annotations

import pytest

from portal.bench.artifacts.progress import MOST, WINDOW, Progress


class Time:
    """A clock that is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    """A clock at rest."""
    return Time()


@pytest.fixture
def progress(time: Time) -> Progress:
    """Nothing has begun."""
    return Progress(time)


def test_a_whole_file(progress: Progress, time: Time) -> None:
    """Bytes, size and rate as they come in."""
    course = progress.course("code", 1000)
    course.began(0, 1000)
    for second in range(1, 5):
        time.now += 1
        course.acknowledged(0, 100 * second)

    number, size, rate = progress.of("code")
    assert (number, size) == (400, 1000)
    assert rate == pytest.approx(100)


def test_pieces_by_many_connections(progress: Progress) -> None:
    """Each byte counts once, in whatever order the pieces come."""
    course = progress.course("code", 1000)
    for begin, end in ((0, 100), (500, 700), (600, 800), (100, 200), (500, 700)):
        course.began(begin, end - begin)
        course.acknowledged(begin, end)

    assert progress.of("code")[0] == 500


def test_a_resumed_download(progress: Progress) -> None:
    """Cut at 400 and gone on with from there, it is whole at the end."""
    course = progress.course("code", 1000)
    course.began(0, 1000)
    course.acknowledged(0, 400)
    course.ended(complete=False)
    again = progress.course("code", 1000)
    again.began(400, 600)
    again.acknowledged(400, 1000)

    assert again is course
    assert progress.of("code")[0] == 1000


def test_who_begins_again_has_nothing(progress: Progress) -> None:
    """A device that asks for the first byte once more has thrown away the others."""
    course = progress.course("code", 1000)
    course.began(0, 1000)
    course.acknowledged(0, 900)
    course.began(0, 1000)

    assert progress.of("code")[0] == 0


def test_after_a_restart_of_ours(progress: Progress) -> None:
    """A device that goes on in the middle has what is before."""
    course = progress.course("code", 1000)
    course.began(700, 300)
    course.acknowledged(700, 900)

    assert progress.of("code")[0] == 900


def test_who_is_silent_has_no_rate(progress: Progress, time: Time) -> None:
    """A few seconds after the last byte."""
    course = progress.course("code", 1000)
    course.began(0, 1000)
    time.now += 1
    course.acknowledged(0, 500)
    time.now += WINDOW + 1

    assert progress.of("code")[2] == 0


def test_the_rate_of_thousands_of_pieces(progress: Progress, time: Time) -> None:
    """A piece a millisecond, in bounded memory."""
    course = progress.course("code", 10**9)
    course.began(0, 10**9)
    for piece in range(20_000):
        time.now += 0.001
        course.acknowledged(piece * 1000, (piece + 1) * 1000)

    assert progress.of("code")[2] == pytest.approx(10**6, rel=0.01)
    assert len(course._marks) < 40


def test_unknown(progress: Progress) -> None:
    """Nothing is known of what never began."""
    assert progress.of("code") == (0, 0, 0.0)


def test_revoked(progress: Progress) -> None:
    """The course that the loop has is told, and the next is another."""
    course = progress.course("code", 1000)
    progress.revoke("code")
    progress.revoke("other")

    assert not course.allowed
    assert progress.course("code", 1000).allowed


def test_another_form_of_the_same(progress: Progress) -> None:
    """A device that had no room is given a smaller file: its bytes are of that one, and never more
    than there are.
    """
    plain = progress.course("code", 1000)
    plain.began(0, 1000)
    plain.acknowledged(0, 900)
    packed = progress.course("code", 400)
    packed.began(0, 400)
    packed.acknowledged(0, 400)

    assert progress.of("code")[:2] == (400, 400)
    assert (plain.allowed, packed.allowed) == (False, True)


def test_it_forgets_the_oldest(progress: Progress) -> None:
    """Not those that are under way."""
    progress.course("busy", 5).began(0, 5)
    progress.course("idle", 5)
    for number in range(MOST):
        progress.course(str(number), 5)

    assert progress.of("busy")[1] == 5
    assert progress.of("idle")[1] == 0
