"""Tell one story inside the guest: `python -m tests.lab.guest NAME SECONDS`."""

from __future__ import annotations

import faulthandler
import importlib
import sys
import traceback

from tests.lab.guest.lab import Lab


def main() -> int:
    """The story's exit status: 0 when all it claims held."""
    # A story that hangs says where, in every thread, and is over.
    faulthandler.dump_traceback_later(float(sys.argv[2]), exit=True)
    story = importlib.import_module(f"tests.lab.stories.{sys.argv[1]}")
    try:
        with Lab() as lab:
            story.tell(lab)
            lab.tells(held=story.tell.__doc__)
    except Exception:  # noqa: BLE001 - whatever went wrong, the story failed and says how
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
