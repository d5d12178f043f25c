"""The commands of the bench: each a function of what is asked, over the desk of the pages."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from portal.bench import unpacking
from portal.bench.desk import Offer, Preview
from portal.bench.manifest import exporting, package
from portal.bench.manifest.reading import MOST_BYTES, Unreadable
from portal.bench.port import Refused, Row
from portal.bench.reception import Reception
from portal.bench.unpacking import Wish
from portal.bench.wall import export, groups, remedies, report
from portal.provisioning.keeping.files import write_whole
from portal.provisioning.telling.listing import plain, table

_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, by whom, and where answers and remarks go."""

    desk: Reception
    words: argparse.Namespace
    who: str
    out: Callable[[str], Any]
    say: Callable[[str], None]

    def answer(self, value: object, lines: Sequence[str]) -> int:
        """As JSON for programs, as lines for people."""
        text = json.dumps(value, indent=2, ensure_ascii=False) if self.words.json else None
        self.out("\n".join(lines if text is None else [text]) + "\n")
        return 0


Run = Callable[[Asked], int]
Start = Callable[[argparse.Namespace], int]


@dataclass(frozen=True, slots=True)
class Verb:
    """One command: its name, what `--help` says, its arguments, what it does."""

    name: str
    words: str
    run: Run
    arguments: Sequence[tuple[tuple[str, ...], Mapping[str, Any]]] = ()


def _jobs(asked: Asked) -> int:
    if asked.words.begin:
        asked.desk.open_job(asked.words.begin, asked.who)
    if asked.words.choose:
        asked.desk.choose_job(asked.words.choose, asked.who)
    jobs = asked.desk.jobs()
    rows = [
        (">" if job.current else "", job.id, plain(job.name), str(job.devices), str(job.done),
         str(job.failed), job.begun[:19])
        for job in jobs
    ]  # fmt: skip
    headings = ("", "JOB", "NAME", "DEVICES", "DONE", "FAILED", "BEGUN")
    return asked.answer(
        [asdict(job) for job in jobs], list(table(rows, headings)) if rows else ["no job yet"]
    )


def _devices(asked: Asked) -> int:
    rows = sorted(asked.desk.rows()[1], key=lambda row: (row.name, row.id))
    lines = [
        (plain(row.name), plain(row.id), row.state.value, str(row.attempt), row.version,
         plain(_why(row)))
        for row in rows
    ]  # fmt: skip
    headings = ("NAME", "ID", "STATE", "ATTEMPT", "VERSION", "")
    found = [{**_document(row)} for row in rows]
    return asked.answer(found, list(table(lines, headings)) if rows else ["no devices yet"])


def _why(row: Row) -> str:
    """What is the matter with it and what helps, or what shows that it is done."""
    what, helps = remedies.told(row)
    detail = f" ({row.detail})" if row.detail else ""
    return f"{what}{detail}. {helps}" if what else row.evidence


def _document(row: Row) -> dict[str, Any]:
    found = asdict(row)
    found["remedy"] = remedies.told(row)[1]
    return {name: value for name, value in found.items() if name not in {"number", "signal"}}


def _add(asked: Asked) -> int:
    words, file = asked.words, Path(asked.words.file)
    signature = Path(words.signature) if words.signature else file.with_name(f"{file.name}.minisig")
    signed = signature.read_bytes() if words.signature or signature.exists() else b""
    with file.open("rb") as stream:
        offer = Offer(file.name, words.product, words.version, override=words.unsigned)
        pieces = iter(lambda: stream.read(_PIECE), b"")
        found = asked.desk.put_file(pieces, offer, signed, asked.who)
    by = f"signed by {found.signer}" if found.signer else f"unsigned, let in by {found.override}"
    line = f"{found.name}: {found.product} {found.version}, {found.size} bytes, {by}"
    shown = {name: value for name, value in asdict(found).items() if name != "head"}
    return asked.answer(shown, [line, f"sha256 {found.sha256}"])


def _import(asked: Asked) -> int:
    words, file = asked.words, Path(asked.words.file)
    if file.suffix == package.ENDING:
        wish = Wish(asked.who, words.preview, words.partial, words.unsigned)
        return _imported(asked, unpacking.take(asked.desk, file, wish))
    with file.open("rb") as stream:
        body = stream.read(MOST_BYTES + 1)
    if words.preview:
        return _imported(asked, asked.desk.preview(file.name, body))
    found = asked.desk.take_manifest(file.name, body, asked.who, partial=words.partial)
    return _imported(asked, found)


def _imported(asked: Asked, found: Preview) -> int:
    numbers = f"{found.new} new, {found.changed} changed, {found.unchanged} unchanged"
    flaws = [
        f"line {flaw.line}, {flaw.column} {plain(flaw.value)!r}: {plain(flaw.words)}"
        for flaw in found.flaws
    ]
    lines = [*map(plain, found.notes), *flaws, f"{numbers}, {found.invalid} invalid"]
    asked.answer(asdict(found), lines)
    return 1 if found.invalid and asked.words.preview else 0


