"""One attempt: its steps, each way it can end, and that nothing of it stays."""

from __future__ import annotations

import ipaddress
import threading
from typing import TYPE_CHECKING, Any

import pytest

from hotspot.config.values import Secret
from hotspot.errors import Refused
from hotspot.uplink import looking, steps
from hotspot.uplink.attempt import Attempt, Place
from hotspot.uplink.lease import Lease
from hotspot.uplink.outcome import Ended, Event, Moved, Outcome, Step, Went
from hotspot.uplink.sighting import Able, Seen
from hotspot.uplink.verdict import Word
from hotspot.uplink.wanted import Fixed, Wanted
from tests.hotspot.uplink.fakes import FakeMeans, FakeOwner, FakeRoom, Scene

if TYPE_CHECKING:
    from pathlib import Path

IPv4, Interface = ipaddress.IPv4Address, ipaddress.IPv4Interface
OURS = Seen("02:00:00:00:02:00", 2437, -40, "wpa2")
LEASE = Lease(Interface("192.168.77.131/24"), IPv4("192.168.77.1"), (IPv4("192.168.77.1"),))
WANTED = Wanted(ssid=b"Zuhause", passphrase=Secret("an island in the sun"))


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds of calm are shorter here."""
    monkeypatch.setattr(steps, "_STABLE_SECONDS", 0.01)


class Joining:
    """An attempt in a scene; `told` is what it said on the way."""

    def __init__(self, runtime: Path, scene: Scene, internet: str = "reported") -> None:
        self.scene = scene
        self.told: list[Event] = []
        self.cancelled = threading.Event()
        self.means = FakeMeans(scene)
        place = Place(
            interface="wlan0",
            address=Interface("100.64.64.1/22"),
            runtime=runtime,
            internet=internet,
            hostname="raspberrypi",
            known=lambda _: [2462],
        )
        self._attempt = Attempt(place, FakeRoom(scene), FakeOwner(scene), self.means)

    def join(self, wanted: Wanted = WANTED) -> Ended:
        """How it ends."""
        return self._attempt.join("7", wanted, self.told.append, self.cancelled)

    @property
    def way(self) -> list[tuple[Step, str]]:
        """The steps, as they were told."""
        return [(event.step, event.state) for event in self.told if isinstance(event, Went)]


def scene(**given: Any) -> Scene:
    """A home network that is all right, but for what is given."""
    return Scene(**{"on_air": {2437: [OURS]}, "lease": LEASE, **given})


def test_all_is_well(tmp_path: Path) -> None:
    """Each step begins and is done, in order; then it is kept, and how it is reached is told."""
    joining = Joining(tmp_path, scene())

    ended = joining.join()

    assert ended == Ended(
        outcome=Outcome.CONNECTED,
        step=Step.KEPT,
        key="7",
        address="192.168.77.131/24",
        gateway="192.168.77.1",
        internet=True,
        hostname="raspberrypi",
    )
    assert joining.way == [(step, state) for step in Step for state in ("begun", "done")]
    ((kept, key, interface),) = joining.scene.kept
    assert (kept.ssid, kept.passphrase, kept.security) == (b"Zuhause", WANTED.passphrase, "wpa2")
    assert (key, interface) == ("7", "wlan0")


def test_what_is_done_is_undone_in_reverse(tmp_path: Path) -> None:
    """At the end all of it is gone, and the access point comes back after that."""
    joining = Joining(tmp_path, scene())
    joining.join()

    log = joining.scene.log
    assert log[-4:] == ["-inside", "-supplicant", "-station", "back"]
    assert log.index("keep") < log.index("-inside")
    assert not list(tmp_path.iterdir())


Q = "required"
ENDS: list[tuple[dict[str, Any], str, Wanted, Outcome, Step]] = [
    # what is different, home.internet, what is wanted, how it ends and at which step
    ({"on_air": {}}, Q, WANTED, Outcome.NOT_FOUND, Step.FOUND),
    ({}, Q, Wanted(ssid=b"Zuhause"), Outcome.WRONG_PASSWORD, Step.FOUND),
    (
        {"able": Able(), "on_air": {2437: [Seen("", 2437, -40, "wpa3")]}},
        Q, WANTED, Outcome.NOT_SUPPORTED, Step.FOUND,
    ),
    ({"tries": [Word.WRONG] * 2}, Q, WANTED, Outcome.WRONG_PASSWORD, Step.AUTHENTICATED),
    ({"tries": [Word.UNREACHED] * 2}, Q, WANTED, Outcome.LOST, Step.AUTHENTICATED),
    ({"tries": []}, Q, WANTED, Outcome.LOST, Step.AUTHENTICATED),
    ({"tries": [Word.UNTRUSTED]}, Q, WANTED, Outcome.NOT_SUPPORTED, Step.AUTHENTICATED),
    ({"lease": None}, Q, WANTED, Outcome.NO_ADDRESS, Step.LEASE),
    ({"gateway": False}, "skipped", WANTED, Outcome.NO_GATEWAY, Step.GATEWAY),
    ({"lease": Lease(LEASE.address)}, Q, WANTED, Outcome.NO_GATEWAY, Step.GATEWAY),
    ({"reach": ("nowhere", "")}, Q, WANTED, Outcome.NO_INTERNET, Step.INTERNET),
    ({"reach": ("portal", "http://a.b/")}, Q, WANTED, Outcome.UPSTREAM_PORTAL, Step.INTERNET),
    ({"reach": ("portal", "")}, "reported", WANTED, Outcome.UPSTREAM_PORTAL, Step.INTERNET),
    ({"stuck": True}, Q, WANTED, Outcome.FAILED, Step.FOUND),
    ({"refusal": Refused("no", "do")}, Q, WANTED, Outcome.FAILED, Step.FOUND),
]  # fmt: skip


@pytest.mark.parametrize(("different", "internet", "wanted", "outcome", "step"), ENDS)
def test_how_else_it_ends(
    tmp_path: Path,
    different: dict[str, Any],
    internet: str,
    wanted: Wanted,
    outcome: Outcome,
    step: Step,
) -> None:
    """Each thing that can be wrong has its outcome; nothing is kept, and nothing stays."""
    joining = Joining(tmp_path, scene(**different), internet)

    ended = joining.join(wanted)

    assert (ended.outcome, ended.step, ended.key) == (outcome, step, "7")
    assert not joining.scene.kept
    assert (step, "done") not in joining.way or step is Step.FOUND
    began = [what[1:] for what in joining.scene.log if what.startswith("+")]
    gone = [what[1:] for what in joining.scene.log if what.startswith("-")]
    assert gone == began[::-1]
    assert not list(tmp_path.iterdir())


def test_what_is_known_beforehand(tmp_path: Path) -> None:
    """A network of users without one is not even looked for, and nobody is asked to keep it."""
    joining = Joining(tmp_path, scene(refusal=Refused("no", "do")))

    ended = joining.join(Wanted(ssid=b"Zuhause", security="enterprise"))

    assert (ended.outcome, ended.step) == (Outcome.NEEDS_USERNAME, Step.FOUND)
    assert joining.scene.log == ["back"]


def test_what_cannot_be_kept(tmp_path: Path) -> None:
    """The owner's words and remedy are told."""
    ended = Joining(tmp_path, scene(refusal=Refused("no room", "make some"))).join()

    assert "no room: make some" in ended.what


