"""`python -m portal.clients`: who is on the access point, and whether released or captive.

argparse, and nothing of Flask: it reads two places in RUNTIME and ends.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hotspot.settings import DEFAULT_RUNTIME
from portal.provisioning.telling import listing
from portal.release import released as release

_HEADINGS: Final = ("ADDRESS", "MAC", "NAME", "STATE")


def main(argv: Sequence[str] | None = None) -> int:
    """Print everybody, as a table or as JSON: the exit status."""
    arguments = _parser().parse_args(argv)
    found = list(release.clients(arguments.runtime))
    try:
        if arguments.json:
            _say(json.dumps([_document(client) for client in found], indent=2))
        else:
            rows = [[cell or "-" for cell in _document(client).values()] for client in found]
            _say("\n".join(listing.table(rows, _HEADINGS)) if rows else "no clients")
    except BrokenPipeError:
        # `vestibule clients | head`: the reader has seen enough. Nothing more may be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vestibule clients", description="Who is here, and who is told to be online."
    )
    parser.add_argument("--runtime", type=Path, default=Path(DEFAULT_RUNTIME), metavar="DIR")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser


def _document(client: release.Client) -> dict[str, str]:
    return {
        "address": client.address,
        "mac": client.mac,
        # What a station calls itself may want to move the cursor.
        "name": listing.plain(client.name),
        "state": "released" if client.released else "captive",
    }


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
