"""`vestibule join`: a home network from the command line, step by step to its outcome."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import click

from hotspot.agent import asking, telling
from hotspot.air.elements import Protection
from hotspot.commands.radio import asks
from hotspot.errors import Refused
from hotspot.uplink import wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hotspot.agent.protocol import Event

_PATH: Final = click.Path(path_type=Path)
_STATUSES: Final = ", ".join(f"{status} {word}" for word, status in telling.STATUSES.items())


@click.command(epilog=f"Exit status: {_STATUSES}.")
@click.argument("ssid")
@click.option("--hex", "is_hex", is_flag=True, help="SSID is in hexadecimal.")
@click.option("--hidden", is_flag=True, help="The network does not call its name.")
@click.option("--security", type=click.Choice(get_args(Protection)), help="As the network has it.")
@click.option("--identity", help="The user name, for a network that asks for one.")
@click.option("--method", type=click.Choice(["peap", "ttls"]), help="How that is proven.")
@click.option("--ca", type=_PATH, help="Certificates (PEM) of the network's own server.")
@click.option("--address", help="A fixed address with its prefix, such as 192.168.1.5/24.")
@click.option("--gateway", help="The gateway that goes with it.")
@click.option("--dns", multiple=True, help="A resolver that goes with it.")
@asks
def join(socket: Path, ssid: str, *, as_json: bool, is_hex: bool, **given: Any) -> None:  # noqa: ANN401 - options
    """Join the network SSID and keep it, once it has proven itself.

    The password is asked for, or read from standard input; it is never an argument.
    """
    network = _network(_bytes(ssid, is_hex=is_hex), socket.parent, given)
    request: dict[str, Any] = {"verb": "join", "key": f"cli-{uuid.uuid4()}", "network": network}
    last: Event = {}
    with _cancelled_by_ctrl_c(socket, request["key"]):
        for event in asking.ask(socket, request):
            last = event
            line = json.dumps(event) if as_json else telling.event(event)
            if line:
                click.echo(line)
    sys.exit(telling.STATUSES[last["outcome"]])


@contextlib.contextmanager
def _cancelled_by_ctrl_c(socket: Path, key: str) -> Iterator[None]:
    """The first Ctrl-C cancels the join, which is then told to its end; the second ends us."""

    def cancel(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        # It has not begun, or is over: the events go on and say so.
        with contextlib.suppress(Refused):
            asking.answer(socket, {"verb": "cancel", "key": key})

    before = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _bytes(ssid: str, *, is_hex: bool) -> bytes:
    if not is_hex:
        # What is not UTF-8 on the command line comes back as the bytes it was.
        return ssid.encode("utf-8", "surrogateescape")
    try:
        return bytes.fromhex(ssid)
    except ValueError:
        raise Refused(f"{ssid} is not hexadecimal", "two digits a byte", status=2) from None


def _network(ssid: bytes, runtime: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """The network as it is asked for, checked here already. Raises `Refused`."""
    security = given["security"] or _heard(ssid, runtime)
    network: dict[str, Any] = {"ssid": ssid.hex(), "hidden": given["hidden"]}
    network |= {name: given[name] for name in ("identity", "method") if given[name]}
    if security:
        network["security"] = security
    if given["ca"]:
        network["ca"] = _text(given["ca"])
    if given["address"] or given["gateway"]:
        fixed = {"address": given["address"], "gateway": given["gateway"]}
        network["address"] = fixed | {"dns": list(given["dns"])}
    password = "" if security in {"open", "owe"} else _password()
    if password:
        network["password" if given["identity"] else "passphrase"] = password
    try:
        wanted.read(network)
    except wanted.Unwanted as unwanted:
        raise Refused(unwanted.field, unwanted.what, status=2) from None
    return network


def _heard(ssid: bytes, runtime: Path) -> str | None:
    """The security of the strongest network of this name in the last scan, if there was one."""
    try:
        found = json.loads((runtime / "networks.json").read_bytes())["networks"]
    except (OSError, ValueError):
        return None
    return next((str(one["security"]) for one in found if one["ssid"] == ssid.hex()), None)


def _password() -> str:
    if sys.stdin.isatty():
        words = "Password (empty if there is none)"
        return str(click.prompt(words, default="", show_default=False, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Refused(f"{file} cannot be read ({error})", "name a PEM file", status=2) from None
