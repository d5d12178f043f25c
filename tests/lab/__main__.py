"""The Wi-Fi lab's command: all stories, one story, or any command in a guest.

python -m tests.lab                      every story, one line each, then a summary
python -m tests.lab STORY…               these stories
python -m tests.lab shell -- COMMAND…    COMMAND in a guest (bash if none), as root
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import Final

import click

from tests.lab import abreast, guestrun, image, qemu, telling
from tests.lab.image import Missing

# A session with a controlling terminal that cooks, so that Ctrl-C and job control work.
INTERACTIVE: Final = ["setsid", "-w", "-c", "sh", "-c", "stty sane; exec bash -i"]


def main() -> int:
    """Parse, run, and give the exit status: a guest's own, or 1 if a story failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    parser.add_argument("what", nargs="*")
    parser.add_argument("--radios", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=600)
    words = sys.argv[1:]
    rest: list[str] = []
    if "--" in words:
        cut = words.index("--")
        words, rest = words[:cut], words[cut + 1 :]
    options = parser.parse_args(words)
    try:
        if options.what[:1] == ["shell"]:
            return shell(rest or INTERACTIVE, options.radios, options.seconds)
        return tell(options.what or telling.names())
    except Missing as missing:
        click.echo(f"no Wi-Fi lab here: {missing}", err=True)
        return 1


def tell(names: list[str]) -> int:
    """Tell stories one after another, saying how each went; the exit status."""
    unknown = set(names) - set(telling.names())
    if unknown:
        click.echo(f"no such story: {', '.join(unknown)}; there are: {', '.join(telling.names())}")
        return 2
    began = time.monotonic()
    failed = 0
    click.echo(f"{len(names)} stories, {abreast.room()} at a time")
    with abreast.Abreast(names, telling.ready()) as told:
        for number, outcome in enumerate(told.outcomes(), start=1):
            failed += bool(outcome.words)
            show(f"[{number}/{len(names)}]", outcome)
    seconds = time.monotonic() - began
    click.echo(f"{len(names) - failed} of {len(names)} stories held in {seconds:.0f} s")
    return 1 if failed else 0


def show(number: str, outcome: telling.Outcome) -> None:
    """One line for how a story went, then the facts it told and, if it failed, why."""
    went = "FAILED" if outcome.words else "held"
    click.echo(f"{number} {outcome.name} {went} in {outcome.seconds:.0f} s")
    for fact in outcome.report:
        click.echo(f"    {json.dumps(fact, ensure_ascii=False)}")
    if outcome.words:
        click.echo(textwrap.indent(outcome.words, "    "))


def shell(argv: list[str], radios: int, seconds: int) -> int:
    """Run `argv` in a guest on our own terminal."""
    made = image.ready()
    accelerator = qemu.accelerator(made, image.cache())
    with tempfile.TemporaryDirectory() as share:
        job = guestrun.Job(tuple(argv), Path(share), radios, seconds)
        return guestrun.run(
            made, accelerator, job, stdin=sys.stdin.buffer, stdout=sys.stdout.buffer
        )


if __name__ == "__main__":
    sys.exit(main())
