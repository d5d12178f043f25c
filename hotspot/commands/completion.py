"""`vestibule completion`: what a shell reads to complete our words."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

SHELLS: Final = ("bash", "zsh", "fish")
# By this variable the program knows that a shell asks it for words (click's own protocol).
_VARIABLE: Final = "_VESTIBULE_COMPLETE"


def script(shell: str) -> str:
    """The text for one of `SHELLS`; at each Tab it asks the program itself."""
    kind = get_completion_class(shell)
    if kind is None:
        raise ValueError(shell)
    asked = kind(click.Group(), {}, "vestibule", _VARIABLE)
    # Not `source()`: that of bash runs bash to see how old it is, also where a package is built.
    return asked.source_template % asked.source_vars()


@click.command(
    epilog="For bash: vestibule completion bash | sudo tee /etc/bash_completion.d/vestibule"
)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what SHELL reads to complete our commands and options at Tab."""
    click.echo(script(shell))
