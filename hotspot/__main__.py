"""The `vestibule` command: a name on the command line, and the one module behind it.

A subcommand's module is imported when it is asked for and not before: checking a settings file
must not pay for netlink, nor a `prepare` for QR codes.
"""

from __future__ import annotations

import importlib
from typing import Final

import click

from hotspot.config.reading import Invalid
from hotspot.errors import Refused

# Shown by --help.
_COMMANDS: Final = {
    "run": "hotspot.commands.run",
    "doctor": "hotspot.commands.doctor",
    "status": "hotspot.commands.status",
    "watch": "hotspot.commands.watch",
    "scan": "hotspot.commands.radio",
    "join": "hotspot.commands.join",
    "forget": "hotspot.commands.radio",
    "up": "hotspot.commands.calling",
    "down": "hotspot.commands.calling",
    "reset": "hotspot.commands.reset",
    "config": "hotspot.commands.config",
    "completion": "hotspot.commands.completion",
    "records": "hotspot.commands.records",
    "bench": "hotspot.commands.bench",
    "keys": "hotspot.commands.keys",
    "clients": "hotspot.commands.clients",
    "qr": "hotspot.commands.qr",
}
# The steps of a start, each a process of its own: for supervisor, units and package.
_STEPS: Final = {
    "prepare": "hotspot.commands.network",
    "selftest": "hotspot.commands.steps",
    "wait": "hotspot.commands.network",
    "ready": "hotspot.commands.steps",
    "restore": "hotspot.commands.network",
    "look": "hotspot.commands.home",
    "settle": "hotspot.commands.home",
    "beside": "hotspot.commands.home",
    "house": "hotspot.commands.house",
    "cutoff": "hotspot.commands.cutoff",
}


class Lazy(click.Group):
    """A group whose members are attributes of the modules in the tables above."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names a person may want to know."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module of this command."""
        module = {**_COMMANDS, **_STEPS}.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(importlib.import_module(module), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a refusal is its own words on standard error and its own status."""
        try:
            return super().invoke(ctx)
        except Invalid as invalid:
            click.echo(invalid, err=True)
            ctx.exit(2)
        except Refused as refusal:
            click.echo(refusal, err=True)
            ctx.exit(refusal.status)


def _version() -> str:
    # Here, so that no step of a start pays for it: half of what this module takes to load.
    from importlib import metadata  # noqa: PLC0415 - see above

    try:
        return metadata.version("vestibule")
    except metadata.PackageNotFoundError:
        return "from a checkout, not installed"


def _tell_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - click's signature
    if asked and not ctx.resilient_parsing:
        click.echo(f"vestibule {_version()}")
        ctx.exit()


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_version,
    help="Show the version and exit.",
)
def main() -> None:
    """A Wi-Fi hotspot whose set-up page opens by itself, and what its visitors answered."""


if __name__ == "__main__":
    main(prog_name="vestibule")
