"""The asking person's language, for every template and view."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from flask import Flask, g, request
from markupsafe import Markup

from portal.form.networks import label
from portal.language.languages import LANGUAGES, Language, best, named, spoken
from portal.language.words import said
from portal.services import services

# The parameter by which a choice is carried along, because there are no cookies.
PARAMETER: Final = "lang"


def language() -> Language:
    """The one chosen by hand, else the one the browser asks for."""
    if "language" not in g:
        g.language = chosen() or spoken(request.headers.get("Accept-Language", ""))
    known: Language = g.language
    return known


def chosen() -> Language | None:
    """The language that the person has chosen on one of our pages, if any."""
    return named(request.args.get(PARAMETER, ""))


def at(path: str, **parameters: str) -> str:
    """A path of ours with `parameters`, and with the language where one was chosen."""
    picked = chosen()
    if picked is not None:
        parameters[PARAMETER] = picked.tag
    return f"{path}?{urlencode(parameters)}" if parameters else path


def translate(key: str) -> str:
    """What the asking person's language says for `key`."""
    return services().face.catalogues(language())(key)


def say(words: object) -> object:
    """Words of ours in the asking person's language; anything else as it is."""
    return said(words, translate)


def isolated(ssid: bytes) -> Markup:
    """A network's name within a sentence: in the quotes of its language, and unable to turn the
    words around it.
    """
    return Markup("<q><bdi>{}</bdi></q>").format(label(ssid)) if ssid else Markup("Wi-Fi")


def install(app: Flask) -> None:
    """Give every template `_`, `say`, `own`, `at` and the language itself."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        translate, _one_or_many, newstyle=True
    )
    app.context_processor(_context)


def _context() -> dict[str, object]:
    spoken_here = language()
    identity = (request.view_args or {}).get("identity")
    return {
        "language": spoken_here,
        "languages": LANGUAGES,
        # What the page is about, so that the way to the languages leads back to it.
        "identity": f"/{identity}" if identity else "",
        "at": at,
        "say": say,
        "wifi": isolated(services().access_point() or services().face.name.encode()),
        "own": lambda texts: best(texts, spoken_here),
    }


def _one_or_many(one: str, many: str, number: int) -> str:
    """Our words have no plurals: fourteen languages have five kinds of them."""
    return translate(one if number == 1 else many)
