"""The driver of joins, over a real store and a real socket: one at a time, and nothing untrue."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.joining import trial
from portal.joining.driver import Joining
from portal.joining.progress import Progress, view
from portal.joining.radio import Radio
from portal.joining.trial import Ears, World
from portal.provisioning.join import Phase, Turn
from portal.provisioning.keeping.store import Store, Unwritable
from portal.provisioning.life import Life, State
from portal.provisioning.outbox import DurableOutbox
from tests.portal.agent import ADDRESS, FakeAgent, connected, demo_agent, ended, failing, went
from tests.portal.provisioning.fakes import PASSPHRASE, a_record

DEADLINE = 20.0


class Device:
    """A portal's driver with its store, and an agent that comes and goes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "radio.sock"
        self.store = Store(folder / "records.db")
        self.outbox = DurableOutbox(self.store, ["keep"], folder / "deliver.sock", joins=True)
        self.told: list[str] = []
        self.settled: list[str] = []
        self.recalled: list[str] = []
        self.log: list[str] = []
        self.agent: FakeAgent | None = None
        self.begin()

    def begin(self) -> None:
        """A new portal's driver."""
        ears = Ears(
            self.told.append,
            self.settled.append,
            lambda life: self.recalled.append(life.id),
            self.log.append,
        )
        world = World(self.outbox, Radio(self.path), ears, clock=time.monotonic)
        self.joining = Joining(world)

    def submit(self) -> str:
        """A record in line: its id."""
        record = a_record()
        self.outbox.accept(record)
        self.joining.wake()
        return record.id

    def life(self, id_: str) -> Life:
        """What the store says."""
        life = self.outbox.state(id_)
        assert life is not None
        return life

    def phase(self, id_: str) -> Phase:
        """Where its join stands."""
        join = self.life(id_).join
        assert join is not None
        return join.state

    def becomes(self, id_: str, phase: Phase) -> Life:
        """Wait until its join stands there."""
        until(lambda: self.phase(id_) is phase)
        return self.life(id_)


def until(so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + DEADLINE
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "PAUSE", 0.02)
    monkeypatch.setattr("portal.joining.driver.PAUSE", 0.02)
    monkeypatch.setattr("portal.joining.driver.BUSY_PAUSE", 0.02)
    monkeypatch.setattr(trial, "COMING_BACK", 0.5)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    """One with an agent."""
    device = Device(tmp_path)
    device.agent = FakeAgent(device.path)
    yield device
    device.agent.close()
    device.joining.stop()
    device.store.close()


@pytest.fixture
def agent(device: Device) -> FakeAgent:
    """Its agent."""
    assert device.agent is not None
    return device.agent


def test_connected(device: Device, agent: FakeAgent) -> None:
    """Asked for with the record's key, followed step by step, kept, and its deliveries let go."""
    id_ = device.submit()
    call = agent.next("join")
    assert call.request == {
        "verb": "join",
        "key": id_,
        "network": {"ssid": b"home".hex(), "hidden": False, "passphrase": str(PASSPHRASE)},
    }
    call.say(*went("found", "done"), {"event": "moving", "how": "announce", "channel": 11})
    call.say(*went("authenticated"))
    until(lambda: "authenticated" in (device.joining.progress(id_) or Progress()).steps)
    seen = view(device.life(id_), device.joining.progress(id_))
    assert seen is not None
    assert (seen.state, seen.next, seen.final) == ("trying", "wait", False)
    assert [each.state for each in seen.steps[:3]] == ["done", "begun", "todo"]
    assert seen.moving is not None
    assert seen.moving.channel == 11
    assert device.life(id_).state is State.HELD

    call.ends(*connected(id_)[2:])
    life = device.becomes(id_, Phase.CONNECTED)
    assert life.state is State.ACCEPTED
    assert life.join is not None
    assert life.join.detail["address"] == ADDRESS
    until(lambda: not device.joining.busy)
    assert device.settled == [id_]
    assert device.told[-1] == id_


@pytest.mark.parametrize(
    ("outcome", "at", "again"),
    [
        ("wrong_password", "authenticated", False),
        ("not_found", "found", True),
        ("no_address", "lease", True),
        ("upstream_portal", "internet", True),
        ("needs_username", "found", False),
        ("lost", "stable", True),
        ("failed", "kept", True),
    ],
)
def test_failed(device: Device, agent: FakeAgent, outcome: str, at: str, *, again: bool) -> None:
    """Kept as an attempt with its reason and step, and nothing of it is delivered."""
    id_ = device.submit()
    agent.next("join").ends(*failing(id_, outcome, at))
    life = device.becomes(id_, Phase.FAILED)
    seen = view(life)

    assert seen is not None
    assert (seen.outcome, seen.step, seen.again, seen.final) == (outcome, at, again, True)
    assert {each.state for each in seen.steps if each.step == at} == {"failed"}
    assert life.state is State.HELD
    assert device.store.due(["keep"]) is None


