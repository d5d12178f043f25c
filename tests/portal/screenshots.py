"""`python -m tests.portal.screenshots OUTDIR`: the pages on a phone, light and dark."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from portal.provisioning.life import State
from tests.portal.fakes import FakeOutbox, FakeReleases, FakeScan, neighbourhood
from tests.portal.serving import over_fakes
from tests.webdriver import Browser, browser

IDENTITY = "019cb000-0000-7000-8000-000000000000"

Scene = Callable[[Browser, str, FakeOutbox], None]


def page(phone: Browser, url: str, _: FakeOutbox) -> None:
    """The form as it is met."""
    phone.open(url)


def chosen(phone: Browser, url: str, _: FakeOutbox) -> None:
    """A network chosen and its password typed."""
    phone.open(url)
    phone.click(f"input[value='{neighbourhood()[0].id}']")
    phone.type("#passphrase", "correct horse")


def other(phone: Browser, url: str, _: FakeOutbox) -> None:
    """A network that is not in the list."""
    phone.open(url)
    phone.click("input[value=other]")


def mistake(phone: Browser, url: str, _: FakeOutbox) -> None:
    """A password that is too short, as the server says it."""
    phone.open(url)
    phone.run("document.forms[0].noValidate = true")
    phone.click(f"input[value='{neighbourhood()[0].id}']")
    phone.type("#passphrase", "short")
    phone.click("button.go")
    phone.wait(lambda page: page.title().startswith("Please check"))


def empty(phone: Browser, url: str, _: FakeOutbox) -> None:
    """Nothing is there."""
    phone.open(f"{url}nothing")


def released(phone: Browser, url: str, _: FakeOutbox) -> None:
    """The person stays without Internet."""
    phone.open(url)
    phone.click("[action='/release'] button")
    phone.wait(lambda page: page.title() == "You can stay connected")


def offered(phone: Browser, url: str, _: FakeOutbox) -> None:
    """The page about staying, before it was asked for."""
    phone.open(f"{url}release")


def outcome(state: State, reason: str | None = None) -> Scene:
    """What the person reads after the form was sent."""

    def scene(phone: Browser, url: str, outbox: FakeOutbox) -> None:
        outbox.become(IDENTITY, state, reason)
        phone.open(f"{url}setup/{IDENTITY}")

    return scene


SCENES: dict[str, Scene] = {
    "page": page,
    "chosen": chosen,
    "other": other,
    "mistake": mistake,
    "error": empty,
    "saved": outcome(State.ACCEPTED),
    "waiting": outcome(State.WAITING, "the folder cannot be written: No space left on device"),
    "delivered": outcome(State.DELIVERED),
    "released": released,
    "offered": offered,
    "rejected": outcome(State.REJECTED, "the fleet does not know this device"),
}


def take(out: Path, names: list[str], *, width: int = 390, height: int = 844) -> None:
    """Write each named scene to `out` as NAME-light.png and NAME-dark.png."""
    outbox, scan, releases = FakeOutbox(), FakeScan(neighbourhood()), FakeReleases()
    with over_fakes(outbox, scan, releases) as url, browser() as phone:
        for dark in (False, True):
            phone.phone(width, height, dark=dark)
            for name in names:
                releases.released.clear()
                SCENES[name](phone, url, outbox)
                path = out / f"{name}-{'dark' if dark else 'light'}.png"
                path.write_bytes(phone.screenshot())


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    take(folder, sys.argv[2:] or list(SCENES))
