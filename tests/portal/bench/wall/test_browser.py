"""The wall in a real Chromium: alive, by keyboard, by scanner, and without JavaScript."""

from __future__ import annotations

import re
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from tests.portal.bench.wall.scenes import HOSTILE, Site, site
from tests.portal.bench.wall.world import PIN, FakeDesk
from tests.webdriver import INSTALLED, Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not INSTALLED, reason="chromium and chromium-driver are not installed"),
]


@pytest.fixture
def bench() -> Iterator[Site]:
    """A shift of 60 devices."""
    with site(60) as made:
        yield made


@pytest.fixture
def laptop(bench: Site, chromium: Browser) -> Browser:
    """The wall on a laptop, filled."""
    chromium.phone(1280, 800)
    bench.enter(chromium)
    chromium.logged()
    chromium.open(f"{bench.url}/bench")
    chromium.wait(
        lambda page: page.run("return document.querySelectorAll('#rows tr').length") == 60
    )
    return chromium


def change(desk: FakeDesk, name: str, /, **more: object) -> None:
    """Something happens to a device."""
    desk.number += 1
    desk.devices[name] = replace(desk.devices[name], number=desk.number, **more)  # type: ignore[arg-type]  # a row's own


def press(browser: Browser, *keys: str) -> None:
    """Keys one after the other, as fast as a scanner types."""
    for key in keys:
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code = {"Enter": 13, "ArrowDown": 40, "ArrowUp": 38, "Escape": 27}.get(key, 0)
        for kind in ("keyDown", "keyUp"):
            browser.command(
                "Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code,
                **(text if kind == "keyDown" else {}),
            )  # fmt: skip


def test_the_wall_is_alive(bench: Site, laptop: Browser) -> None:
    """What happens to a device is there by itself: count, square, bar, card, table, spoken word."""
    desk = bench.made.desk
    change(desk, "lamp-050", state=State.FLASHING, size=1000, acknowledged=430)
    laptop.wait(lambda page: "flashing 43 %" in page.text("#work"))
    assert desk.line is not None
    desk.line = replace(desk.line, counts={State.FAILED: 7, State.PROVISIONED: 52, State.QUEUED: 1})
    change(desk, "lamp-050", state=State.FAILED, reason=Reason.NO_SPACE, detail="9 bytes short")
    laptop.wait(lambda page: "9 bytes short" in page.text("#needs"))

    laptop.wait(lambda page: page.text("#live") == "lamp-050 failed: Not enough room on the device")
    assert laptop.property("#grid a[href$='=lamp-050']", "className") == "f"
    assert "failed: Not enough room" in laptop.text("tr[data-id='lamp-050']")
    assert (laptop.text("#h0"), laptop.text("#h2")) == ("52", "7")
    assert "lamp-050" not in laptop.text("#work")
    desk.line = replace(desk.line, counts={State.FAILED: 7, State.PROVISIONED: 53})
    laptop.wait(lambda page: page.text("#live") == "Nothing is left to do.")
    assert not [line for line in laptop.logged() if "Content Security Policy" in line]


# What sounds, counted in the place of being heard.
SILENT = """
window.beeps = 0;
window.AudioContext = class {
  currentTime = 0;
  resume() {}
  createOscillator() {
    window.beeps++;
    return {frequency: {}, connect: next => next, start() {}, stop() {}};
  }
  createGain() { return {gain: {}, connect: next => next}; }
};
"""


def test_sound_only_for_who_wants_it(bench: Site, laptop: Browser) -> None:
    """Off at first; switched on, it is heard once as a sample and then for each failure."""
    laptop.run(SILENT)
    change(bench.made.desk, "lamp-001", state=State.FAILED)
    laptop.wait(lambda page: "lamp-001 failed" in page.text("#live"))
    assert laptop.run("return beeps") == 0
    laptop.run("document.getElementById('options').open = true")
    laptop.click("#o-sound")
    assert laptop.run("return beeps") == 1
    change(bench.made.desk, "lamp-002", state=State.FAILED)
    laptop.wait(lambda page: "lamp-002 failed" in page.text("#live"))

    assert laptop.run("return beeps") == 3
    laptop.run("localStorage.clear()")


