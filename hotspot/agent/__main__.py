"""`python -m hotspot.agent`: the process that `vestibule run`, or systemd, starts when asked."""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final

from hotspot import settings
from hotspot.agent import peers, server
from hotspot.agent.demo import DemoRadio
from hotspot.agent.dismissing import Dismissing
from hotspot.agent.joining import Joining
from hotspot.agent.port import CannotNow, Radio
from hotspot.agent.verbs import Verbs
from hotspot.config.reading import Invalid
from hotspot.errors import Refused
from hotspot.home import homecoming, household
from hotspot.log import log
from hotspot.supervisor.loop import STOPPING

# They are a line or two; a listener that is gone or stuck holds nobody up for longer.
_LAST_WORDS_SECONDS: Final = 2.0


def main(words: list[str]) -> int:
    """Answer on the inherited socket until nobody asks any more: the exit status."""
    given = _parser().parse_args(words)
    # What a crash leaves of this process would hold passwords.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    try:
        return _serve(given)
    except (Refused, Invalid) as refusal:
        log(str(refusal))
        return refusal.status if isinstance(refusal, Refused) else 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hotspot.agent", description=__doc__)
    parser.add_argument("--config", type=Path, default=Path(settings.DEFAULT_FILE))
    parser.add_argument("--state", type=Path, default=Path(settings.DEFAULT_STATE))
    parser.add_argument("--runtime", type=Path, default=Path(settings.DEFAULT_RUNTIME))
    parser.add_argument("--peer", action="append", default=[], help="one more user who may ask")
    parser.add_argument("--idle", type=float, default=60.0, help="seconds to stay without work")
    parser.add_argument("--demo", action="store_true", help="a radio of thin air")
    parser.add_argument("--pace", type=float, default=1.0, help="the demo's time, stretched")
    return parser


def _serve(given: argparse.Namespace) -> int:
    listener = server.inherited(os.environ, os.getpid())
    radio = _radio(given)
    joining = Joining(radio.join, given.runtime)
    if joining.cut_off:
        _tidy(radio)
        # The house waits for the end of that join, and nobody else would tell it.
        household.ring(str(given.runtime), homecoming.ENDED)
    verbs = Verbs(radio, joining, Dismissing(radio, given.runtime))
    serving = server.Server(listener, verbs, peers.may_ask(tuple(given.peer)), idle=given.idle)
    for number in STOPPING:
        signal.signal(number, lambda *_: serving.stop())
    serving.serve()
    verbs.end()
    serving.drain(_LAST_WORDS_SECONDS)
    return 0


def _tidy(radio: Radio) -> None:
    log("radio: the last join was cut off: clearing up after it")
    # The next join tries once more.
    with contextlib.suppress(CannotNow):
        radio.tidy()


def _radio(given: argparse.Namespace) -> Radio:
    if given.demo:
        return DemoRadio(given.runtime, given.state, given.pace)
    # pyroute2 is for those who have a radio.
    from hotspot.agent.radio import RealRadio  # noqa: PLC0415 - see above

    try:
        text = given.config.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{given.config} cannot be read ({error})", "name a file that can") from None
    return RealRadio(settings.parse(text, file=str(given.config)), given.runtime)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