def test_where_a_portal_sends_people(tmp_path: Path) -> None:
    """The home network's own portal is told with its address."""
    ended = Joining(tmp_path, scene(reach=("portal", "http://a.b/"))).join()

    assert (ended.outcome, ended.url) == (Outcome.UPSTREAM_PORTAL, "http://a.b/")


@pytest.mark.parametrize(
    ("internet", "different", "expected"),
    [
        ("reported", {"reach": ("nowhere", "")}, False),
        ("skipped", {"reach": ("nowhere", "")}, None),
        ("skipped", {"lease": Lease(LEASE.address)}, None),
        ("reported", {"lease": Lease(LEASE.address), "reach": ("nowhere", "")}, False),
    ],
)
def test_without_internet(
    tmp_path: Path,
    internet: str,
    different: dict[str, Any],
    expected: bool | None,  # noqa: FBT001 - a table's column
) -> None:
    """Where it is not required it is connected all the same, and the truth is told."""
    joining = Joining(tmp_path, scene(**different), internet)

    ended = joining.join()

    assert (ended.outcome, ended.internet) == (Outcome.CONNECTED, expected)
    if internet == "skipped":
        assert (Step.INTERNET, "skipped") in joining.way
    if ended.gateway == "":
        assert (Step.GATEWAY, "skipped") in joining.way


def test_wrong_once_and_right_then(tmp_path: Path) -> None:
    """One bad try is no verdict: a beacon lost in the handshake looks the same."""
    joining = Joining(tmp_path, scene(tries=[Word.WRONG, Word.CONNECTED]))

    assert joining.join().outcome is Outcome.CONNECTED
    assert joining.scene.log.count("take") == 2


def test_an_open_network(tmp_path: Path) -> None:
    """Nothing has to be proven there."""
    joining = Joining(tmp_path, scene(on_air={2437: [Seen("", 2437, -40, "open")]}))

    assert joining.join(Wanted(ssid=b"Zuhause")).outcome is Outcome.CONNECTED
    assert joining.way[2] == (Step.AUTHENTICATED, "skipped")