def test_who_became_another_leaves_the_wall(bench: Site, laptop: Browser) -> None:
    """An unclaimed device that is now a row of the manifest: its square goes, its line too."""
    desk = bench.made.desk
    assert desk.line is not None
    counts = dict(desk.line.counts)
    gone = desk.devices.pop("lamp-058")
    counts[gone.state] -= 1
    desk.line = replace(desk.line, counts=counts)
    desk.number += 1

    laptop.wait(lambda page: page.run("return document.querySelectorAll('#grid a').length") == 59)
    assert laptop.run("return document.querySelectorAll('#rows tr').length") == 59
    laptop.wait(lambda page: "lamp-058" not in page.text("main"))


def test_another_job_is_another_wall(bench: Site, laptop: Browser) -> None:
    """Whoever has the page open sees it begin anew."""
    desk = bench.made.desk
    assert desk.line is not None
    desk.line = replace(desk.line, job="Hall 5")

    laptop.wait(lambda page: page.text("h1") == "Hall 5")


def test_a_button_acts_in_place(bench: Site, laptop: Browser) -> None:
    """Without leaving the wall, in the name of who pressed it; a refusal is told there."""
    laptop.click("li[data-id='lamp-017'] button[value=retry]")
    laptop.wait(lambda page: "lamp-017: retry." in page.text("#live"))
    laptop.wait(lambda page: "lamp-017" not in page.text("#needs"))

    assert bench.made.desk.acts == [("lamp-017", "retry", "Ada", {})]
    assert laptop.url() == f"{bench.url}/bench"


def test_by_keyboard(bench: Site, laptop: Browser) -> None:
    """Arrows go through the table, r retries, / searches, Escape leaves, l is the label."""
    press(laptop, "r")
    laptop.wait(lambda page: "Choose a device first" in page.text("#live"))
    laptop.click("button[data-by='1']")  # by state: what is done comes first, then the failed
    laptop.run("document.querySelector(\"tr[data-id='lamp-041'] a\").focus()")
    press(laptop, "r")
    laptop.wait(lambda page: "lamp-041: retry." in page.text("#live"))
    press(laptop, "/")
    laptop.wait(lambda page: page.run("return document.activeElement.id") == "q")
    press(laptop, *"lamp-05")
    laptop.wait(
        lambda page: (
            page.run("return document.querySelectorAll('#rows tr:not([hidden])').length") == 10
        )
    )
    press(laptop, "Escape")
    laptop.wait(lambda page: page.run("return document.activeElement.id") != "q")
    press(laptop, "ArrowDown")
    press(laptop, "ArrowDown")
    press(laptop, "ArrowUp")
    first = laptop.run("return document.querySelector('#rows tr').dataset.id")
    focused = "return document.activeElement.closest('tr').dataset.id"
    assert laptop.run(focused) == first
    press(laptop, "l")
    laptop.wait(lambda page: page.url() == f"{bench.url}/bench/labels?id={first}")

    assert bench.made.desk.acts == [("lamp-041", "retry", "Ada", {})]


def test_keys_can_be_switched_off(laptop: Browser) -> None:
    """For who speaks to the computer (WCAG 2.2, 2.1.4); it is remembered."""
    laptop.run("document.getElementById('options').open = true")
    laptop.click("#o-keys")
    laptop.run("document.activeElement.blur()")
    press(laptop, "/")
    press(laptop, "ArrowDown")

    laptop.wait(lambda page: bool(page.run("return !!document.activeElement.closest('tr')")))
    assert laptop.run("return document.activeElement.id") != "q"
    laptop.run("location.reload()")
    laptop.wait(lambda page: page.property("#o-keys", "checked") is False)
    laptop.run("localStorage.clear()")


