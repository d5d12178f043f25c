"""A story is heard whole, by all who listen, each in its own time."""

from __future__ import annotations

import threading
from typing import Any

from hotspot.agent.story import Story

DEADLINE = 30


def number(at: int) -> dict[str, Any]:
    """An event of a made-up story."""
    return {"event": "number", "at": at}


def test_all_hear_all() -> None:
    """Who listens from the begin, from the middle and after the end hears the same."""
    story = Story()
    heard: list[list[int]] = []

    def listen() -> None:
        heard.append([event["at"] for event in story.events()])

    threads = []
    for at in range(5):
        threads.append(threading.Thread(target=listen))
        threads[-1].start()
        story.tell(number(at))
    story.end()
    for thread in threads:
        thread.join(DEADLINE)
    listen()
    assert heard == [[0, 1, 2, 3, 4]] * 6


def test_a_listener_waits_for_what_comes() -> None:
    """The next event wakes whoever waits for it; the end lets them go."""
    story = Story((number(0),))
    events = story.events()
    assert next(events) == number(0)

    def go_on() -> None:
        story.tell(number(1))
        story.end()

    teller = threading.Thread(target=go_on)
    teller.start()
    assert list(events) == [number(1)]
    teller.join(DEADLINE)
    assert story.ended
    assert story.wait(0)


def test_a_story_of_before() -> None:
    """One that has ended long ago is told again at once."""
    story = Story((number(0), number(1)), ended=True)
    assert list(story.events()) == [number(0), number(1)]
    assert story.so_far() == (number(0), number(1))
