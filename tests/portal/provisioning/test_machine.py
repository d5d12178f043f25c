"""Any order of submits, failures, crashes, reboots and rivals: nothing acknowledged is lost."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from portal.provisioning import join
from portal.provisioning.backend import Delivered, Outcome, Rejected, Retry
from portal.provisioning.delivery.deliver import Delivery
from portal.provisioning.join import VAIN, Phase, Turn
from portal.provisioning.keeping import amending
from portal.provisioning.keeping.store import Store
from portal.provisioning.life import ENDED, PENDING, State
from portal.provisioning.record import Record
from portal.provisioning.secrecy.withheld import bare
from tests.portal.provisioning.fakes import START, FakeBell, FakeClock, a_record

# Where there is such a place: what outlasts a power cut is not asked here.
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
NAMES = ("keep", "fleet")
# What a second deliverer meets that starts, without any lock, in the middle of an attempt.
RIVALS = {"rival well": "well", "rival retry": "retry", "rival dies": "die after"}
MOODS = ("well", "retry", "reject", "raise", "nonsense", "die before", "die after", *RIVALS)


class Killed(BaseException):
    """The process ends here, as by kill -9."""


class Impatient(FakeBell):
    """Says stop after some looks into the store, or at the first wait."""

    def __init__(self, clock: FakeClock, looks: int) -> None:
        super().__init__(clock, most=1)
        self._looks = looks

    def hush(self) -> bool:
        self._looks -= 1
        self.stopping = self._looks <= 0
        return False


class MoodyBackend:
    """Does as its mood says; idempotent by key, as the protocol asks."""

    def __init__(self, rival: Callable[[], None]) -> None:
        self.mood = "well"
        self.effects: dict[str, Record] = {}
        self.rejected: set[str] = set()
        self.settled: set[str] = set()
        self._rival = rival

    def apply(self, record: Record) -> Outcome:
        assert record.id not in self.settled, "applied again after it was known to be there"
        mood = self.mood
        if mood == "die before":
            raise Killed
        if mood == "raise":
            raise ValueError
        if mood == "nonsense":
            return None  # type: ignore[return-value] # a backend may answer nonsense
        if mood == "retry":
            return Retry(None, "away")
        if mood == "reject":
            self.rejected.add(record.id)
            return Rejected("never")
        if mood in RIVALS:
            self.mood = RIVALS[mood]
            self._rival()
        assert self.effects.setdefault(record.id, record) == record
        if mood == "die after":
            raise Killed
        return Delivered()


class Machine(RuleBasedStateMachine):
    """The portal accepts through one store; each delivery is a process with its own."""

    def __init__(self) -> None:
        super().__init__()
        place = MEMORY if MEMORY.is_dir() else None
        self.folder = tempfile.TemporaryDirectory(prefix="vestibule-test-", dir=place)
        self.path = Path(self.folder.name) / "records.db"
        self.clock = FakeClock()
        self.portal = Store(self.path, clock=self.clock)
        self.acknowledged: dict[str, Record] = {}
        self.joining: dict[str, Phase] = {}
        self.forgotten: set[str] = set()
        self.backends = {name: MoodyBackend(lambda: self.process(2)) for name in NAMES}

    def process(self, looks: int) -> None:
        """A delivery process: starts, makes some attempts, ends in its own way or is killed."""
        with Store(self.path, clock=self.clock) as store:
            delivery = Delivery(store, self.backends, random=lambda: 0.5, log=lambda _: None)
            try:
                delivery.run(Impatient(self.clock, looks))
            except Killed:
                return

    @rule(fields=st.dictionaries(st.sampled_from("abc"), st.text(max_size=5)))
    def accept(self, fields: dict[str, str]) -> None:
        record = a_record(fields=fields)
        self.portal.accept(record, NAMES)
        self.acknowledged[record.id] = record

    @rule()
    def join(self) -> None:
        record = a_record()
        self.portal.accept(record, NAMES, joins=True)
        self.acknowledged[record.id] = record
        self.joining[record.id] = Phase.WAITING

    @rule(turn=st.sampled_from(Turn), which=st.integers(0, 3))
    def turn(self, turn: Turn, which: int) -> None:
        """Something happens to one of the last joins, whether it fits or not."""
        for id_ in [*self.joining][-1 - which :][:1]:
            then = join.after(self.joining[id_], turn)
            assert self.portal.turn(id_, turn, step="lease") is (then is not None)
            self.joining[id_] = then or self.joining[id_]

    @rule(looks=st.integers(1, 6), moods=st.tuples(*[st.sampled_from(MOODS)] * len(NAMES)))
    def deliver(self, looks: int, moods: tuple[str, ...]) -> None:
        for backend, mood in zip(self.backends.values(), moods, strict=True):
            backend.mood = mood
        self.process(looks)

    @rule(which=st.integers(0, 3), name=st.sampled_from(["", *NAMES]))
    def retry(self, which: int, name: str) -> None:
        """An operator has one of the last records offered once more, whether it fits or not."""
        for id_ in [*self.acknowledged][-1 - which :][:1]:
            self.retry_one(id_, name)

    def retry_one(self, id_: str, name: str) -> None:
        """Offered are those deliveries that had been rejected, and no other."""
        life = self.portal.state(id_)
        assert life is not None
        bad = {each.name for each in life.deliveries if each.state in {State.REJECTED, State.DEAD}}
        offered = self.portal.amend(lambda c, at: amending.retry(c, id_, at, name))
        assert set(offered) == bad & ({name} if name else set(NAMES))

    @rule(which=st.integers(0, 3))
    def forget(self, which: int) -> None:
        """An operator lets go of one of the last records, or is told that it may still arrive."""
        for id_ in [*self.acknowledged][-1 - which :][:1]:
            self.forget_one(id_)

    def forget_one(self, id_: str) -> None:
        """It goes where nothing of it can still arrive, and nowhere else."""
        life = self.portal.state(id_)
        assert life is not None
        over = {each.state for each in life.deliveries} <= ENDED
        why = self.portal.amend(lambda c, _: amending.forget(c, id_))
        assert (why is None) is (over or self.joining.get(id_) in VAIN)
        if why is None:
            self.forgotten.add(id_)
            del self.acknowledged[id_]
            self.joining.pop(id_, None)

    @rule(seconds=st.sampled_from([0.5, 3, 600, 7200]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_(seconds)

    @rule(years=st.sampled_from([-56, 0, 73]), is_set=st.booleans())
    def reboot(self, years: int, *, is_set: bool) -> None:
        self.portal.close()
        self.clock.is_set = is_set
        self.clock.reboot(START.replace(year=START.year + years))

    @invariant()
    def nothing_is_lost(self) -> None:
        for entry, record in zip(self.portal.records(), self.acknowledged.values(), strict=True):
            # Its secrets go when it is everywhere, and not before.
            is_over = entry.life.state is State.DELIVERED
            assert entry.record == (bare(record) if is_over else record)

    @invariant()
    def states_are_true(self) -> None:
        for id_ in self.acknowledged:
            life = self.portal.state(id_)
            assert life is not None
            assert (life.join and life.join.state) == self.joining.get(id_)
            held = self.joining.get(id_, Phase.CONNECTED) is not Phase.CONNECTED
            for each in life.deliveries:
                backend = self.backends[each.name]
                assert (each.state is State.HELD) is held
                if held:
                    assert id_ not in backend.effects
                elif each.state is State.DELIVERED:
                    assert id_ in backend.effects
                    backend.settled.add(id_)
                else:
                    assert each.state in PENDING or id_ in backend.rejected

    def teardown(self) -> None:
        """Once all are well, all that was not rejected arrives, and nothing unproven does."""
        for backend in self.backends.values():
            backend.mood = "well"
        delivery = Delivery(self.portal, self.backends, random=lambda: 0.5, log=lambda _: None)
        delivery.run(FakeBell(self.clock))
        self.states_are_true()
        for backend in self.backends.values():
            proven = {
                id_ for id_ in self.acknowledged
                if self.joining.get(id_, Phase.CONNECTED) is Phase.CONNECTED
            }  # fmt: skip
            assert (backend.effects.keys() | backend.rejected) - self.forgotten == proven
        assert self.portal.soonest(NAMES) is None
        self.portal.close()
        self.folder.cleanup()


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
