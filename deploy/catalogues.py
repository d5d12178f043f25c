"""The page's catalogues: compiled when the package is built, gathered anew by hand.

hatchling runs `Compiling` for the wheel and for an editable install alike. `python
deploy/catalogues.py` brings templates/locale/*.po in line with the templates and modules: new
words are added, empty; what is gone is left out.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = "templates/locale"
SOURCES: Final = (("portal/**.py", "python"), ("templates/portal/**.html", "jinja2"))
_KEYWORDS: Final = {"_": None, "Words": None}
_OPTIONS: Final = {"**": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
_NO_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
_HEAD: Final = (
    'msgid ""\nmsgstr ""\n"Language: {}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
)
_SCRIPTS: Final = ("templates/portal/**.js", "jinja2")


class Compiling(BuildHookInterface[Any]):
    """The build's hook: every .po becomes the .mo that the portal reads."""

    PLUGIN_NAME = "custom"

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        """Compile, and let what was made into the archive, although git does not know it."""
        made = compile_all(Path(self.root) / FOLDER)
        build_data["artifacts"] += [f"/{path.relative_to(self.root)}" for path in made]


def compile_all(folder: Path) -> list[Path]:
    """The paths of the catalogues made from those in `folder`."""
    return [compiled(path) for path in sorted(folder.glob("*.po"))]


def compiled(path: Path) -> Path:
    """The .mo beside a .po, in the folders gettext looks in; the same bytes from the same words."""
    made = path.with_suffix("") / "LC_MESSAGES" / "portal.mo"
    made.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as source, made.open("wb") as target:
        catalog = read_po(source, locale=path.stem, abort_invalid=True)
        catalog.creation_date = catalog.revision_date = _NO_TIME
        write_mo(target, catalog)
    return made


def gathered(root: Path = ROOT) -> Catalog:
    """Every word of the page, as it stands in templates and modules."""
    catalog = Catalog(project="vestibule", charset="utf-8")
    found = extract_from_dir(
        root, [*SOURCES, _SCRIPTS], _OPTIONS, keywords=_KEYWORDS, comment_tags=("note:",)
    )
    for name, line, message, comments, context in found:
        catalog.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return catalog


def written(path: Path, words: Catalog) -> bytes:
    """The .po at `path` brought in line with `words`."""
    with path.open("rb") as source:
        catalog = read_po(source, locale=path.stem)
    catalog.update(words, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    text = io.BytesIO()
    # Places by file and not by line: an edit elsewhere is no change of a catalogue.
    write_po(text, catalog, include_lineno=False, omit_header=True, sort_by_file=True, width=100)
    return _HEAD.format(path.stem).encode() + text.getvalue()


if __name__ == "__main__":
    words = gathered()
    for each in sorted((ROOT / FOLDER).glob("*.po")):
        each.write_bytes(written(each, words))
        compiled(each)
        sys.stdout.write(f"{each}\n")
