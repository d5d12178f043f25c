"""`vestibule scan`, `status` and `forget`: what the radio agent is asked, and what it says."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from hotspot.agent import asking, telling
from hotspot.settings import DEFAULT_RUNTIME, DEFAULT_STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Command = Callable[..., None]

_PATH: Final = click.Path(path_type=Path)
# As `portal.provisioning.recovery` calls them.
_ASIDE: Final = ".db.damaged-"


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
@click.option("--state", type=_PATH, default=DEFAULT_STATE, show_default=True)
def status(socket: Path, state: Path, *, as_json: bool) -> None:
    """Show how things stand: the access point, who is on it, the home network, the last join."""
    told = dict(asking.answer(socket, {"verb": "status"}))
    del told["event"]
    stations = _stations(socket)
    ssid = _ssid(socket.parent / "hostapd.conf")
    damaged = _damaged(state)
    document = told | {"stations": stations, "ssid": ssid, "damaged": damaged}
    say(document, telling.status(told, stations, ssid, damaged), as_json=as_json)


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


def _stations(socket: Path) -> list[Mapping[str, Any]]:
    """Who is on the access point; nobody where there is none now."""
    try:
        return list(asking.answer(socket, {"verb": "stations"})["stations"])
    except asking.Declined:
        return []


def _damaged(state: Path) -> list[str]:
    """The damaged databases that were set aside, and that nobody has removed yet."""
    return sorted(each.name for each in state.glob(f"*{_ASIDE}*") if "-journal" not in each.name)


def _ssid(file: Path) -> str | None:
    """The access point's name in hex, from what hostapd was given; `None` in the demo."""
    try:
        found = re.search(r"^ssid2=([0-9a-f]+)$", file.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return None
    return found[1] if found else None


def _progress(words: str) -> None:
    """Words on the last line of a terminal, in place of those before."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{words}", nl=False, err=True)
