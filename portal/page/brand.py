"""An operator's own templates, file by file before ours.

A file of the folder takes the place of ours with the same name; what it does not change it can
take over: `{% extends "ours/stay.html" %}`. A folder that holds a mistake is not used at all, so
that a page always appears.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, TemplateError, TemplateSyntaxError

OURS: Final = Path(__file__).parents[2] / "templates"


def dress(app: Flask, folder: Path) -> None:
    """Let the templates in `folder` come first; where one of them is none, that is logged."""
    before = app.jinja_loader
    app.jinja_loader = ChoiceLoader(
        [
            PrefixLoader({"portal": FileSystemLoader(folder)}),
            PrefixLoader({"ours": FileSystemLoader(OURS / "portal")}),
            FileSystemLoader(OURS),
        ]
    )
    try:
        for path in sorted(folder.iterdir()):
            app.jinja_env.get_template(f"portal/{path.name}")
    except (TemplateError, OSError, UnicodeDecodeError) as error:
        app.logger.error("brand.templates: %s; ours are used", told(error))  # noqa: TRY400 - all of it is said
        app.jinja_loader = before
        if app.jinja_env.cache is not None:
            app.jinja_env.cache.clear()


def told(error: Exception) -> str:
    """What is wrong with a template, and where."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename}:{error.lineno}: {error.message}"
    return str(error)
