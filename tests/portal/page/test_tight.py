"""A style sheet made small."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.page.tight import tight

TEMPLATES = Path(__file__).parents[3] / "templates" / "portal"


@pytest.mark.parametrize(
    ("css", "small"),
    [
        ("a {\n  color: red;\n}\n", "a{color:red}"),
        ("/* why\n*/ a, b > c { margin: 0 auto }", "a,b>c{margin:0 auto}"),
        ("label :checked { top: calc(1px + 2px) }", "label :checked{top:calc(1px + 2px)}"),
        ("@media (width > 1px) { a { top: 0; } }", "@media (width>1px){a{top:0}}"),
        ("", ""),
    ],
)
def test_the_same_rules_in_fewer_bytes(css: str, small: str) -> None:
    """Only what a browser passes over is gone."""
    assert tight(css) == small
    assert tight(small) == small


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.css")), ids=lambda path: path.name)
def test_our_own_style_sheets_lose_nothing(path: Path) -> None:
    """As many rules and declarations as before."""
    css = path.read_text()

    assert tight(css).count("{") == css.count("{")
    assert tight(css).count(":") >= css.count(":") - css.count("/*")
