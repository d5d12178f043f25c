"""`python -m tests.portal.screenshots OUTDIR [NAME…]`: the pages on a phone, for docs/page.md.

A name is that of a scene of `tests.portal.screens`, with a language, "dark" or "narrow" behind it
where it is not English, light and 390 pixels wide: form-ar, connected-dark, form-de-narrow.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tests.portal.screens import SCENES, World, world
from tests.webdriver import Browser, browser

_WIDE: Final = 390
_NARROW: Final = 320
_HEIGHT: Final = 844

SHOTS: Final = (
    "form", "form-dark", "form-ar", "form-ja", "form-de-narrow", "chosen", "enterprise", "other",
    "searching", "mistake", "waiting", "password", "internet-dark", "internet-ar", "leaving",
    "connected", "connected-dark", "connected-ar", "connected-ja", "offline", "wrong_password",
    "wrong_password-ar", "wrong_password-dark", "not_found", "no_address", "no_gateway",
    "no_internet", "upstream_portal", "needs_username", "not_supported", "lost", "cancelled",
    "failed", "interrupted", "saved", "undelivered", "delivered", "rejected", "offered", "released",
    "languages", "error",
)  # fmt: skip


def take(out: Path, names: list[str]) -> None:
    """Write each named picture to `out` as NAME.webp, all of the page."""
    with world() as made, browser() as phone:
        for name in names:
            (out / f"{name}.webp").write_bytes(picture(phone, made, name))


def picture(phone: Browser, made: World, name: str) -> bytes:
    """One picture, as WebP: a quarter of what PNG takes, and every browser shows it."""
    scene, *ways = name.split("-")
    width = _NARROW if "narrow" in ways else _WIDE
    language = next((way for way in ways if way not in {"dark", "narrow"}), "en")
    made.begin()
    phone.phone(width, _HEIGHT, dark="dark" in ways)
    SCENES[scene](phone, made, f"lang={language}")
    phone.run("document.activeElement.blur()")
    return phone.screenshot(whole=True, quality=75)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    take(folder, sys.argv[2:] or list(SHOTS))
