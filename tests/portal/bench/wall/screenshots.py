"""`python -m tests.portal.bench.wall.screenshots OUTDIR [NAME…]`: the pages, for docs/bench.md.

A name is that of a page of `tests.portal.bench.wall.scenes`, with "phone" or "laptop", and perhaps
"dark", behind it; "-grid" shows a phone that has scrolled to the squares.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tests.portal.bench.wall.scenes import Site, site
from tests.webdriver import Browser, browser

_PHONE: Final = (390, 844)
_LAPTOP: Final = (1280, 800)

SHOTS: Final = (
    "wall-phone", "wall-phone-dark", "wall-phone-grid", "wall-laptop", "wall-laptop-dark",
    "device-phone", "conflict-phone", "check-phone", "import-phone", "files-phone",
    "labels-phone", "sheet-laptop", "report-laptop", "entrance-phone",
)  # fmt: skip


def take(out: Path, names: list[str]) -> None:
    """Write each named picture to `out` as NAME.webp: what the screen shows."""
    with site() as made, browser() as screen:
        for name in names:
            (out / f"{name}.webp").write_bytes(picture(screen, made, name))


def picture(screen: Browser, made: Site, name: str) -> bytes:
    """One picture, as WebP."""
    page, *ways = name.split("-")
    screen.phone(*(_PHONE if "phone" in ways else _LAPTOP), dark="dark" in ways)
    made.show(screen, page)
    if page == "wall":
        lines = "return document.querySelectorAll('#rows tr').length"
        screen.wait(lambda shown: shown.run(lines) == len(made.made.desk.devices))
    if "grid" in ways:
        screen.run("document.getElementById('t-all').scrollIntoView()")
    screen.run("document.activeElement.blur()")
    return screen.screenshot(quality=75)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    take(folder, sys.argv[2:] or list(SHOTS))
