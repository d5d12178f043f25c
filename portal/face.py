"""The face of the portal: what settings decide about how the page looks and what it asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

from portal.catalogues import Catalogues
from portal.shades import styled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotspot.settings import Field


@dataclass(frozen=True, slots=True)
class Face:
    """Whose page it is. `logo` is SVG that has been made harmless, "" for the house's own;
    `color` as #RRGGBB or None; `support` by language; `templates` a folder that comes before
    ours, "" without; `fields` are the operator's own questions.
    """

    name: str = "Vestibule"
    logo: Markup = field(default_factory=Markup)
    color: str | None = None
    support: Mapping[str, str] = field(default_factory=dict)
    templates: str = ""
    fields: tuple[Field, ...] = ()
    catalogues: Catalogues = field(default_factory=Catalogues)

    @property
    def colours(self) -> Markup:
        """The style sheet's first lines: every colour by its name, in the light and in the dark."""
        return Markup(styled(self.color))  # noqa: S704 - #RRGGBB only, see portal.shades