def test_one_at_a_time(device: Device, agent: FakeAgent) -> None:
    """Who comes second waits in line and is told how long it is; then has the radio alone."""
    first, second, third = (device.submit() for _ in range(3))
    call = agent.next("join")
    assert call.key == first
    assert [device.joining.ahead(id_) for id_ in (first, second, third)] == [0, 1, 2]
    assert device.phase(second) is Phase.WAITING
    assert agent.quiet()

    call.ends(*failing(first, "not_found", "found"))
    call = agent.next("join")
    assert call.key == second
    assert device.joining.ahead(third) == 1
    call.ends(*connected(second))
    agent.next("join").ends(*connected(third))
    device.becomes(third, Phase.CONNECTED)


def test_a_radio_that_is_busy(device: Device, agent: FakeAgent) -> None:
    """Somebody else's join: ours waits in line, and that was no attempt."""
    id_ = device.submit()
    agent.next("join").ends({"event": "refused", "what": "busy", "field": ""})
    agent.next("join").ends(*connected(id_))
    life = device.becomes(id_, Phase.CONNECTED)

    assert life.join is not None
    assert life.join.attempts == 1
    assert [told.turn for told in device.store.turns(id_)] == [
        Turn.ASKED, Turn.BEGUN, Turn.PUT_OFF, Turn.BEGUN, Turn.CONNECTED,
    ]  # fmt: skip


def test_a_radio_that_refuses(device: Device, agent: FakeAgent) -> None:
    """Our own fault, in the agent's words."""
    id_ = device.submit()
    refused = {"event": "refused", "what": "not for this radio", "field": "network.security"}
    agent.next("join").ends(refused)
    life = device.becomes(id_, Phase.FAILED)

    assert life.join is not None
    assert (life.join.outcome, life.join.detail) == (
        "failed",
        {"what": "network.security not for this radio"},
    )


def test_no_radio(device: Device, agent: FakeAgent) -> None:
    """Nobody at the socket: said at once, and the same answers may be tried again."""
    agent.close()
    id_ = device.submit()
    life = device.becomes(id_, Phase.FAILED)
    seen = view(life)

    assert seen is not None
    assert (seen.outcome, seen.again) == ("failed", True)
    assert seen.detail == {"what": "this device's radio does not answer"}


@pytest.mark.parametrize("words", [b"{nonsense\n", b'{"event":"step","step":"x","state":"y"}\n',
                                   b"x" * 70_000, b""])  # fmt: skip
def test_an_agent_that_dies(device: Device, agent: FakeAgent, words: bytes) -> None:
    """In the middle, or with nonsense on its lips: nobody knows, so it is interrupted."""
    id_ = device.submit()
    call = agent.next("join")
    call.ends(*went("found", "done"), *went("authenticated"), words)
    life = device.becomes(id_, Phase.INTERRUPTED)

    assert life.join is not None
    assert (life.join.outcome, life.join.step) == (None, "authenticated")
    assert life.state is State.HELD


def test_an_agent_that_comes_back(device: Device, agent: FakeAgent) -> None:
    """It still has the join: followed from its beginning to its end."""
    id_ = device.submit()
    agent.join = {"key": id_, "outcome": None}
    agent.next("join").ends(*went("found", "done"))
    agent.next("follow").ends(*connected(id_))

    device.becomes(id_, Phase.CONNECTED)


@pytest.mark.parametrize("join", [None, {"outcome": "failed"}])
def test_what_is_kept_counts(device: Device, agent: FakeAgent, join: dict[str, str] | None) -> None:
    """An agent killed behind its last step: what it made permanent carries the record's name."""
    id_ = device.submit()
    agent.join = join and {"key": id_, **join}
    agent.kept = {"key": id_, "ssid": "686f6d65"}
    agent.next("join").ends(*went("kept"))
    life = device.becomes(id_, Phase.CONNECTED)

    assert life.state is State.ACCEPTED


def test_an_agent_that_knows_nothing_of_it(device: Device, agent: FakeAgent) -> None:
    """It says that it has the join and then that it has not."""
    id_ = device.submit()
    agent.join = {"key": id_, "outcome": None}
    agent.next("join").close()
    agent.next("follow").ends({"event": "refused", "what": "unknown", "field": "key"})

    device.becomes(id_, Phase.INTERRUPTED)


def test_a_portal_that_ends(device: Device, agent: FakeAgent) -> None:
    """The radio goes on; the next portal follows the same join to its end."""
    id_ = device.submit()
    call = agent.next("join")
    call.say(*went("found", "done"))
    until(lambda: bool((device.joining.progress(id_) or Progress()).steps))
    device.joining.stop()
    assert device.phase(id_) is Phase.TRYING

    agent.join = {"key": id_, "outcome": None}
    device.begin()
    device.joining.wake()
    agent.next("follow").ends(*connected(id_))
    device.becomes(id_, Phase.CONNECTED)


@pytest.mark.parametrize(("kept", "phase"), [(True, Phase.CONNECTED), (False, Phase.INTERRUPTED)])
def test_a_power_cut(device: Device, agent: FakeAgent, phase: Phase, *, kept: bool) -> None:
    """A new boot, a new agent: what is permanent says which it is."""
    id_ = device.submit()
    agent.next("join").say(*went("found", "done"))
    device.joining.stop()
    agent.kept = {"key": id_, "ssid": "686f6d65"} if kept else None
    device.begin()
    device.joining.wake()

    device.becomes(id_, phase)