def test_a_scanner_is_always_heard(bench: Site, laptop: Browser) -> None:
    """Wherever the focus is: a burst of keys and Enter leads to the device, and is no command."""
    laptop.run("document.activeElement.blur()")
    laptop.run(
        "for (const key of [...'rl/C0003', 'Enter'].slice(3))"
        " document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {key, bubbles: true, cancelable: true}))"
    )
    laptop.wait(lambda page: page.url() == f"{bench.url}/bench?d=lamp-003")

    assert bench.made.desk.acts == []


def test_a_tap_filters(laptop: Browser) -> None:
    """By what stands below the squares; a second tap shows all again."""
    shown = "return document.querySelectorAll('#rows tr:not([hidden])').length"
    laptop.click("#legend [data-group=f]")
    assert laptop.run(shown) == 3
    assert laptop.run("return document.querySelectorAll('#grid a:not(.off)').length") == 3
    laptop.click("#legend [data-group=f]")
    assert laptop.run(shown) == 60


def test_sorted_by_any_column(laptop: Browser) -> None:
    """Up, then down, and said to who does not see it."""
    names = "return [...document.querySelectorAll('#rows tr')].map(line => line.dataset.id)"
    laptop.click("button[data-by='0']")
    up = laptop.run(names)
    assert laptop.property("th[aria-sort]", "ariaSort") == "ascending"
    laptop.click("button[data-by='0']")

    assert up == sorted(up)
    assert laptop.run(names) == up[::-1]
    assert laptop.property("th[aria-sort]", "ariaSort") == "descending"


def test_hostile_names_are_text(bench: Site, laptop: Browser) -> None:
    """In what the script writes too: no element and no title comes of them."""
    count = "return document.querySelectorAll('script,img,iframe').length"
    before = laptop.run(count)
    for number, word in enumerate(HOSTILE):
        change(
            bench.made.desk, f"lamp-{number + 1:03}", name=word, note=word, detail=word,
            state=State.FAILED if number % 2 else State.FLASHING,
        )  # fmt: skip
    laptop.wait(lambda page: HOSTILE[1] in page.text("#needs"))
    laptop.wait(lambda page: HOSTILE[0] in page.text("#work"))

    assert laptop.run(count) == before
    assert HOSTILE[0] in laptop.text("#rows")
    assert laptop.title() != "broken"


def test_a_lock_leads_to_the_sign_in(bench: Site, laptop: Browser) -> None:
    """An unattended wall does not go on showing what is there."""
    bench.made.seconds[0] += 900

    laptop.wait(lambda page: page.url().startswith(f"{bench.url}/bench/sign-in?next="))


