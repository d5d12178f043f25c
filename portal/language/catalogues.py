"""The catalogues: what each language says for our words, read when somebody first asks.

Compiled from templates/locale/*.po when the package is built (deploy/catalogues.py). A language
takes 50 KiB once it is loaded, and nothing before.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from pathlib import Path
from typing import Final

from portal.language.languages import ENGLISH, Language

FOLDER: Final = Path(__file__).parents[2] / "templates" / "locale"
DOMAIN: Final = "portal"


class Catalogues:
    """Call it for how a language says a key. One that is missing says everything in English."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._loaded: dict[str, Callable[[str], str]] = {}

    def __call__(self, language: Language) -> Callable[[str], str]:
        """From a key to the words of `language`."""
        known = self._loaded.get(language.tag)
        if known is None:
            # Two threads at once load it twice, and keep one.
            known = self._loaded[language.tag] = self._load(language)
        return known

    def _load(self, language: Language) -> Callable[[str], str]:
        if language is ENGLISH:
            return gettext.NullTranslations().gettext
        # Not gettext.translation(): it keeps every catalogue of every folder for ever.
        path = self._folder / language.locale / "LC_MESSAGES" / f"{DOMAIN}.mo"
        try:
            with path.open("rb") as file:
                return gettext.GNUTranslations(file).gettext
        except FileNotFoundError:
            return gettext.NullTranslations().gettext
