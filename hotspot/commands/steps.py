"""Two steps of a start, each a process of its own: does everything answer, and saying so.

For the supervisor, not for people: they need libraries that the supervisor does not keep.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotspot import dnsmasq
from hotspot.commands.config import load
from hotspot.config.values import NotAllowed
from hotspot.supervisor import foreground
from hotspot.supervisor import ready as words

if TYPE_CHECKING:
    from hotspot.settings import Radio

_HTTPS = 443
_PATH = click.Path(path_type=Path)


def _place(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, int] | None:
    """Address and port from `ADDRESS:PORT`, as `hotspot.supervisor.programs.at` writes it."""
    if value is None:
        return None
    address, _, port = value.rpartition(":")
    if not address or not port.isdecimal():
        raise click.BadParameter(f"{value} is not ADDRESS:PORT", ctx, param)
    return address, int(port)


@click.command(hidden=True)
@click.option("--dns", callback=_place)
@click.option("--http", callback=_place)
@click.option("--interface", help="Test DHCP too, on this interface.")
@click.option("--name", help="Test TLS too, under this name.")
@click.option("--runtime", type=_PATH, help="Instead of places: what `prepare` has settled on.")
def selftest(
    *,
    dns: tuple[str, int] | None,
    http: tuple[str, int] | None,
    interface: str | None,
    name: str | None,
    runtime: Path | None,
) -> None:
    """Ask our own servers what a phone would ask."""
    from hotspot.checks import selftest as tests  # noqa: PLC0415 - `ready` does not pay for it

    if runtime:
        interface, address = foreground.access_point(str(runtime / dnsmasq.FILE))
        dns, http = dns or (address, 53), http or (address, 80)
    if dns is None or http is None:
        raise click.UsageError("--dns and --http, or --runtime")
    tests.dns(*dns, 30)
    tests.http(*http, 30)
    if name:
        tests.tls(http[0], _HTTPS, name, 30)
    if interface:
        tests.dhcp(http[0], interface, 30)


@click.command(hidden=True)
@click.option("--config", type=_PATH)
@click.option("--state", type=_PATH, required=True)
@click.option("--runtime", type=_PATH, expose_value=False)
@click.option("--url", required=True)
@click.option("--demo", is_flag=True)
@click.option("--dns", callback=_place)
def ready(
    *,
    config: Path | None,
    state: Path,
    url: str,
    demo: bool,
    dns: tuple[str, int] | None,
) -> None:
    """Print the ready line, and on a terminal what a person wants to know."""
    if demo and dns:
        records = f"{_command()} records list --state {_from_here(state)}"
        _say(words.demo(url, dns, records))
    elif config:
        _say(_radio(load(config).radio, state, url))


def _command() -> str:
    """How a person calls us: in a checkout the command stands beside the interpreter."""
    if shutil.which("vestibule"):
        return "vestibule"
    return str(_from_here(Path(sys.executable).with_name("vestibule")))


def _from_here(path: Path) -> Path:
    """The shorter way to a place below the folder we were started in."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _radio(radio: Radio, state: Path, url: str) -> list[str]:
    from hotspot import identity  # noqa: PLC0415 - the demo does not pay for them
    from hotspot.label import invitation as joining  # noqa: PLC0415 - the demo does not pay for them

    name = identity.of(radio, state, os.urandom)
    lines = [words.radio(name.ssid, url)]
    # The key is for who sits before the screen, not for whoever reads a log.
    if sys.stdout.isatty():
        # No QR code can hold a name that is not UTF-8: phones find it in their lists.
        with contextlib.suppress(NotAllowed):
            text = joining.qr_text(name.ssid, name.passphrase, radio.security)
            lines.append(words.joining(text, name.passphrase))
    return lines


def _say(lines: list[str]) -> None:
    # Past Python's own buffer, which would be flushed once more at exit and fail there: whoever
    # waited for the first line may have closed the pipe, and nothing goes down because of that.
    with contextlib.suppress(OSError):
        for line in lines:
            os.write(1, f"{line}\n".encode(sys.stdout.encoding, "replace"))