def test_a_bench_that_does_not_answer_is_told(laptop: Browser) -> None:
    """What is shown may be old; and it goes on asking."""
    laptop.command("Network.enable")
    offline = {"latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    laptop.command("Network.emulateNetworkConditions", offline=True, **offline)
    try:
        laptop.wait(lambda page: "does not answer" in page.text("#live"))
    finally:
        laptop.command("Network.emulateNetworkConditions", offline=False, **offline)
    laptop.wait(lambda page: not page.shown("#live"))


def test_the_whole_way(bench: Site, either: Browser) -> None:
    """Sign in, see who needs help, help, sign out: with scripts and without."""
    either.command("Network.clearBrowserCookies")
    either.open(f"{bench.url}/bench")
    either.type("#name", "ben")
    either.type("#pin", PIN)
    either.click("main button")
    either.wait(lambda page: page.url() == f"{bench.url}/bench")
    assert "Not enough room" in either.text("#needs")
    either.click("li[data-id='lamp-017'] button[value=retry]")
    either.wait(lambda page: "lamp-017: retry." in page.text("main"))
    assert bench.made.desk.acts == [("lamp-017", "retry", "Ben", {})]
    either.wait(lambda page: "lamp-017" not in page.text("#needs"))
    either.click("header form button")
    either.wait(lambda page: page.url() == f"{bench.url}/bench/sign-in")


def test_without_scripts_the_wall_comes_anew(bench: Site, plain: Browser) -> None:
    """By itself, every few seconds; and the search is a form."""
    plain.phone()
    bench.enter(plain)
    plain.open(f"{bench.url}/bench")
    assert not plain.shown("#table")
    change(bench.made.desk, "lamp-055", state=State.FAILED, detail="came later")
    plain.wait(lambda page: "came later" in page.text("#needs"))
    plain.type("#q", "0070003")
    plain.click(".find button")

    plain.wait(lambda page: page.url() == f"{bench.url}/bench?d=lamp-003")


def test_a_file_goes_in_pieces(bench: Site, laptop: Browser, tmp_path: Path) -> None:
    """More than a form may hold, whole, and then it is on the shelf."""
    body = bytes(range(256)) * 800
    file = tmp_path / "lamp-2.1.bin"
    file.write_bytes(body)
    laptop.open(f"{bench.url}/bench/files")
    laptop.type("#file", str(file))
    laptop.type("#product", "lamp")
    laptop.type("#version", "2.1")
    laptop.click("[name=override]")
    laptop.click("form[data-then] button")
    laptop.wait(lambda page: "is on the shelf, not signed" in page.text("main"))

    made = bench.made.desk.shelf[0]
    assert (made.name, made.size, made.override) == ("lamp-2.1.bin", len(body), "Ada")


def test_a_long_manifest_goes_in_pieces(bench: Site, laptop: Browser, tmp_path: Path) -> None:
    """10,000 rows, and then they are looked at."""
    body = b"id,mac\r\n" + b"".join(b"lamp-%05d,\r\n" % number for number in range(10_000))
    file = tmp_path / "devices.csv"
    file.write_bytes(body)
    laptop.open(f"{bench.url}/bench/jobs")
    laptop.type("#file", str(file))
    laptop.click("form[data-pieces] button")
    laptop.wait(lambda page: page.url() == f"{bench.url}/bench/import")
    laptop.click("button[name=partial]")
    laptop.wait(lambda page: page.url() == f"{bench.url}/bench")

    assert bench.made.desk.imported == [("devices.csv", body, True)]


@pytest.mark.parametrize("medium", ["a4-24", "roll-62", "50x25"])
def test_a_printed_label_is_read_back(
    bench: Site, laptop: Browser, tmp_path: Path, medium: str
) -> None:
    """zbar, another maker's reader, finds each label's URL on what the browser has drawn."""
    laptop.open(f"{bench.url}/bench/sheet?which=new&medium={medium}")
    picture = tmp_path / "sheet.png"
    picture.write_bytes(laptop.screenshot())
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", str(picture)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    found = set(done.stdout.split())
    assert found
    assert found <= {f"{bench.url}/d/C{number:04}" for number in range(1, 61)}
    assert f"{bench.url}/d/C0001" in found


def test_a_sheet_is_what_its_paper_is(bench: Site, laptop: Browser) -> None:
    """Printed, every page is A4 or one label, in millimetres, and there is none too many."""
    for medium, wide, high, each in (("a4-24", 210, 297, 24), ("50x25", 50, 25, 1)):
        laptop.open(f"{bench.url}/bench/sheet?which=new&medium={medium}")
        printed = laptop.command("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        pdf = b64decode(printed["data"])
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
        new = sum(row.state is State.PROVISIONED for row in bench.made.desk.devices.values())

        assert len(boxes) == -(-new // each)
        for box in boxes:
            sizes = [float(size) * 25.4 / 72 for size in box]
            assert sizes == pytest.approx([wide, high], abs=0.5)
