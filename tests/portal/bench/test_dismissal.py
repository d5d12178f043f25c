"""Who is finished is sent off the access point, once, and let back where it is to be done again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portal.bench.dismissal import AWAY, BACK, GRACE, PATIENCE, Dismissal, by_radio, leased
from portal.joining.radio import SOCKET, Radio, Silent
from tests.hotspot.agent.serving import serving
from tests.portal.bench.fakes import FakeBench

MAC = "02:00:00:00:00:0a"


@dataclass
class Door:
    """A bench, and what the radio was asked; `silent` while nobody answers there."""

    bench: FakeBench = field(default_factory=FakeBench)
    asked: list[tuple[str, int]] = field(default_factory=list)
    leases: set[str] = field(default_factory=lambda: {MAC})
    time: float = 100.0
    silent: bool = False

    def __post_init__(self) -> None:
        self.bench.expect("a", mac=MAC)
        self.dismissal = Dismissal(self.bench, self.off, lambda: self.leases, lambda: self.time)
        self.dismissal.look()

    def off(self, mac: str, seconds: int) -> None:
        if self.silent:
            raise Silent("nobody is there")
        self.asked.append((mac, seconds))

    def look(self, *, after: float = 0.0) -> list[tuple[str, int]]:
        """What the radio has been asked by then."""
        self.time += after
        self.dismissal.look()
        return self.asked


def test_a_finished_device_is_sent_off_once() -> None:
    """After a moment, in which it hears that it is done; whatever is done with it afterwards."""
    door = Door()
    door.bench.act("a", "checked", "Ann")

    assert door.look() == []
    assert door.look(after=GRACE) == [(MAC, AWAY)]
    door.bench.act("a", "labelled", "Ann")
    door.bench.act("a", "release", "Ann")
    assert door.look(after=60) == [(MAC, AWAY)]


def test_who_is_to_be_done_again_is_let_back() -> None:
    """At once; and sent off again when it is done again."""
    door = Door()
    door.bench.act("a", "checked", "Ann")
    door.look()
    door.look(after=GRACE)
    door.bench.act("a", "claim", "Ann")

    assert door.look() == [(MAC, AWAY), (MAC, BACK)]
    door.bench.act("a", "checked", "Ann")
    door.look()
    assert door.look(after=GRACE)[2:] == [(MAC, AWAY)]


def test_who_is_taken_back_in_that_moment_stays() -> None:
    """Nothing is asked of the radio."""
    door = Door()
    door.bench.act("a", "checked", "Ann")
    door.look()
    door.bench.act("a", "claim", "Ann")

    assert door.look(after=GRACE) == []


def test_only_who_is_on_this_radio(tmp_path: Path) -> None:
    """Without a lease it came by a cable, or has gone; finished before us is none of ours."""
    door = Door(leases=set())
    door.bench.act("a", "checked", "Ann")
    door.look()
    assert door.look(after=GRACE) == []
    after = Dismissal(door.bench, door.off, lambda: {MAC}, lambda: door.time)
    after.look()
    door.time += GRACE
    after.look()
    assert door.asked == []
    assert leased(tmp_path)() == set()
    (tmp_path / "dnsmasq.leases").write_text(f"1700000000 {MAC} 100.64.64.9 lamp *\n")
    assert leased(tmp_path)() == {MAC}


def test_a_silent_radio_is_asked_for_a_while() -> None:
    """Until it answers, or until that is no use any more."""
    door = Door(silent=True)
    door.bench.act("a", "checked", "Ann")
    door.look()
    door.look(after=GRACE)
    door.silent = False
    assert door.look() == [(MAC, AWAY)]

    late = Door(silent=True)
    late.bench.act("a", "checked", "Ann")
    late.look()
    late.look(after=GRACE + PATIENCE)
    late.silent = False
    assert late.look() == []


def test_the_agent_is_asked(tmp_path: Path) -> None:
    """The real one, before a radio of thin air; a refusal and an absence are one `Silent`."""
    off = by_radio(Radio(tmp_path / SOCKET))
    with serving(tmp_path) as running:
        off(MAC, 600)
        assert running.radio.doings == [("dismiss", MAC)]
        with pytest.raises(Silent, match="whole number"):
            off(MAC, 0)
    with pytest.raises(Silent):
        off(MAC, 600)
