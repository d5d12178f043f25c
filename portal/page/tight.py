"""A style sheet without what only its author needs: 20 in 100 of its bytes.

For our own style sheets and an operator's: no strings with blanks in a row or comments in them.
"""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=16)
def tight(css: str) -> str:
    """The same rules without comments, line breaks and blanks at signs.

    A blank before a colon stays, because `a :hover` is not `a:hover`.
    """
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,>]) ?", r"\1", css)
    css = re.sub(r": ", ":", css)
    return css.replace(";}", "}").strip()
