"""One attempt: its steps, each way it can end, and that nothing of it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hotspot.errors import Refused
from hotspot.uplink.lease import Lease
from hotspot.uplink.outcome import Ended, Outcome, Step
from hotspot.uplink.sighting import Able, Seen
from hotspot.uplink.verdict import Word
from hotspot.uplink.wanted import Fixed, Wanted
from tests.hotspot.uplink import trying
from tests.hotspot.uplink.trying import LEASE, WANTED, Interface, IPv4, Joining, scene

if TYPE_CHECKING:
    from pathlib import Path

hurried = trying.hurried


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
