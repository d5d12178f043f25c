"""The machine's own networks as a backend: over a real socket, before the real agent."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hotspot import settings
from hotspot.agent.port import CannotEver, CannotNow
from hotspot.agent.radio import RealRadio
from hotspot.config.values import Secret
from hotspot.errors import Refused
from hotspot.machine import journal
from hotspot.machine.journal import Journal
from hotspot.machine.steps import State
from hotspot.owner.networkmanager import NetworkManager
from hotspot.owner.port import Kept, Owner
from hotspot.owner.wpa_supplicant import WpaSupplicant
from portal.provisioning.about import About
from portal.provisioning.access import Access
from portal.provisioning.backend import (
    Backend,
    Delivered,
    Misconfigured,
    Outcome,
    Rejected,
    Retry,
    load,
)
from portal.provisioning.conformance import Bench, examine
from portal.provisioning.record import ERASED
from portal.provisioning.secrecy.withheld import bare
from tests.hotspot.agent.serving import Serving, serving
from tests.hotspot.owner import fake_networkmanager as fake
from tests.hotspot.owner.fake_networkmanager import FakeNetworkManager
from tests.portal.agent import FakeAgent, demo_agent, fake_agent
from tests.portal.provisioning.fakes import PASSPHRASE, a_record

OWNERS = ("networkmanager", "wpa_supplicant")


@pytest.fixture
def runtime() -> Iterator[Path]:
    """The directory of a run; a socket's name must be short."""
    with tempfile.TemporaryDirectory(prefix="vt") as name:
        yield Path(name)


@pytest.fixture
def agent(runtime: Path) -> Iterator[Serving]:
    """The agent's own server in front of a radio of a test's."""
    with serving(runtime) as agent:
        yield agent


def made(runtime: Path, owner: str = "networkmanager", *, joins: bool = False) -> Backend:
    """The backend, as `deliver` makes it."""
    return load(owner)({"runtime": str(runtime), "joins": joins}, str(runtime))


@pytest.mark.parametrize("owner", OWNERS)
def test_kept_untried(runtime: Path, agent: Serving, owner: str) -> None:
    """A collector's record becomes this machine's network, by its owner, under the record's id."""
    record = a_record(ssid=b"\xff\xfe", passphrase="correct horse")
    assert made(runtime, owner).apply(record) == Delivered()
    assert made(runtime, owner).apply(record) == Delivered()

    ((key, wanted, by),) = agent.radio.keeps
    assert (key, by, wanted.ssid) == (record.id, owner, b"\xff\xfe")
    assert wanted.passphrase == Secret("correct horse")
    assert agent.radio.joined == []


def test_the_last_one_wins(runtime: Path, agent: Serving) -> None:
    """One after the other, each takes the place of the one before."""
    backend = made(runtime)
    first, second = a_record(ssid=b"first"), a_record(ssid=b"second")
    assert [backend.apply(each) for each in (first, second)] == [Delivered(), Delivered()]
    assert agent.radio.home == Kept(second.id, b"second")


@pytest.mark.parametrize(
    ("kept", "outcome"),
    [
        ("its own", Delivered()),
        ("a later one's", Delivered()),
        (None, Rejected("this machine has been told to forget its network since")),
    ],
)
def test_after_a_join(runtime: Path, agent: Serving, kept: str | None, outcome: Outcome) -> None:
    """What was joined is kept already: nothing is asked for, it is only looked whether it still is.

    Whatever came since, a later join or a person's `vestibule forget`, is not undone.
    """
    record = a_record()
    if kept:
        agent.radio.home = Kept(record.id if kept == "its own" else "another", b"home")

    assert made(runtime, joins=True).apply(record) == outcome
    assert agent.radio.keeps == []


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        (CannotEver("a network without WEP"), Rejected("network a network without WEP")),
        (CannotNow("the disk is full"), Retry(None, "the disk is full", whole=True)),
        (
            CannotNow(f"it quotes {PASSPHRASE}"),
            Retry(None, "it quotes (hidden)", whole=True),
        ),
    ],
)
def test_refused(runtime: Path, agent: Serving, refusal: Exception, outcome: Outcome) -> None:
    """A network nobody can keep is rejected; what is about this machine makes all of them wait."""
    agent.radio.refusal = refusal

    assert made(runtime).apply(a_record()) == outcome


def test_busy(runtime: Path, agent: Serving) -> None:
    """While somebody's network is tried, it waits."""
    agent.radio.gate.clear()
    thread = threading.Thread(target=agent.join, args=("one",))
    thread.start()
    try:
        while not agent.radio.joined:
            thread.join(0.01)
        assert made(runtime).apply(a_record()) == Retry(None, "busy", whole=True)
    finally:
        agent.radio.gate.set()
        thread.join()


def test_what_no_request_can_say(runtime: Path, agent: Serving) -> None:
    """A record that no radio would take is rejected, with the part that is wrong."""
    record = replace(a_record(passphrase=""), access=Access(security="wpa2"))
    outcome = made(runtime).apply(record)

    assert isinstance(outcome, Rejected)
    assert outcome.why.startswith("network.passphrase needed")
    assert agent.radio.keeps == []


def test_without_its_password(runtime: Path, agent: Serving) -> None:
    """What was erased cannot be kept; an open network in its place would be another one."""
    assert made(runtime).apply(bare(a_record(), ERASED)) == Rejected(
        "its password is not here any more"
    )
    assert agent.radio.keeps == []


