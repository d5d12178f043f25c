"""`vestibule watch`: how things stand, as it happens."""

from __future__ import annotations

import functools
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hotspot.settings import DEFAULT_RUNTIME
from hotspot.standing import screen, snapshot, watching

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATH: Final = click.Path(path_type=Path)
# ECMA-48: to the first column of the first line; erase from here to the end of the line, or of
# the screen; the cursor out of sight and back.
_HOME, _REST_OF_LINE, _REST, _HIDE, _SHOW = "\x1b[H", "\x1b[K", "\x1b[J", "\x1b[?25l", "\x1b[?25h"
_CLEAR: Final = "\x1b[2J"


@click.command()
@click.option(
    "--runtime", type=_PATH, default=DEFAULT_RUNTIME, show_default=True, help="Of the run."
)
@click.option("--state", type=_PATH, help="What is kept.  [where the run has it]")
def watch(runtime: Path, state: Path | None) -> None:
    """Show how things stand, live, until Ctrl-C.

    On a terminal one screen that is drawn anew; into a pipe or a file a line for each thing that
    has changed, with its time.
    """
    is_terminal = sys.stdout.isatty()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Also where a script has started us with `&`, which ignores Ctrl-C.
        signal.signal(number, signal.default_int_handler)
    try:
        if is_terminal:
            click.echo(_HIDE + _CLEAR, nl=False)
        found = state.absolute() if state else snapshot.kept_in(runtime.absolute())
        _watch(runtime.absolute(), found, is_terminal=is_terminal)
    except KeyboardInterrupt:
        pass
    finally:
        if is_terminal:
            click.echo(f"{_SHOW}\n", nl=False)


def _watch(runtime: Path, state: Path, *, is_terminal: bool) -> None:
    before: Sequence[str] = ()
    for _ in watching.turns(functools.partial(watching.signature, runtime, state)):
        now = list(screen.lines(snapshot.take(runtime, state)))
        if is_terminal:
            _draw(now)
        else:
            for line in screen.changes(before, now):
                click.echo(f"{time.strftime('%H:%M:%S')} {line}")
        before = now


def _draw(now: Sequence[str]) -> None:
    size = shutil.get_terminal_size()
    foot = f"{time.strftime('%H:%M:%S')}  Ctrl-C ends this, nothing else"
    # One line less than there are, or the last newline would scroll the first one away.
    shown = screen.clipped(now, size.columns, max(1, size.lines - 3))
    shown += screen.clipped(["", foot], size.columns, 2)
    text = "".join(f"{line}{_REST_OF_LINE}\n" for line in shown)
    # In one write: no half-drawn screen is ever seen.
    click.echo(f"{_HOME}{text}{_REST}", nl=False)
