"""`vestibule qr`: the code that joins a phone, on the terminal, in a file, or on a label.

Everything it writes holds the access point's key, so its files are their owner's alone.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from hotspot import files, identity, settings
from hotspot.commands.config import load
from hotspot.config.values import NotAllowed
from hotspot.errors import Refused
from hotspot.label import invitation as joining
from hotspot.label import label, pdf, serial, svg
from hotspot.label import qr as codes
from hotspot.label.drawing import Drawing, code
from hotspot.supervisor import ready as words

_PATH: Final = click.Path(path_type=Path, allow_dash=True)
_DASH: Final = Path("-")
_SIZE: Final = "62x29"
# Of a code alone, in millimetres: a hand's width from the camera.
_SIDE: Final = 40.0
_LONGEST: Final = 297
# Of what nobody types: no larger than this.
_SMALL: Final = 2.2

Size = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Joining:
    """What there is to tell; `passphrase` is `None` for an open access point."""

    ssid: bytes
    passphrase: str | None
    security: settings.Security
    url: str
    serial: str | None

    def text(self) -> str:
        """What the code says. Raises `NotAllowed`."""
        key = None if self.passphrase is None else settings.Secret(self.passphrase)
        return joining.qr_text(self.ssid, key, self.security)

    def lines(self) -> list[label.Line]:
        """What the label says. Raises `NotAllowed`."""
        key, number = self.passphrase, self.serial
        return [
            label.Line("Wi-Fi" if key else "Wi-Fi, open", label.name(self.ssid)),
            *([label.Line("Key", key)] if key else []),
            label.Line("Page", self.url, _SMALL),
            *([label.Line("Serial", number, _SMALL)] if number else []),
        ]

    def drawing(self, size: Size | None) -> Drawing:
        """The label, or without a size the code alone. Raises `NotAllowed`."""
        rows = codes.rows(self.text())
        if size:
            return label.draw(rows, self.lines(), size)
        return Drawing(_SIDE, _SIDE, code(rows, _SIDE, quiet=codes.QUIET))

    def document(self) -> dict[str, str | None]:
        """The same for a program."""
        return {
            # From the settings, which are UTF-8.
            "ssid": self.ssid.decode(),
            "ssid_hex": self.ssid.hex(),
            "passphrase": self.passphrase,
            "security": self.security.value,
            "code": self.text(),
            "url": self.url,
            "serial": self.serial,
        }


def _size(ctx: click.Context, param: click.Parameter, value: str | None) -> Size | None:
    """Width and height from `62x29`."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d{2,3})x(\d{2,3})", value)
    if not found or max(map(int, found.groups())) > _LONGEST:
        wanted = f"width and height in mm, up to {_LONGEST}, such as {_SIZE}"
        raise click.BadParameter(f"{value} is not {wanted}", ctx, param)
    return float(found[1]), float(found[2])


def _number(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A serial number as any printer has it."""
    if value and not re.fullmatch("[ -~]{1,40}", value):
        raise click.BadParameter("up to 40 letters, digits and signs of ASCII", ctx, param)
    return value


@click.command()
@click.option("--config", type=_PATH, default=settings.DEFAULT_FILE, show_default=True)
@click.option("--state", type=_PATH, default=settings.DEFAULT_STATE, show_default=True)
@click.option("--svg", type=_PATH, metavar="FILE", help="Write an SVG; - for stdout.")
@click.option("--png", type=_PATH, metavar="FILE", help="Write a PNG, the code alone.")
@click.option("--pdf", type=_PATH, metavar="FILE", help="Write a PDF.")
@click.option(
    "--label",
    "size",
    is_flag=False,
    flag_value=_SIZE,
    callback=_size,
    metavar="[WIDTHxHEIGHT]",
    help=f"A label with name, key, page and serial number, in mm.  [{_SIZE}]",
)
@click.option(
    "--serial",
    "number",
    callback=_number,
    metavar="TEXT",
    help="Instead of this machine's own serial number.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as text, for programs.")
def qr(
    *,
    config: Path,
    state: Path,
    size: Size | None,
    number: str | None,
    as_json: bool,
    **named: Path | None,
) -> None:
    """Show the QR code that joins a phone, or write it to a file, or print a label.

    Files are made for their owner alone: they hold the key.
    """
    wanted = {kind: file for kind, file in named.items() if file}
    _check(wanted, size, as_json=as_json)
    found = _joining(config, state, number)
    if as_json:
        click.echo(json.dumps(found.document(), indent=2))
        return
    try:
        made = {kind: _made(kind, found, size) for kind in wanted}
        shown = [] if wanted else _shown(found)
    except NotAllowed as error:
        what = f"this cannot be drawn ({error})"
        remedy = "another radio.ssid can; SVG takes any script, and phones have the network listed"
        raise Refused(what, remedy) from None
    for kind, data in made.items():
        _write(wanted[kind], data)
    for line in shown:
        click.echo(line)


def _check(wanted: dict[str, Path], size: Size | None, *, as_json: bool) -> None:
    if as_json and (wanted or size):
        raise click.UsageError("--json says the same in words: give it alone")
    if size and not {"svg", "pdf"} & set(wanted):
        raise click.UsageError("a label goes to a file: add --pdf FILE or --svg FILE")
    if size and "png" in wanted:
        raise click.UsageError("a PNG holds the code alone: take --pdf or --svg for a label")
    if list(wanted.values()).count(_DASH) > 1:
        raise click.UsageError("only one of them can go to standard output")


def _joining(config: Path, state: Path, number: str | None) -> Joining:
    """What settings and state say; `number` is the serial number, "" for none.

    Raises `Refused`, `settings.Invalid`.
    """
    found = load(config)
    name = identity.known(found.radio, state)
    return Joining(
        ssid=name.ssid,
        passphrase=name.passphrase,
        security=found.radio.security,
        url=found.portal.site or f"http://{found.network.address.ip}/",
        serial=serial.of_machine() if number is None else number or None,
    )


def _made(kind: str, found: Joining, size: Size | None) -> bytes:
    if kind == "png":
        return codes.png(found.text())
    drawing = found.drawing(size)
    return pdf.render(drawing) if kind == "pdf" else svg.render(drawing).encode()


def _shown(found: Joining) -> list[str]:
    key = None if found.passphrase is None else settings.Secret(found.passphrase)
    return [words.joining(found.text(), key), f"  name: {found.ssid.decode()!r}"]


def _write(file: Path, data: bytes) -> None:
    if file == _DASH:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    # Renamed into place, which over a device would take the device's own name away.
    if file.exists() and not file.is_file():
        raise Refused(f"{file} is no ordinary file", "name another one, or - for standard output")
    try:
        files.replace(file, data, mode=0o600)
    except OSError as error:
        what = f"{file} cannot be written ({error.strerror})"
        raise Refused(what, "name another file") from None
