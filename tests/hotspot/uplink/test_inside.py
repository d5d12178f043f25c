"""The process in a namespace of its own: it starts, answers, and ends with whoever asked."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path

import pytest

from hotspot.uplink.inside import Inside
from hotspot.uplink.lease import Lease
from hotspot.uplink.outcome import Outcome
from hotspot.uplink.waiting import Over
from tests.hotspot.uplink.test_trial import GIVEN

pytestmark = [
    pytest.mark.netns,
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root"),
]
SECONDS = 60.0


def wait(descriptor: int, deadline: float) -> bool:
    """As an attempt waits, but that nobody cancels."""
    return bool(select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0])


def namespace(process: int | str) -> str:
    """A process's network namespace."""
    return str(Path(f"/proc/{process}/ns/net").readlink())


def test_apart_from_this_machine() -> None:
    """What it looks at is its own network, in which there is nothing yet; then it is gone."""
    with Inside(wait) as inside:
        pid = inside._process.pid
        with pytest.raises(Over) as over:
            # There is no interface 0 to be behind; that it answers at all means it is ready.
            inside.enter(0)
        assert over.value.outcome is Outcome.FAILED
        assert namespace(pid) != namespace("self")

        with pytest.raises(Over) as over:
            inside.take(GIVEN, SECONDS)
        assert over.value.outcome is Outcome.FAILED

        resolvers = Lease(GIVEN.address, GIVEN.gateway, ())
        assert inside.reach(resolvers, SECONDS) == ("nowhere", "")

    assert not Path(f"/proc/{pid}").exists()


def test_one_that_ends_too_early() -> None:
    """Its end in the middle is told as ours, not as the home network's."""
    with Inside(wait) as inside:
        inside._process.kill()
        inside._process.wait()
        with pytest.raises(Over) as over:
            inside.take(GIVEN, SECONDS)

    assert over.value.outcome is Outcome.FAILED


def test_no_answer_in_time() -> None:
    """At the deadline the answer is the worst one."""
    with Inside(lambda _descriptor, _deadline: False) as inside:
        assert not inside.gateway_answers(GIVEN, 0)
        assert inside.reach(GIVEN, 0) == ("nowhere", "")
