"""Who may download, and in which order."""

from __future__ import annotations

import sys
import threading

from hypothesis import given
from hypothesis import strategies as st

from portal.bench.artifacts.slots import FORGET, Slots


def test_first_come_first_served() -> None:
    """A place that comes free is for who has waited longest, whoever asks first."""
    slots = Slots(2)
    assert [slots.take(device, 0) for device in "abcd"] == [True, True, False, False]
    slots.free("a")

    assert not slots.take("d", 1)
    assert slots.take("c", 2)
    assert (slots.busy, slots.waiting) == (2, 1)


def test_who_has_a_place_keeps_it() -> None:
    """Asking again takes no second place."""
    slots = Slots(2)

    assert [slots.take("a", now) for now in range(5)] == [True] * 5
    assert slots.busy == 1


def test_two_places_at_once() -> None:
    """With two free the second in line need not wait for the first to ask."""
    slots = Slots(2)
    for device in "abcd":
        slots.take(device, 0)
    slots.free("a")
    slots.free("b")

    assert slots.take("d", 1)
    assert slots.take("c", 1)


def test_who_has_left_holds_up_nobody() -> None:
    """Who has not asked for half a minute is passed over."""
    slots = Slots(1, patience=30)
    slots.take("a", 0)
    slots.take("gone", 1)
    slots.take("b", 20)
    slots.free("a")

    assert not slots.take("b", 30)
    assert slots.take("b", 32)


def test_who_seldom_asks_gets_its_turn() -> None:
    """Its place in line is the old one when it comes again, before all who came later."""
    slots = Slots(1, patience=30)
    slots.take("a", 0)
    slots.take("seldom", 1)
    for now in range(2, 120):
        assert not slots.take("often", now)
    slots.take("seldom", 120)
    slots.free("a")

    assert not slots.take("often", 121)
    assert slots.take("seldom", 122)


def test_who_never_comes_again_is_forgotten() -> None:
    """After a quarter of an hour."""
    slots = Slots(1)
    for device, now in (("a", 0), ("gone", 1), ("b", FORGET), ("b", FORGET + 2)):
        slots.take(device, now)

    assert slots.waiting == 1


def test_the_oldest_wait() -> None:
    """Of those who still ask."""
    slots = Slots(1, patience=30)
    for device, now in (("a", 0.0), ("b", 5.0), ("c", 10.0)):
        slots.take(device, now)

    assert slots.oldest(30) == 25
    slots.take("c", 38)
    assert slots.oldest(40) == 30
    assert Slots().oldest(0) == 0


def test_looked_at_while_others_ask() -> None:
    """The page asks for the oldest wait from a thread of its own, while devices come and go."""
    slots, is_over = Slots(1), threading.Event()
    slots.take("a", 0)

    def come_and_go() -> None:
        while not is_over.is_set():
            for number in range(50):
                slots.take(str(number), 1)
            for number in range(50):
                slots.free(str(number))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    others = threading.Thread(target=come_and_go)
    others.start()
    try:
        assert {slots.oldest(2.0) for _ in range(3000)} <= {0.0, 1.0}
    finally:
        is_over.set()
        others.join()
        sys.setswitchinterval(before)


@given(
    most=st.integers(1, 4),
    acts=st.lists(st.tuples(st.sampled_from("atf"), st.sampled_from("uvwxyz"))),
)
def test_never_more_than_there_are(most: int, acts: list[tuple[str, str]]) -> None:
    """Whatever happens, no more have a place than there are, and nobody is in line with one."""
    slots = Slots(most, patience=20)
    inside: set[str] = set()
    for now, (act, device) in enumerate(acts):
        if act in "at" and slots.take(device, now):
            inside.add(device)
        elif act == "f":
            slots.free(device)
            inside.discard(device)
        assert slots.busy == len(inside) <= most


@given(st.integers(1, 5), st.integers(1, 40))
def test_all_get_through_in_order(most: int, crowd: int) -> None:
    """A crowd that asks once a second, each busy for three: all are served, in order of arrival."""
    slots = Slots(most)
    ends: dict[int, int] = {}
    served: list[int] = []
    now = 0
    while len(served) < crowd:
        for device in [d for d, end in ends.items() if end <= now]:
            slots.free(str(device))
            del ends[device]
        for device in range(crowd):
            if device not in served and slots.take(str(device), now):
                served.append(device)
                ends[device] = now + 3
        now += 1

    assert served == list(range(crowd))
    assert now <= 3 * (crowd // most + 1) + 1
