"""Who is sent off comes back in its time, whatever happens to the agent."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hotspot.agent import dismissing
from hotspot.agent.dismissing import FILE, Dismissing
from hotspot.agent.port import CannotNow
from tests.hotspot.agent.fakes import DEADLINE, FakeRadio
from tests.hotspot.agent.serving import serving

ONE, TWO = "02:00:00:00:00:01", "02:00:00:00:00:02"


def wait_until(holds: Callable[[], bool]) -> None:
    """Until something holds, by a deadline."""
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_each_comes_back_in_its_time(tmp_path: Path) -> None:
    """The one that was sent off for less comes back first; then nobody is pending."""
    radio = FakeRadio(tmp_path)
    off = Dismissing(radio, tmp_path)
    off.dismiss(ONE, 600)
    off.dismiss(TWO, 0.05)

    wait_until(lambda: radio.denied == {ONE})
    assert off.pending
    off.dismiss(ONE, 0.05)

    wait_until(lambda: not off.pending)
    wait_until(lambda: ("readmit", ONE) in radio.doings)
    assert json.loads((tmp_path / FILE).read_bytes()) == {}
    off.end()


def test_the_next_agent_lets_back_in(tmp_path: Path) -> None:
    """One that was killed had it on file; one that is ended leaves it to the next."""
    radio = FakeRadio(tmp_path)
    before = Dismissing(radio, tmp_path)
    before.dismiss(ONE, 1.0)
    before.end()

    after = Dismissing(radio, tmp_path)
    assert after.pending
    wait_until(lambda: ("readmit", ONE) in radio.doings)
    after.end()


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"a": "x"}', b"\xff"])
def test_a_damaged_file_is_nothing(tmp_path: Path, text: bytes) -> None:
    """Whatever stands in it."""
    (tmp_path / FILE).write_bytes(text)

    assert not Dismissing(FakeRadio(tmp_path), tmp_path).pending


def test_who_cannot_be_sent_off_is_not_pending(tmp_path: Path) -> None:
    """The asker is told why; and without an access point nobody has to be let in."""
    radio = FakeRadio(tmp_path)
    off = Dismissing(radio, tmp_path)
    radio.refusal = CannotNow("there is no access point now")

    with pytest.raises(CannotNow):
        off.dismiss(ONE, 600)
    assert not off.pending
    radio.refusal = None
    off.dismiss(ONE, 0.05)
    radio.refusal = CannotNow("there is no access point now")
    wait_until(lambda: not off.pending)
    off.end()


def test_the_list_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is due first makes room."""
    monkeypatch.setattr(dismissing, "MOST", 2)
    radio = FakeRadio(tmp_path)
    off = Dismissing(radio, tmp_path)
    for number in range(4):
        off.dismiss(f"02:00:00:00:00:0{number}", 600 + number)

    assert radio.denied == {"02:00:00:00:00:02", "02:00:00:00:00:03"}
    off.end()


def test_the_agent_stays_while_somebody_is_off(tmp_path: Path) -> None:
    """Its idle time begins when the last one may come back."""
    with serving(tmp_path, idle=0.1) as running:
        assert running.ask("dismiss", address=ONE, seconds=1) == [
            {"event": "dismissed", "address": ONE}
        ]
        wait_until(lambda: not running.thread.is_alive())

    assert running.radio.doings == [("dismiss", ONE), ("readmit", ONE)]
