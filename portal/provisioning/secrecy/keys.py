"""The receiving side of sealing: a pair of keys, and records opened with the private one.

python -m portal.provisioning.secrecy.keys generate|open
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from portal.provisioning.record import Invalid, from_json, to_json

_USAGE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 1 where it cannot be done."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}")
    except ModuleNotFoundError as error:
        if error.name != "nacl":
            raise
        return _refuse("sealing needs PyNaCl: apt install python3-nacl", _USAGE)


def _refuse(words: str, status: int = 1) -> int:
    sys.stderr.write(f"{words}\n")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vestibule")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    generate = commands.add_parser("generate", help="a new pair of keys")
    generate.add_argument("file", type=Path, metavar="FILE", help="for the private key, a new file")
    generate.set_defaults(run=_generate)
    opening = commands.add_parser("open", help="unseal records, one JSON document a line")
    opening.add_argument("file", metavar="FILE", help="of records, - for standard input")
    opening.add_argument("--key", type=Path, required=True, metavar="FILE", help="the private key")
    opening.set_defaults(run=_open)
    return parser


def _generate(arguments: argparse.Namespace) -> int:
    from portal.provisioning.secrecy import sealing  # noqa: PLC0415 - said in words where it is missing

    private, public = sealing.generate()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(arguments.file, flags, 0o600), "w") as file:
        file.write(f"{private}\n")
        file.flush()
        os.fsync(file.fileno())
    sys.stdout.write(f'seal_to = "{public}"\n')
    return 0


def _open(arguments: argparse.Namespace) -> int:
    from portal.provisioning.secrecy import sealing  # noqa: PLC0415 - see `_generate`

    private, failed = arguments.key.read_text().strip(), 0
    lines = (
        sys.stdin.buffer
        if arguments.file == "-"
        else Path(arguments.file).read_bytes().splitlines()
    )
    for number, line in enumerate(filter(None, map(bytes.strip, lines)), 1):
        try:
            record = sealing.unseal(from_json(line), private)
        except (Invalid, sealing.Unopened) as error:
            failed = _refuse(f"record {number}: {error}")
            continue
        sys.stdout.buffer.write(to_json(record) + b"\n")
    sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())
