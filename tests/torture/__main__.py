"""Every torture in full: `make torture`, or `python -m tests.torture NAME …` for one of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from tests.torture import canary, fleet, kill, powercut

TORTURES: Final[dict[str, Callable[[list[str], Callable[[str], None]], bool]]] = {
    "canary": canary.main,
    "fleet": fleet.main,
    "kill": kill.main,
    "powercut": powercut.main,
}


def say(line: str) -> None:
    """One line of what came of it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(words: list[str]) -> int:
    """0 where every promise held."""
    if words:
        return 0 if TORTURES[words[0]](words[1:], say) else 1
    held = [torture([], say) for torture in TORTURES.values()]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
