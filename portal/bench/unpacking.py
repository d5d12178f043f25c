"""A package taken in: verified first, planned as a whole, and only then made true.

Who has signed the list of a package answers for all that is in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from portal.bench import checking
from portal.bench.artifacts import admission
from portal.bench.desk import Flaw, Offer, Preview
from portal.bench.devices.device import Device
from portal.bench.manifest.columns import FILE
from portal.bench.manifest.importing import Plan
from portal.bench.manifest.job import Job
from portal.bench.manifest.package import JOB, MANIFEST, Package, opened
from portal.bench.manifest.reading import MOST_CELL, Line, Table, Unreadable
from portal.bench.port import Artifact, Refused
from portal.bench.reception import Reception


@dataclass(frozen=True, slots=True)
class Wish:
    """How a package is to be taken in, by whom: only looked at, without rows that are not sound,
    also unsigned.
    """

    who: str
    preview: bool = False
    partial: bool = False
    unsigned: bool = False


def take(desk: Reception, path: Path, wish: Wish) -> Preview:
    """Take in the package in a file, or see what it would change. Raises `Refused`, OSError."""
    try:
        with opened(path) as package:
            return _take(desk, package, wish)
    except Unreadable as error:
        raise Refused(str(error)) from None


def _take(desk: Reception, package: Package, wish: Wish) -> Preview:
    signer = _signer(desk, package, wish)
    new = checking.job_of(package.read(JOB)) if JOB in package.parts else None
    plan = _plan(desk, package, new)
    by = f"signed by {signer}" if signer else "unsigned"
    files = [f"{part.name.rpartition('/')[2]} for {product}" for product, _, part in
             package.artifacts()]  # fmt: skip
    notes = (f"A package, {by}.", *(f"Firmware: {each}." for each in files), *plan.notes)
    plan = replace(plan, notes=notes)
    if wish.preview:
        return plan.preview
    if plan.invalid and not wish.partial:
        raise Refused(f"{plan.invalid} rows are not sound. Correct them, or leave them out.")
    _shelve(desk, package, signer, wish)
    if new is not None:
        desk.take_manifest(JOB, package.read(JOB), wish.who, partial=False)
    if plan.new or plan.changed:
        # Anew: between the two somebody may have written.
        desk.floor.decided(lambda: desk.keep(_plan(desk, package, new), package.rows(), wish.who))
    return plan.preview


def _signer(desk: Reception, package: Package, wish: Wish) -> str:
    """Who answers for it, "" where a lead lets it in unsigned. Raises `Refused`."""
    offer = Offer(MANIFEST, "", "", override=wish.unsigned)
    desk.may_override(offer)
    with tempfile.NamedTemporaryFile(dir=desk.parts.shelf.folder) as file:
        file.write(package.manifest)
        file.flush()
        list_ = Artifact("", "", "", len(package.manifest), MANIFEST, "", "")
        override = wish.who if wish.unsigned else ""
        found = admission.admit(
            Path(file.name), list_, package.signature, override, desk.rights.signers
        )
    return found.signer


def _plan(desk: Reception, package: Package, new: Job | None) -> Plan:
    """What its rows would change in its job, or in the one that is worked on."""
    name = package.rows()
    if not name:
        return Plan()
    of = new or desk.floor.job
    return desk.plan(package.read(name), of, _known(desk, of), lambda t: _filled(t, package))


def _known(desk: Reception, of: Job) -> Mapping[str, Device]:
    """The devices that a job has already."""
    row = next((row for row in desk.parts.ledger.jobs() if row.id == of.id), None)
    return {each.id: each for each in desk.parts.ledger.devices(row.n)} if row else {}


def _filled(table: Table, package: Package) -> Table:
    """With the texts of files in the cells that name them; a row whose file is not there is not
    sound.
    """
    columns = [name for name in table.columns if name.startswith(FILE)]
    lines, flaws = [], list(table.flaws)
    for line in table.lines:
        wrong = [flaw for name in columns if (flaw := _lacking(line, name, package))]
        flaws += wrong
        if not wrong:
            texts = {name: _text(line.cells[name], package) for name in columns}
            lines.append(Line(line.number, {**line.cells, **texts}))
    invalid = table.invalid + len(table.lines) - len(lines)
    return replace(table, lines=tuple(lines), flaws=tuple(flaws), invalid=invalid)


def _lacking(line: Line, name: str, package: Package) -> Flaw | None:
    path = line.cells[name]
    if not path:
        return None
    part = package.parts.get(f"files/{path}")
    if part is None:
        return Flaw(line.number, name, path[:40], f"there is no files/{path[:40]} in the package")
    if part.size > MOST_CELL:
        return Flaw(line.number, name, path[:40], f"a text of at most {MOST_CELL:,} bytes")
    return None


def _text(path: str, package: Package) -> str:
    if not path:
        return ""
    try:
        return package.read(f"files/{path}").decode()
    except UnicodeDecodeError:
        raise Unreadable(f"files/{path} is no text in UTF-8.") from None


def _shelve(desk: Reception, package: Package, signer: str, wish: Wish) -> None:
    """Its firmware onto the shelf, each file by its own signature or by that of the list."""
    for product, version, part in package.artifacts():
        own = f"{part.name}.minisig"
        signature = package.read(own) if own in package.parts else b""
        unsigned = wish.unsigned and not signer and not signature
        offer = Offer(part.name.rpartition("/")[2], product, version, override=unsigned)
        desk.put_file(package.stream(part.name), offer, signature, wish.who, signer)
