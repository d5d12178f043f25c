"""`python -m portal.bench`: the bench by command, while the portal runs or without it.

argparse, as for the records: it starts quickly, and nothing of Flask is loaded.
"""

from __future__ import annotations

import argparse
import os
import pwd
import sys
from collections.abc import Sequence
from pathlib import Path

from hotspot.settings import DEFAULT_RUNTIME, DEFAULT_STATE, Invalid, Radio, Settings, parse
from portal.bench import commands, wiping
from portal.bench.building import Place, built
from portal.bench.commands import Asked
from portal.bench.port import Refused
from portal.bench.wall import enrolling
from portal.provisioning.keeping.database import Unwritable
from portal.provisioning.telling.listing import plain

_USAGE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command: 0, 1 where it cannot be done or something is wrong, 2 for settings."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except Invalid as error:
        return _refuse(str(error), _USAGE)
    except (Refused, Unwritable) as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # `devices | head`: the reader has seen enough. Nothing more may be flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}")


def _refuse(words: str, status: int = 1) -> int:
    # What a file says of itself is quoted in some: nothing of it is to play with the terminal.
    sys.stderr.write("".join(f"{plain(line)}\n" for line in words.splitlines()))
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vestibule bench")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", type=Path, metavar="FILE", help="default: all defaults")
    common.add_argument("--state", type=Path, default=Path(DEFAULT_STATE), metavar="DIR")
    common.add_argument("--runtime", type=Path, default=Path(DEFAULT_RUNTIME), metavar="DIR")
    common.add_argument("--json", action="store_true", help="for programs")
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")
    for verb in commands.VERBS:
        made = verbs.add_parser(verb.name, parents=[common], help=verb.words)
        for names, how in verb.arguments:
            made.add_argument(*names, **how)
        made.set_defaults(run=_running(verb.run))
    enrolling.install(verbs, common)
    wiping.install(verbs, common)
    return parser


def _running(run: commands.Run) -> commands.Start:
    """A verb over the bench that the settings describe."""

    def start(arguments: argparse.Namespace) -> int:
        settings = _settings(arguments.config)
        state, runtime = arguments.state.absolute(), arguments.runtime.absolute()
        if not state.is_dir():
            raise Refused(f"There is no bench in {state}: give its directory with --state.")
        _become(state)
        desk = built(Place(state, runtime, settings.bench, _nothing, _say))
        try:
            return run(Asked(desk, arguments, _who(), sys.stdout.write, _say))
        finally:
            desk.parts.ledger.close()

    return start


def _nothing(_id: str, _body: str) -> None:
    """What is finished is handed over by the portal, which has the outbox."""


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _become(state: Path) -> None:
    """What root writes here the portal could not read: go on as who owns the directory."""
    owner = state.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.setegid(owner.st_gid)
        os.seteuid(owner.st_uid)


def _who() -> str:
    """Who asks, for the audit."""
    name = os.environ.get("SUDO_USER", "")
    if not name.isprintable() or not 0 < len(name) <= 32:  # noqa: PLR2004 - useradd(8)
        try:
            name = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            name = str(os.getuid())
    return f"{name} (command)"


def _settings(config: Path | None) -> Settings:
    """What the file says, or the defaults. Raises `Invalid`, OSError."""
    if config is None:
        return Settings(radio=Radio(country=""))
    return parse(config.read_text("utf-8"), file=str(config))


if __name__ == "__main__":
    sys.exit(main())