def test_late_evidence(device: Device, agent: FakeAgent) -> None:
    """Interrupted because the agent did not come back in time; at the next start it has."""
    id_ = device.submit()
    agent.next("join").say(*went("kept"))
    agent.close()
    device.becomes(id_, Phase.INTERRUPTED)
    device.joining.stop()

    device.agent = FakeAgent(device.path)
    device.agent.kept = {"key": id_, "ssid": "686f6d65"}
    device.begin()
    device.joining.wake()
    device.becomes(id_, Phase.CONNECTED)


def test_who_was_in_line_at_a_power_cut_is_tried(device: Device, agent: FakeAgent) -> None:
    """What was accepted is not lost, though it had not begun."""
    first, second = device.submit(), device.submit()
    agent.next("join").say(*went("found"))
    device.joining.stop()
    device.begin()
    device.joining.wake()

    device.becomes(first, Phase.INTERRUPTED)
    agent.next("join").ends(*connected(second))
    device.becomes(second, Phase.CONNECTED)


def test_a_disk_in_trouble(
    device: Device, agent: FakeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No outcome is told before it is kept, however long that takes."""
    id_ = device.submit()
    call = agent.next("join")
    refusing = threading.Event()
    keep = device.outbox.turn

    def turn(id_: str, turn: Turn, **rest: object) -> bool:
        if not refusing.is_set():
            raise Unwritable("there is no space left on the disk")
        return keep(id_, turn, **rest)  # type: ignore[arg-type] # the store's own

    monkeypatch.setattr(device.outbox, "turn", turn)
    call.ends(*connected(id_))
    until(lambda: any("no space" in line for line in device.log))
    assert device.phase(id_) is Phase.TRYING
    assert device.settled == []

    refusing.set()
    device.becomes(id_, Phase.CONNECTED)
    until(lambda: device.settled == [id_])


def test_cancelled(device: Device, agent: FakeAgent) -> None:
    """Taken back while it waits at once; while it is tried by the agent, whose end is heard."""
    first, second = device.submit(), device.submit()
    call = agent.next("join")
    device.joining.cancel(second)
    life = device.life(second)
    assert life.join is not None
    assert (life.join.state, life.join.outcome) == (Phase.FAILED, "cancelled")

    device.joining.cancel(first)
    cancel = agent.next("cancel")
    assert cancel.key == first
    cancel.ends({"event": "cancelled"})
    call.ends(ended(first, "cancelled", "found"))
    device.becomes(first, Phase.FAILED)


def test_again(device: Device, agent: FakeAgent) -> None:
    """The same answers once more; not for what has connected."""
    id_ = device.submit()
    agent.next("join").ends(*failing(id_, "not_found", "found"))
    device.becomes(id_, Phase.FAILED)
    assert device.joining.again(id_)
    agent.next("join").ends(*connected(id_))
    life = device.becomes(id_, Phase.CONNECTED)

    assert life.join is not None
    assert life.join.attempts == 2
    assert not device.joining.again(id_)


def test_what_the_radio_says_holds_no_secret(device: Device, agent: FakeAgent) -> None:
    """A word of the agent's that quotes the password is kept without it."""
    id_ = device.submit()
    what = f"could not write {PASSPHRASE}"
    agent.next("join").ends(ended(id_, "failed", "kept", what=what, passphrase=PASSPHRASE))
    life = device.becomes(id_, Phase.FAILED)

    assert life.join is not None
    assert life.join.detail == {"what": "could not write (hidden)"}


def test_the_last_one_is_recalled(device: Device, agent: FakeAgent) -> None:
    """By the next portal: whoever lost the page finds its outcome."""
    id_ = device.submit()
    agent.next("join").ends(*failing(id_, "not_found", "found"))
    device.becomes(id_, Phase.FAILED)
    device.joining.stop()
    device.begin()
    device.joining.wake()

    until(lambda: device.recalled == [id_])


def test_the_thread_is_there_only_while_there_is_work(device: Device, agent: FakeAgent) -> None:
    """Nobody in line: no thread, no question to the radio."""
    before = threading.active_count()
    device.joining.wake()
    until(lambda: threading.active_count() == before)
    assert agent.asked == []


@pytest.mark.parametrize(
    ("password", "phase", "outcome"),
    [
        ("right password", Phase.CONNECTED, "connected"),
        ("wrong password", Phase.FAILED, "wrong_password"),
        ("lost again", Phase.FAILED, "lost"),
    ],
)
def test_the_real_agent(tmp_path: Path, password: str, phase: Phase, outcome: str) -> None:
    """`python -m hotspot.agent --demo` and the driver understand each other."""
    with demo_agent(tmp_path):
        device = Device(tmp_path)
        record = a_record(ssid=b"Home Sweet Home", passphrase=password)
        device.outbox.accept(record)
        device.joining.wake()
        life = device.becomes(record.id, phase)
        device.joining.stop()
        device.store.close()

    assert life.join is not None
    assert life.join.outcome == outcome
