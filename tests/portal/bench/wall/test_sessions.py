"""Who is signed in, and for how long."""

from __future__ import annotations

from random import Random

from portal.bench.wall.people import Person, Role
from portal.bench.wall.sessions import IDLE_SECONDS, MOST, MOST_HELD, Sessions

ADA = Person("Ada", Role.LEAD, "")
BEN = Person("Ben", Role.TECHNICIAN, "")


def sessions() -> Sessions:
    """None yet."""
    return Sessions(Random(1).randbytes)


def test_a_cookie_opens_its_own_session() -> None:
    """No other does, and each is new."""
    made = sessions()
    ada, ben = made.open(ADA, 0.0), made.open(BEN, 0.0)

    first, second = made.find(ada, 1.0, act=True), made.find(ben, 1.0, act=True)
    assert first is not None
    assert second is not None
    assert (first.name, first.leads, second.name, second.leads) == ("Ada", True, "Ben", False)
    assert first.is_ours(first.token)
    assert not first.is_ours(second.token)
    assert made.find("0" * 64, 1.0, act=True) is None
    assert len({ada, ben, first.token, second.token}) == 4


def test_it_ends_without_an_act() -> None:
    """What the page asks by itself does not keep it open; an act does."""
    made = sessions()
    cookie = made.open(ADA, 0.0)

    assert made.find(cookie, IDLE_SECONDS - 1, act=True)
    assert made.find(cookie, 2 * IDLE_SECONDS - 2, act=False)
    assert made.find(cookie, 2 * IDLE_SECONDS - 1, act=False) is None
    assert made.find(cookie, 0.0, act=True) is None


def test_closed_and_dropped() -> None:
    """Signed out is one device; removed is all of a person's."""
    made = sessions()
    one, two, three = made.open(ADA, 0.0), made.open(ADA, 0.0), made.open(BEN, 0.0)
    made.close(one)
    assert made.find(one, 0.0, act=False) is None
    made.drop("Ada")

    assert made.find(two, 0.0, act=False) is None
    assert made.find(three, 0.0, act=False)


def test_there_are_never_too_many() -> None:
    """The one longest unused makes room."""
    made = sessions()
    cookies = [made.open(ADA, float(number)) for number in range(MOST)]
    made.find(cookies[0], 70.0, act=True)
    made.open(BEN, 80.0)

    assert made.find(cookies[0], 80.0, act=False)
    assert made.find(cookies[1], 80.0, act=False) is None


def test_a_word_is_said_once() -> None:
    """The next page says it, the one after it does not."""
    made = sessions()
    found = made.find(made.open(ADA, 0.0), 0.0, act=True)
    assert found is not None
    found.word = ("Done.", False)

    assert found.said() == ("Done.", False)
    assert found.said() is None


def test_what_is_held_is_bounded() -> None:
    """All manifests together; the one longest unused makes room, the newest stays."""
    made = sessions()
    cookies = [made.open(ADA, float(number)) for number in range(4)]
    found = [made.find(cookie, 4.0, act=False) for cookie in cookies]
    for each in found:
        assert each is not None
        made.hold(each, "devices.csv", bytes(MOST_HELD // 3))

    assert [bool(each and each.parcel) for each in found] == [False, True, True, True]
