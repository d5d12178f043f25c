"""`python -m portal.provisioning.telling.glance`: how many records, for `vestibule status`.

One JSON document: `states`, `joins` and `deliveries` in numbers, `incidents` in words. Nothing of
a record is in it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from hotspot.settings import DEFAULT_STATE
from portal.provisioning.keeping.database import Unwritable
from portal.provisioning.keeping.tally import Counting, Tally

_DATABASE: Final = "records.db"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tally: 0, or 1 where it cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m portal.provisioning.telling.glance")
    parser.add_argument("--state", type=Path, default=Path(DEFAULT_STATE), metavar="DIR")
    arguments = parser.parse_args(argv)
    try:
        found = Counting(arguments.state / _DATABASE)()
    except (Unwritable, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{json.dumps(document(found))}\n")
    return 0


def document(tally: Tally) -> dict[str, Any]:
    """The tally as plain values."""
    deliveries: dict[str, dict[str, int]] = {}
    for (name, state), number in tally.deliveries.items():
        deliveries.setdefault(name, {})[state] = number
    return {
        "states": dict(tally.states),
        "joins": dict(tally.joins),
        "deliveries": deliveries,
        "incidents": list(tally.incidents),
    }


if __name__ == "__main__":
    sys.exit(main())
