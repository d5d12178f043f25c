"""`vestibule scan` and `forget`: what the radio agent is asked, and what it says."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from hotspot.agent import asking, telling
from hotspot.settings import DEFAULT_RUNTIME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Command = Callable[..., None]

_PATH: Final = click.Path(path_type=Path)


def asks(command: Command) -> Command:
    """The options of every command that asks the agent: `socket` is its path."""

    def path(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
        del ctx, param
        return value.absolute() / asking.SOCKET

    runtime = click.option(
        "--runtime",
        "socket",
        type=_PATH,
        default=DEFAULT_RUNTIME,
        show_default=True,
        callback=path,
        help="The directory of the run.",
    )
    as_json = click.option("--json", "as_json", is_flag=True, help="For programs, not for people.")
    return runtime(as_json(command))


@click.command()
@asks
def scan(socket: Path, *, as_json: bool) -> None:
    """Listen for networks, beside the access point."""
    found: list[Mapping[str, Any]] = []
    for event in asking.ask(socket, {"verb": "scan"}):
        if event["event"] == "scanning":
            _progress(f"listening on channel {event['done']} of {event['of']}")
        else:
            found = event["networks"]
    _progress("")
    say({"networks": found}, telling.networks(found), as_json=as_json)


@click.command()
@asks
def forget(socket: Path, *, as_json: bool) -> None:
    """Leave the home network for good."""
    ssid = asking.answer(socket, {"verb": "forget"})["ssid"]
    words = "no home network was kept" if ssid is None else f"forgotten: {telling.name(ssid)}"
    say({"ssid": ssid}, [words], as_json=as_json)


def say(document: object, lines: Any, *, as_json: bool) -> None:  # noqa: ANN401 - any lines
    """One JSON document, or lines for a person."""
    for line in [json.dumps(document)] if as_json else lines:
        click.echo(line)


def _progress(words: str) -> None:
    """Words on the last line of a terminal, in place of those before."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{words}", nl=False, err=True)
