"""The page's colours, and an operator's own one made readable among them.

Law: whatever the colour, text on it and it on every ground has a contrast of 4.5 to 1 or more
(WCAG 2.2, 1.4.3), in the light and in the dark.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

Palette = Mapping[str, str]

# A little more than WCAG asks for, so that rounding takes nothing away.
LEAST: Final = 4.6

_WHITE: Final = "#ffffff"
_BLACK: Final = "#000000"

LIGHT: Final[Palette] = {
    "bg": "#f5f1ea", "card": "#ffffff", "ink": "#1b2b2b", "soft": "#566463",
    "hair": "#e9e3d8", "go": "#0d6455", "on": "#ffffff", "bad": "#a1261c",
    "tint": "#e8f2ee", "dawn": "#f8e3b8",
}  # fmt: skip
DARK: Final[Palette] = {
    "bg": "#0f1516", "card": "#192122", "ink": "#edf1ef", "soft": "#a5b3b0",
    "hair": "#2a3435", "go": "#84d6c2", "on": "#05251f", "bad": "#ffb4aa",
    "tint": "#1b302c", "dawn": "#2a2b22",
}  # fmt: skip


def contrast(one: str, other: str) -> float:
    """The ratio of two colours as #RRGGBB, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=4)
def styled(color: str | None) -> str:
    """The colours as CSS, with `color` (#RRGGBB) in the place of the house's own.

    Who asks for more contrast gets ink for what is soft and lines for hairs.
    """
    light, dark = (LIGHT, DARK) if color is None else (_own(LIGHT, color), _own(DARK, color))
    return (
        f":root{{color-scheme:light dark;{_css(light)}}}"
        f"@media(prefers-color-scheme:dark){{:root{{{_css(dark)}}}}}"
        "@media(prefers-contrast:more){:root{--soft:var(--ink);--hair:var(--ink)}}"
    )


def _css(colours: Palette) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())


def _own(base: Palette, color: str) -> Palette:
    """The palette around another colour, which is moved towards the ink until it can be read."""
    shades = [_mixed(color, base["ink"], step / 32) for step in range(33)]
    go = next(shade for shade in shades if _is_readable(base, shade))
    on = max(_WHITE, _BLACK, key=lambda ink: contrast(ink, go))
    dawns = [_mixed(base["bg"], go, step / 32) for step in range(5, -1, -1)]
    dawn = next(shade for shade in dawns if contrast(base["soft"], shade) >= LEAST)
    return {**base, "go": go, "on": on, "tint": _tint(base, go), "dawn": dawn}


def _is_readable(base: Palette, go: str) -> bool:
    """Whether `go` can be read on every ground, and what stands on its tint."""
    tint = _tint(base, go)
    grounds = (base["bg"], base["card"], tint)
    return (
        all(contrast(go, ground) >= LEAST for ground in grounds)
        and contrast(base["soft"], tint) >= LEAST
    )


def _tint(base: Palette, go: str) -> str:
    """The ground of what is chosen."""
    return _mixed(base["card"], go, 0.08)


def _mixed(one: str, other: str, share: float) -> str:
    """`one` with a `share` of `other`, from 0 to 1."""
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color.removeprefix("#")))


def _luminance(color: str) -> float:
    """Relative luminance, from 0 to 1 (WCAG 2.2)."""
    parts = (value / 255 for value in _rgb(color))
    linear = (part / 12.92 if part <= _KNEE else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(weight * part for weight, part in zip(_WEIGHTS, linear, strict=True))


_KNEE: Final = 0.04045
_WEIGHTS: Final = (0.2126, 0.7152, 0.0722)
