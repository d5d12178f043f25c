"""`vestibule bench erase`: everything the bench has kept is removed, as `vestibule reset` asks.

The key goes first: what is sealed with it is lost then, even where power fails before the rest.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from portal.bench.building import FOLDER
from portal.bench.ledger.ledger import FILE

# `ledger.vault` has the name too, and would load libsodium for it.
_KEY: Final = "bench.key"
_WORDS: Final = (
    "All jobs, devices, their history and secrets, the people who may sign in and the files on the "
    "shelf are removed. Go on? [y/N] "
)


def install(commands: Any, common: argparse.ArgumentParser) -> None:  # noqa: ANN401 - argparse hides its type
    """Add `erase` to the `commands` of a parser; `common` has `--state` and `--json`."""
    verb = commands.add_parser("erase", parents=[common], help="remove all the bench has kept")
    verb.add_argument("--yes", action="store_true", help="do not ask")
    verb.set_defaults(run=_erase)


def kept(state: Path) -> list[Path]:
    """What the bench has in the state directory, in the order in which it is removed."""
    files = [state / _KEY, *sorted(state.glob(f"{FILE}*")), state / FOLDER]
    return [each for each in files if each.exists() or each.is_symlink()]


def wipe(state: Path) -> list[str]:
    """Remove it: the names of what there was. Raises OSError."""
    found = kept(state)
    for each in found:
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
    return [each.name for each in found]


def _erase(asked: argparse.Namespace) -> int:
    state = asked.state.absolute()
    if kept(state) and not asked.yes:
        sys.stderr.write(_WORDS)
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            sys.stderr.write("nothing was removed\n")
            return 1
    names = wipe(state)
    words = f"removed: {', '.join(names)}" if names else "the bench has kept nothing"
    sys.stdout.write(f"{json.dumps(names) if asked.json else words}\n")
    return 0
