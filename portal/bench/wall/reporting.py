"""The shift report's page and files, and the audit's page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.bench.wall import codes, export, remedies, report
from portal.bench.wall.office import office, session
from portal.bench.wall.report import Report
from portal.services import services

# Entries of the audit on a page at first, and at the most.
_SHOWN: Final = 200
_MOST: Final = 5_000


def install(blueprint: Blueprint) -> None:
    """Add the routes."""
    blueprint.add_url_rule("/bench/report", "report", page)
    blueprint.add_url_rule("/bench/report.csv", "report_csv", as_csv)
    blueprint.add_url_rule("/bench/report.jsonl", "report_jsonl", as_json)
    blueprint.add_url_rule("/bench/audit", "audit", audit)


def page() -> str:
    """The report, to be read and to be printed."""
    desk = office().desk
    entries = desk.audit(1)
    digest = entries[0].digest if entries else ""
    return render_template(
        "bench/report.html",
        report=_made(),
        job=desk.head().job,
        place=" ".join(request.args.get("place", desk.site()).split())[:60],
        by=session().name,
        at=services().now().strftime("%Y-%m-%d %H:%M UTC"),
        reasons=dict(zip(remedies.REASONS, remedies.titles(), strict=True)),
        digest=digest,
        number=entries[0].number if entries else 0,
        code=codes.svg(f"vestibule-audit:{entries[0].number}:{digest}") if entries else "",
    )


def as_csv() -> Response:
    """For a spreadsheet."""
    return _file(export.csv_lines(_made()), "text/csv; charset=utf-8", "report.csv")


def as_json() -> Response:
    """For a program."""
    return _file(export.json_lines(_made()), "application/jsonl; charset=utf-8", "report.jsonl")


def audit() -> str:
    """Who has done what: the latest entries of the chain."""
    most = min(max(1, request.args.get("most", _SHOWN, type=int)), _MOST)
    entries = office().desk.audit(most)
    more = min(most * 5, _MOST) if len(entries) == most < _MOST else 0
    return render_template("bench/audit.html", entries=entries, more=more)


def _made() -> Report:
    desk = office().desk
    rows = desk.rows()[1]
    return report.made([(row, desk.history(row.id)) for row in rows], desk.files())


def _file(lines: Iterable[bytes], kind: str, name: str) -> Response:
    answer = Response(b"".join(lines), content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
