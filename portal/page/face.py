"""The face of the portal: what settings decide about how the page looks and what it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from markupsafe import Markup

from hotspot.settings import Brand, Field
from portal.language.catalogues import Catalogues
from portal.page.shades import styled


@dataclass(frozen=True, slots=True)
class Face:
    """Whose page it is. `logo` is SVG that has been made harmless, "" for the house's own;
    `color` as #RRGGBB or None; `support` by language; `templates` a folder that comes before
    ours, None without; `fields` are the operator's own questions.
    """

    name: str = "Vestibule"
    logo: Markup = field(default_factory=Markup)
    color: str | None = None
    support: Mapping[str, str] = field(default_factory=dict)
    templates: Path | None = None
    fields: tuple[Field, ...] = ()
    catalogues: Catalogues = field(default_factory=Catalogues)

    @classmethod
    def of(cls, brand: Brand, fields: tuple[Field, ...], log: Callable[[str], None]) -> Self:
        """The face by these settings. A logo that cannot be used is logged, and ours stands in."""
        return cls(
            name=brand.name,
            logo=_logo(Path(brand.logo), log) if brand.logo else Markup(),
            color=brand.color,
            support=brand.support,
            templates=Path(brand.templates) if brand.templates else None,
            fields=fields,
        )

    @property
    def colours(self) -> Markup:
        """The style sheet's first lines: every colour by its name, in the light and in the dark."""
        return Markup(styled(self.color))  # noqa: S704 - #RRGGBB only, see portal.page.shades


def _logo(path: Path, log: Callable[[str], None]) -> Markup:
    # Here, because it reads XML, which costs 1 MiB that most need not pay.
    from portal.page.logo import LARGEST_FILE, Unusable, harmless  # noqa: PLC0415 - see above

    try:
        with path.open("rb") as file:
            return harmless(file.read(LARGEST_FILE + 1))
    except (Unusable, OSError) as error:
        log(f"brand.logo: {path} {error}")
        return Markup()