def test_a_fixed_address(tmp_path: Path) -> None:
    """No lease is asked for, and the address is the one that was given."""
    fixed = Fixed(Interface("100.64.65.5/22"), IPv4("100.64.64.2"))
    joining = Joining(tmp_path, scene(lease=None))

    ended = joining.join(
        Wanted(ssid=b"Zuhause", passphrase=WANTED.passphrase, address=fixed),
    )

    assert (Step.LEASE, "skipped") in joining.way
    assert (ended.address, ended.overlaps) == ("100.64.65.5/22", True)


def test_likely_channels_first(tmp_path: Path) -> None:
    """The access point's own channel and where it was heard come before all; then one by one."""
    joining = Joining(tmp_path, scene(on_air={5180: [Seen("", 5180, -40, "wpa2")]}))

    assert joining.join().outcome is Outcome.CONNECTED
    looks = [what for what in joining.scene.log if what.startswith("look")]
    assert looks == ["look 2437", "look 2462", "look 2412", "look 5180"]
    assert joining.scene.taken[0][1] == 5180


def test_a_network_that_is_not_for_us_ends_the_search(tmp_path: Path) -> None:
    """Its name with a user's login is an answer; no other channel is asked."""
    joining = Joining(tmp_path, scene(on_air={2437: [Seen("", 2437, -40, "enterprise")]}))

    assert joining.join().outcome is Outcome.NEEDS_USERNAME
    assert "look 5180" not in joining.scene.log


def test_a_search_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When its time is over nothing more is listened to."""
    monkeypatch.setattr(looking, "_SECONDS", 0.0)
    joining = Joining(tmp_path, scene())

    assert joining.join().outcome is Outcome.NOT_FOUND
    assert not any(what.startswith("look") for what in joining.scene.log)


def test_every_channel_twice(tmp_path: Path) -> None:
    """A beacon can be missed: a network is not there only after a second round."""
    joining = Joining(tmp_path, scene(on_air={}))

    assert joining.join().outcome is Outcome.NOT_FOUND
    looks = sorted(what for what in joining.scene.log if what.startswith("look"))
    assert looks == sorted(f"look {mhz}" for mhz in (2412, 2437, 2462, 5180) for _ in range(2))


def test_the_access_point_makes_way(tmp_path: Path) -> None:
    """Its moves are told before the password is tried, and the driver's own when it was."""
    moves = (Moved("announce", 11), Moved("restart", 11))
    joining = Joining(tmp_path, scene(moves=moves, moved_by_itself=Moved("announce", 1)))
    joining.join()

    begun = Went(Step.AUTHENTICATED, "begun")
    told = joining.told
    assert told[2:5] == [*moves, begun]
    assert told.index(Moved("announce", 1)) > told.index(Went(Step.ASSOCIATED, "done"))


def test_a_radio_that_cannot_have_both(tmp_path: Path) -> None:
    """The access point leaves before anything is looked for, and its interface is the station."""
    joining = Joining(tmp_path, scene(has_both=False))

    assert joining.join().outcome is Outcome.CONNECTED
    assert joining.told[:2] == [Went(Step.FOUND, "begun"), Moved("return", 6)]
    log = joining.scene.log
    assert log.index("away") < log.index("+in its place") < log.index("look 2437")
    assert "lease wlan0" in log
    assert log[-2:] == ["-in its place", "back"]
    assert not any(what.startswith("room") for what in log)


PLACES = [
    *("+station", "+supplicant", "look 2437", "+inside", "room 2437", "take"),
    *("lease vestibule0", "enter 7", "address 192.168.77.131/24", "gateway 192.168.77.1"),
    "reach",
]


@pytest.mark.parametrize("where", PLACES)
def test_cancelled(tmp_path: Path, where: str) -> None:
    """Wherever it is, the end that somebody asks for comes, and nothing is kept or stays."""
    joining = Joining(tmp_path, scene())
    joining.scene.before = lambda what: joining.cancelled.set() if what == where else None

    ended = joining.join()

    assert ended.outcome is Outcome.CANCELLED
    assert not joining.scene.kept
    assert joining.scene.log[-1] == "back"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("where", ["lease vestibule0", "gateway 192.168.77.1", "reach"])
def test_lost_on_the_way(tmp_path: Path, where: str) -> None:
    """A network that sends us away before it has proven itself is lost, not connected."""
    joining = Joining(tmp_path, scene())
    joining.scene.before = lambda what: (
        joining.means.supplicants[0].gone() if what == where else None
    )

    assert joining.join().outcome is Outcome.LOST
    assert not joining.scene.kept
