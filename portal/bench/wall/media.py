"""What labels are printed on: sheets for any printer, and rolls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Medium:
    """A page of labels, in millimetres: `across` times `down` of them, each `wide` by `high`,
    the first one at `left`, `top`. `qr` is how wide the code is, `text` how high the name.
    """

    name: str
    words: str
    page: tuple[float, float]
    across: int
    down: int
    wide: float
    high: float
    qr: float
    text: float
    left: float = 0.0
    top: float = 0.0

    @property
    def each(self) -> int:
        """Labels on a page."""
        return self.across * self.down


MEDIA: Final[Mapping[str, Medium]] = {
    medium.name: medium
    for medium in (
        # 8 rows of 37 are 296 of the page's 297.
        Medium(
            "a4-24", "A4, 24 labels of 70 \u00d7 37 mm", (210, 297), 3, 8, 70, 37, 30, 5.2, top=0.5
        ),
        Medium("roll-62", "Roll, 62 \u00d7 29 mm", (62, 29), 1, 1, 62, 29, 26, 4.6),
        Medium("50x25", "Labels of 50 \u00d7 25 mm", (50, 25), 1, 1, 50, 25, 22, 3.8),
    )
}
