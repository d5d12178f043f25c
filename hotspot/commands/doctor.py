"""`vestibule doctor`: what is right and wrong with this machine, and what helps."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hotspot import settings
from hotspot.commands.config import load
from hotspot.config.reading import Invalid
from hotspot.doctor import bundle, diagnosis, mending, observing
from hotspot.doctor.observing import Where
from hotspot.errors import Refused

if TYPE_CHECKING:
    from hotspot.doctor.facts import Facts
    from hotspot.doctor.finding import Finding

_PATH: Final = click.Path(path_type=Path)
_WIDE: Final = 100


@click.command(
    epilog="Exit status: 0 where it can work, 1 where something keeps it from working, 2 for usage."
)
@click.option(
    "--config",
    "file",
    type=_PATH,
    default=settings.DEFAULT_FILE,
    show_default=True,
    help="The settings file.",
)
@click.option(
    "--state", type=_PATH, default=settings.DEFAULT_STATE, show_default=True, help="What is kept."
)
@click.option(
    "--runtime",
    type=_PATH,
    default=settings.DEFAULT_RUNTIME,
    show_default=True,
    help="What is not.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs, not for people.")
@click.option("--fix", "is_fixing", is_flag=True, help="Put right what can safely be; asks first.")
@click.option("--yes", is_flag=True, help="With --fix: do not ask.")
@click.option(
    "--bundle",
    "target",
    type=_PATH,
    metavar="FILE",
    help="Write FILE.tar.gz for support: no secrets.",
)
def doctor(file: Path, state: Path, runtime: Path, target: Path | None, **wishes: bool) -> None:
    """See whether this machine can be an access point, and say what to do about what cannot.

    Looks at the radio, its country, who else is here, ports, clock, disk, certificate, records
    and units, and changes nothing unless told to with --fix; it never stops anybody's service.
    """
    where = Where(file, state, runtime)
    facts = observe(where)
    found = diagnosis.findings(facts)
    if wishes["is_fixing"]:
        _fix(found, ask=not wishes["yes"])
        facts = observe(where)
        found = diagnosis.findings(facts)
    if wishes["as_json"]:
        click.echo(json.dumps(diagnosis.document(found), indent=2))
    else:
        width = min(_WIDE, shutil.get_terminal_size((_WIDE, 24)).columns)
        for line in diagnosis.lines(found, width):
            click.echo(line)
    if target:
        for line in bundle.write(target, where, facts, found):
            click.echo(line, err=True)
    sys.exit(diagnosis.status(found))


def observe(where: Where) -> Facts:
    """The facts of this machine, with or without settings that can be read."""
    try:
        return observing.facts(where, load(where.file), ())
    except Invalid as invalid:
        problems = tuple(map(str, invalid.problems))
    except Refused as refused:
        problems = (refused.what,)
    return observing.facts(where, None, problems)


def _fix(found: tuple[Finding, ...], *, ask: bool) -> None:
    fixes = [one.fix for one in found if one.fix]
    if not fixes:
        click.echo("nothing to fix that a program may put right by itself", err=True)
    for fix in fixes:
        if ask and not click.confirm(f"Shall I {fix}?", err=True):
            continue
        try:
            mending.mend(fix)
        except OSError as error:
            why = error.strerror or str(error)
            click.echo(f"could not {fix} ({why}): run it as root", err=True)
        else:
            click.echo(f"done: {fix}", err=True)