@pytest.mark.parametrize("joins", [True, False])
def test_a_device_of_the_bench(runtime: Path, *, joins: bool) -> None:
    """A record that is about no network asks nothing of the radio, not even whether it is there."""
    what = About("device", "site-7", "SN-0001", 1)
    record = replace(a_record(passphrase=""), ssid=b"", about=what)

    assert made(runtime, joins=joins).apply(record) == Delivered()


def test_nobody_there(runtime: Path) -> None:
    """Without an agent it waits, and so do those behind it."""
    outcome = made(runtime).apply(a_record())

    assert outcome == Retry(None, "this device's radio does not answer", whole=True)


def test_no_directory() -> None:
    """Without `--runtime` nobody knows where to ask."""
    with pytest.raises(Misconfigured, match="--runtime"):
        load("networkmanager")({}, "/")


def ends(*lines: bytes) -> Callable[[FakeAgent], None]:
    """An agent that answers the question for the network so, and hangs up."""
    return lambda agent: agent.next("keep").ends(*lines)


@pytest.mark.parametrize(
    "answers",
    [
        ends(),
        ends(b"nonsense\n"),
        ends(b'{"event": "kept", "key": "another"}\n'),
        ends(b'{"event": "kept", "key": 1}\n'),
        ends(b'{"event": "forgotten", "ssid": null}\n'),
        ends(b'{"event": "kept"'),
    ],
)
def test_an_agent_that_lies_or_dies(runtime: Path, answers: Callable[[FakeAgent], None]) -> None:
    """Only its plain word that this very network is kept counts; all else is tried again."""
    with fake_agent(runtime / "radio.sock") as agent:
        thread = threading.Thread(target=answers, args=(agent,))
        thread.start()
        outcome = made(runtime).apply(a_record())
        thread.join()

    assert isinstance(outcome, Retry)
    assert outcome.whole


@pytest.mark.parametrize("owner", OWNERS)
def test_conformance(runtime: Path, agent: Serving, owner: str) -> None:
    """Every promise of the protocol, over the agent's own server: one effect is one keep."""
    keeps = agent.radio.keeps
    bench = Bench(
        load(owner), {"runtime": str(runtime)}, str(runtime),
        lambda id_: sum(key == id_ for key, _, _ in keeps),
    )  # fmt: skip

    assert [problem for _, problem in examine(bench) if problem] == []


def test_conformance_before_the_real_process(runtime: Path) -> None:
    """So it is with the agent as a process of its own, with the demo's radio."""
    with demo_agent(runtime):
        bench = Bench(load("networkmanager"), {"runtime": str(runtime)}, str(runtime))
        assert [problem for _, problem in examine(bench) if problem] == []


def behind(runtime: Path, name: str, owner: Owner) -> RealRadio:
    """The real radio, whose machine is looked after by this owner."""
    text = f'[radio]\ncountry = "DE"\n[home]\nowner = "{name}"\n'
    journal.write(runtime, Journal(State(interface="lo", type="station", up=True, country="DE")))
    return RealRadio(settings.parse(text, file="test"), runtime, opened=lambda *_: owner)


def test_into_a_file_of_wpa_supplicants(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All the way: record, socket, agent, real radio, and the file that wpa_supplicant reads."""
    for folder in ("etc/wpa_supplicant", "proc", "run/wpa_supplicant", "own", "bin"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    owner = WpaSupplicant("DE", tmp_path / "own", tmp_path)
    record, other = a_record(ssid=b"Home"), replace(a_record(), access=Access(security="wep"))
    with serving(runtime, radio=behind(runtime, "wpa_supplicant", owner)):
        backend = made(runtime, "wpa_supplicant")
        assert backend.apply(record) == Delivered()
        text = (tmp_path / "etc/wpa_supplicant/wpa_supplicant-lo.conf").read_text()
        assert f"ssid={b'Home'.hex()}" in text
        assert record.id in text
        assert isinstance(backend.apply(other), Rejected)
        assert owner.kept() == Kept(record.id, b"Home")
        assert made(runtime, "wpa_supplicant", joins=True).apply(record) == Delivered()


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon")
def test_into_a_profile_of_networkmanagers(runtime: Path) -> None:
    """The same with NetworkManager behind D-Bus; when it fails, the record waits."""
    with fake.bus(runtime) as address, FakeNetworkManager(address) as service:
        owner = NetworkManager(address, sync=lambda: None)
        with serving(runtime, radio=behind(runtime, "networkmanager", owner)):
            backend, record = made(runtime), a_record(ssid=b"Home")
            assert backend.apply(record) == Delivered()
            assert owner.kept() == Kept(record.id, b"Home")
            service.fault = "AddConnection2"
            outcome = backend.apply(a_record())

    assert isinstance(outcome, Retry)
    assert outcome.whole


def test_not_by_another_owner(runtime: Path) -> None:
    """Where this machine's networks are another's, it waits and says so."""

    class Nobody:
        def kept(self) -> Kept | None:
            return None

        def check(self, _: object) -> None:
            raise Refused("asked", "")

    radio = behind(runtime, "wpa_supplicant", Nobody())  # type: ignore[arg-type] # what of it is asked
    with serving(runtime, radio=radio):
        outcome = made(runtime).apply(a_record())

    words = "this machine's networks are in the hands of wpa_supplicant, not networkmanager"
    assert outcome == Retry(None, words, whole=True)
