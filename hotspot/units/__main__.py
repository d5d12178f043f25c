"""`vestibule-house.service` once its settings are understood: the small process that stays.

Started only by `hotspot.commands.house`, with the words of `hotspot.supervisor.foreground`.
"""

from __future__ import annotations

import os
import socket
import sys

from hotspot.supervisor import foreground
from hotspot.units.steward import Steward

# sd_listen_fds(3): the first inherited descriptor.
_FIRST = 3


def main(words: list[str]) -> int:
    """Run with words in pairs: the exit status."""
    pairs = foreground.given(words)
    os.set_inheritable(int(pairs["--lock"]), False)
    os.set_inheritable(_FIRST, False)
    run = foreground.run_from(pairs)
    steward = Steward(foreground.house_of(run), run.runtime, config=run.config)
    steward.sockets["house"] = socket.socket(fileno=_FIRST)
    return steward.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
