"""How strongly devices are heard: asked only while somebody looks, and shown where it matters."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.bench.devices.states import State
from portal.bench.port import Row
from portal.bench.signals import EVERY, LOOKING, Signals, by_radio
from portal.bench.wall import remedies
from portal.joining.radio import SOCKET, Radio, Silent
from tests.hotspot.agent.serving import serving
from tests.portal.bench.benches import Workshop

MAC = "02:00:00:00:00:01"


class Watch:
    """Signals with a clock; `dead` while the radio is silent."""

    def __init__(self) -> None:
        self.time, self.asked, self.dead = 100.0, 0, False
        self.told: list[dict[str, int]] = []
        self.signals = Signals(self.ask, lambda found: self.told.append(dict(found)), self.clock)

    def clock(self) -> float:
        return self.time

    def ask(self) -> dict[str, int]:
        self.asked += 1
        if self.dead:
            raise Silent("nobody")
        return {MAC: -60}


def test_nobody_looks_nobody_asks() -> None:
    """Asked every ten seconds while a page is open, and no more once it is closed."""
    watch = Watch()
    watch.signals.look()
    assert watch.asked == 0

    watch.signals.watched()
    for _ in range(100):
        watch.signals.look()
        watch.time += 1

    assert watch.asked == 1 + int(LOOKING // EVERY)
    assert watch.told[-1] == {MAC: -60}


def test_a_silent_radio_knows_nothing() -> None:
    """What was heard before is not shown on."""
    watch = Watch()
    watch.dead = True
    watch.signals.watched()
    watch.signals.look()

    assert watch.told == [{}]


def test_the_agent_is_asked(tmp_path: Path) -> None:
    """The real agent over its socket: who is on its radio, as strongly as it hears them."""
    with serving(tmp_path) as made:
        found = by_radio(Radio(tmp_path / SOCKET))()
        heard = {each.address: each.signal for each in made.radio.stations()}

    assert found == heard


def test_a_row_has_it_and_a_flicker_is_no_news(tmp_path: Path) -> None:
    """By the MAC of its lease or of its row; 2 dB are none, 3 are, and gone is gone."""
    shop = Workshop(tmp_path)
    shop.begin([{"id": "SN1", "mac": MAC}, {"id": "SN2", "serial": "SN2"}])
    bench = shop.bench
    bench.rows()

    bench.heard_at({MAC: -60})
    number, _ = bench.rows()
    assert [row.signal for row in map(shop.row, ("SN1", "SN2"))] == [-60, None]
    bench.heard_at({MAC: -62})
    assert bench.rows(number) == (number, [])
    bench.heard_at({MAC: -63})
    assert [row.signal for row in bench.rows(number)[1]] == [-63]
    bench.heard_at({})
    assert shop.row("SN1").signal is None


@pytest.mark.parametrize(("state", "signal", "helps"), [
    (State.FLASHING, -76, "Move it closer."),
    (State.FLASHING, -75, ""),
    (State.FLASHING, None, ""),
    (State.PROVISIONED, -90, ""),
])  # fmt: skip
def test_who_is_heard_faintly_is_to_be_moved(state: State, signal: int | None, helps: str) -> None:
    """While something is still to be done for it."""
    assert remedies.told(Row("a", "a", 1, state, 0.0, signal=signal))[1] == helps
