"""The words that a shell completes after a command which another program of ours knows better."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

    Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def first(*verbs: str) -> Complete:
    """Completes the first word, by these; what comes after it is the other program's."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        typed = ctx.params.get(param.name or "") or ()
        return [] if typed else [verb for verb in verbs if verb.startswith(incomplete)]

    return complete