def _pack(asked: Asked) -> int:
    folder, target = Path(asked.words.folder), Path(asked.words.output)
    if target.suffix != package.ENDING:
        raise Refused(f"A package's name ends with {package.ENDING}.")
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            Path(file.name).chmod(0o600)
            signed = package.pack(folder, file)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).rename(target)
    except Unreadable as error:
        raise Refused(str(error)) from None
    finally:
        Path(file.name).unlink(missing_ok=True)
    sign = f"minisign -Sm {folder / package.MANIFEST}"
    words = "signed" if signed else f"not signed: run {sign}, then this once more"
    return asked.answer({"file": str(target), "signed": signed}, [f"{target}: {words}"])


def _export(asked: Asked) -> int:
    devices = asked.desk.devices()
    as_lines = exporting.as_json_lines if asked.words.jsonl else exporting.as_csv
    return _written(asked, as_lines(devices))


def _written(asked: Asked, lines: Any) -> int:  # noqa: ANN401 - any iterable of bytes
    if asked.words.output:
        write_whole(Path(asked.words.output), lines)
    else:
        asked.out(b"".join(lines).decode("utf-8"))
    return 0


def _retry(asked: Asked) -> int:
    for device in asked.words.devices:
        asked.desk.act(device, "retry", asked.who)
    names = asked.words.devices
    return asked.answer(names, [f"{name}: to be tried again" for name in names])


def _report(asked: Asked) -> int:
    rows = asked.desk.rows()[1]
    found = report.made([(row, asked.desk.history(row.id)) for row in rows], asked.desk.files())
    if asked.words.csv or asked.words.jsonl:
        lines = export.csv_lines if asked.words.csv else export.json_lines
        return _written(asked, lines(found))
    verdict = asked.desk.parts.ledger.verify()
    counts = {groups.WORDS[group]: number for group, number in found.counts.items() if number}
    value = {
        "job": asked.desk.head().job,
        "site": asked.desk.site(),
        "counts": counts,
        "median": found.median,
        "p95": found.p95,
        "failures": {reason.value: number for reason, number in found.failures},
        "people": list(found.people),
        "files": [each.sha256 for each in found.files],
        "audit": {"lines": verdict.lines, "head": verdict.head, "broken": verdict.broken},
    }
    return asked.answer(value, [f"{name}: {_shown(each)}" for name, each in value.items()])


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else plain(str(value))


def _audit(asked: Asked) -> int:
    if asked.words.what == "verify":
        verdict = asked.desk.parts.ledger.verify()
        whole = f"{verdict.lines} lines, whole; head {verdict.head}"
        asked.answer(asdict(verdict), [whole if not verdict.broken else f"broken: {verdict.words}"])
        return 1 if verdict.broken else 0
    entries = asked.desk.audit(asked.words.most)[::-1]
    lines = [
        (str(e.number), e.at[:19], plain(e.who), plain(e.what), plain(e.about)) for e in entries
    ]
    headings = ("LINE", "TIME", "WHO", "WHAT", "")
    return asked.answer([asdict(e) for e in entries], list(table(lines, headings)))


_OUTPUT: Final = (("--output",), {"metavar": "FILE", "help": "instead of standard output"})
_JSONL: Final = (("--jsonl",), {"action": "store_true", "help": "JSON Lines"})

VERBS: Final = (
    Verb("jobs", "what is worked on, and what was", _jobs, (
        (("--begin",), {"metavar": "NAME", "help": "begin a job, and go on with it"}),
        (("--choose",), {"metavar": "JOB", "help": "go on with this one"}),
    )),
    Verb("devices", "where each device of the job is, and what helps", _devices),
    Verb("add", "put a file on the shelf, with FILE.minisig where there is one", _add, (
        (("file",), {"metavar": "FILE"}),
        (("--product",), {"required": True, "help": "for which devices"}),
        (("--version",), {"required": True, "help": "as devices report it"}),
        (("--signature",), {"metavar": "FILE", "help": "its .minisig, under another name"}),
        (("--unsigned",), {"action": "store_true", "help": "let it in without; it is recorded"}),
    )),
    Verb("import", "a manifest; with .toml the job itself; with .vbench all of it", _import, (
        (("file",), {"metavar": "FILE"}),
        (("--preview",), {"action": "store_true", "help": "only say what would change"}),
        (("--partial",), {"action": "store_true", "help": "leave out rows that are not sound"}),
        (("--unsigned",), {"action": "store_true", "help": "a .vbench also without a signature"}),
    )),
    Verb("pack", "make a .vbench of a folder: job, manifest, files, firmware", _pack, (
        (("folder",), {"metavar": "FOLDER"}),
        (("--output",), {"required": True, "metavar": "FILE"}),
    )),
    Verb("export", "the job's manifest with states, without secrets", _export, (_JSONL, _OUTPUT)),
    Verb("retry", "try devices again", _retry, ((("devices",), {"nargs": "+", "metavar": "ID"}),)),
    Verb("report", "what the shift has come to", _report, (
        (("--csv",), {"action": "store_true", "help": "one line a device"}), _JSONL, _OUTPUT,
    )),
    Verb("audit", "who has done what; `verify`: whether all of it is there", _audit, (
        (("what",), {"nargs": "?", "choices": ["list", "verify"], "default": "list"}),
        (("--most",), {"type": int, "default": 200, "metavar": "N", "help": "the latest N lines"}),
    )),
)  # fmt: skip
