"""A secret in every form in which a program may have put it down.

python -m tests.torture canary
"""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus


def forms(secret: str) -> dict[str, bytes]:
    """The octets to look for, by the name of the form; of base64 what does not depend on where
    in a text it begins.
    """
    octets = secret.encode()
    found = {
        "plain": octets,
        "hex": octets.hex().encode(),
        "HEX": octets.hex().upper().encode(),
        "url": quote(secret, safe="").encode(),
        "form": quote_plus(secret).encode(),
        "json": json.dumps(secret)[1:-1].encode(),
        "utf-16-le": secret.encode("utf-16-le"),
        "utf-16-be": secret.encode("utf-16-be"),
        "reversed": octets[::-1],
        "python": repr(octets)[2:-1].encode(),
    }
    for shift in range(3):
        # The first and the last group may share bits with what stands around.
        encoded = base64.b64encode(bytes(shift) + octets)
        first = 4 if shift else 0
        middle = encoded[first : len(encoded) // 4 * 4 - 4]
        found[f"base64-{shift}"] = middle
        found[f"base64url-{shift}"] = middle.replace(b"+", b"-").replace(b"/", b"_")
    return found
