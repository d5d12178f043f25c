"""Every screen a person can meet, for pictures and for those who look at all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from hotspot.settings import Secret
from portal.joining.reports import Moving
from portal.page.face import Face
from portal.provisioning.access import Access, Enterprise
from portal.provisioning.join import Phase
from portal.provisioning.life import State
from portal.provisioning.record import Record
from portal.release.visitors import Visitors
from tests.portal.fakes import NOW, FakeOutbox, FakeReleases, FakeScan
from tests.portal.joins import ENDED_AT, ID, WHERE, FakeJoining, FakeRescan, become
from tests.portal.serving import over_fakes
from tests.portal.street import street
from tests.webdriver import Browser

HOME: Final = street()[0]
WIFI: Final = b"Vestibule-7KQ2"


class World:
    """A portal over fakes at `url`, and what a scene may change in it."""

    def __init__(self) -> None:
        self.outbox = FakeOutbox()
        self.scan = FakeScan(street())
        self.releases = FakeReleases()
        self.joining = FakeJoining()
        self.rescan = FakeRescan()
        self.visitors = Visitors(lambda: 0.0)
        self.joins = ""
        self.collects = ""

    def begin(self) -> None:
        """Forget what the last scene did."""
        self.releases.released.clear()
        self.rescan.progress = None
        self.joining.before = 0
        self.outbox.failure = None


@contextmanager
def world(face: Face | None = None) -> Iterator[World]:
    """Two portals over the same world: one that joins, and one that only collects."""
    made = World()
    face = face or Face()
    with (
        over_fakes(
            made.outbox, made.scan, made.releases, joins=True, joining=made.joining,
            rescan=made.rescan, visitors=None, access_point=lambda: WIFI, face=face,
        ) as made.joins,
        over_fakes(
            made.outbox, made.scan, made.releases, access_point=lambda: WIFI, face=face
        ) as made.collects,
    ):  # fmt: skip
        yield made


# Opens a page, in the language of a query such as "lang=ar".
Scene = Callable[[Browser, World, str], None]


def _at(path: str) -> Scene:
    def scene(phone: Browser, world: World, query: str) -> None:
        phone.open(f"{world.joins}{path}{'&' if '?' in path else '?'}{query}")

    return scene


def _chosen(phone: Browser, world: World, query: str) -> None:
    """A network chosen and its password typed."""
    phone.open(f"{world.joins}?{query}")
    phone.click(f"input[value='{HOME.id}']")
    phone.type("#passphrase", "correct horse")


def _enterprise(phone: Browser, world: World, query: str) -> None:
    """A network that asks for a user name, further down the list."""
    phone.open(f"{world.joins}?{query}")
    phone.click("summary")
    phone.click(f"input[value='{b'eduroam'.hex()}']")


def _searching(phone: Browser, world: World, query: str) -> None:
    """The radio looks around."""
    world.rescan.begin()
    phone.open(f"{world.joins}?{query}")


def _mistake(phone: Browser, world: World, query: str) -> None:
    """A password that is too short, as the server says it."""
    phone.open(f"{world.joins}?{query}")
    phone.run("document.forms.setup.noValidate = true")
    phone.click(f"input[value='{HOME.id}']")
    phone.type("#passphrase", "short")
    phone.click("#setup .go")
    phone.wait(lambda page: page.shown("#e-passphrase"))


def _trying(step: str, moving: Moving | None = None) -> Scene:
    def scene(phone: Browser, world: World, query: str) -> None:
        become(world.outbox, Phase.TRYING)
        world.joining.reach(step, moving)
        phone.open(f"{world.joins}setup/{ID}?{query}")

    return scene


def _joined(phase: Phase, outcome: str | None = None, **detail: object) -> Scene:
    def scene(phone: Browser, world: World, query: str) -> None:
        become(world.outbox, phase, outcome, detail)
        phone.open(f"{world.joins}setup/{ID}?{query}")

    return scene


def _waiting(phone: Browser, world: World, query: str) -> None:
    """Somebody else's network is being tried."""
    world.joining.before = 1
    _joined(Phase.WAITING)(phone, world, query)


def _user(phone: Browser, world: World, query: str) -> None:
    """A network that wanted a user name after all."""
    access = Access(user=Enterprise("anna", Secret("")))
    kept = Record(ID, NOW, HOME.ssid, Secret(""), {}, access)
    become(world.outbox, Phase.FAILED, "needs_username", kept=kept)
    phone.open(f"{world.joins}setup/{ID}?{query}")


def _collected(state: State, reason: str | None = None) -> Scene:
    def scene(phone: Browser, world: World, query: str) -> None:
        world.outbox.become(ID, state, reason)
        phone.open(f"{world.collects}setup/{ID}?{query}")

    return scene


def _released(phone: Browser, world: World, query: str) -> None:
    """The person stays without Internet."""
    world.releases.released.add("127.0.0.1")
    phone.open(f"{world.joins}release?{query}")


SCENES: Final[dict[str, Scene]] = {
    "form": _at(""),
    "chosen": _chosen,
    "enterprise": _enterprise,
    "other": _at("?other=1"),
    "searching": _searching,
    "mistake": _mistake,
    "waiting": _waiting,
    "password": _trying("authenticated"),
    "internet": _trying("internet"),
    "leaving": _trying("found", Moving("return", 36)),
    "connected": _joined(Phase.CONNECTED, "connected", **WHERE),
    "offline": _joined(Phase.CONNECTED, "connected", **{**WHERE, "internet": False}),
    **{name: _joined(Phase.FAILED, name) for name in ENDED_AT},
    "needs_username": _user,
    "interrupted": _joined(Phase.INTERRUPTED),
    "saved": _collected(State.ACCEPTED),
    "undelivered": _collected(State.WAITING, "the folder cannot be written: No space left"),
    "delivered": _collected(State.DELIVERED),
    "rejected": _collected(State.REJECTED, "the fleet does not know this device"),
    "offered": _at("release"),
    "released": _released,
    "languages": _at("languages"),
    "error": _at("nothing"),
}
