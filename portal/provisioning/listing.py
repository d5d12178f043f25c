"""Records as an operator sees them: a table, or JSON, and never a secret.

Law: entries in, text out. What came over the air or from a form is shown so that it cannot
move a terminal's cursor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hotspot.settings import Secret
from portal.provisioning.life import DeliveryLife, Life, Step
from portal.provisioning.record import Record, document, timestamp

_HEADINGS: Final = ("ID", "CREATED", "NETWORK", "STATE", "ATTEMPTS", "REASON")
_HIDDEN: Final = "(hidden)"


def without_secrets(record: Record) -> dict[str, Any]:
    """The record's document with null for every secret that is there."""
    fields = {n: None if isinstance(v, Secret) else v for n, v in record.fields.items()}
    passphrase = None if record.passphrase else ""
    return {**document(record), "passphrase": passphrase, "fields": fields}


def entry(life: Life, record: Record | None) -> dict[str, Any]:
    """A record and its life as plain values for JSON."""
    return {
        "id": life.id,
        "state": life.state,
        "record": None if record is None else without_secrets(record),
        "deliveries": [_delivery(each) for each in life.deliveries],
    }


def _delivery(life: DeliveryLife) -> dict[str, Any]:
    return {
        "name": life.name,
        "state": life.state,
        "attempts": life.attempts,
        "reason": life.reason,
        "next_try": timestamp(life.next_try) if life.next_try else None,
    }


def step(one: Step) -> dict[str, Any]:
    """A step of a record's life as plain values for JSON."""
    return {
        "delivery": one.delivery,
        "event": one.event,
        "state": one.state,
        "attempt": one.attempt,
        "reason": one.reason,
        "at": timestamp(one.at.wall),
        "monotonic": one.at.monotonic,
        "boot": one.at.boot,
    }


def row(life: Life, record: Record | None) -> tuple[str, ...]:
    """A record's line in the table of `list`."""
    reasons = [each.reason for each in life.deliveries if each.reason]
    return (
        life.id,
        _seconds(timestamp(record.created)) if record else "-",
        network(record.ssid) if record else "-",
        life.state,
        str(max(each.attempts for each in life.deliveries)),
        plain("; ".join(reasons)),
    )


def table(rows: Iterable[Sequence[str]], headings: Sequence[str] = _HEADINGS) -> Iterable[str]:
    """Lines of a table with its columns aligned."""
    cells = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(map(str.ljust, line, widths)).rstrip()


def details(life: Life, record: Record | None, steps: Iterable[Step]) -> Iterable[str]:
    """Lines of `show`: the record, each delivery, and each step with its moment."""
    yield f"record    {life.id}"
    yield f"state     {life.state}"
    if record is not None:
        yield f"created   {_seconds(timestamp(record.created))}"
        yield f"network   {network(record.ssid)}"
        yield f"password  {_HIDDEN if record.passphrase else 'none: an open network'}"
        for name, value in shown_fields(record).items():
            yield f"field     {plain(name)} = {plain(value)}"
    for each in life.deliveries:
        again = f", next try {_seconds(timestamp(each.next_try))}" if each.next_try else ""
        yield f"delivery  {each.name}: {each.state}{again}"
    yield ""
    rows = (
        (_seconds(timestamp(s.at.wall)), s.delivery, s.event, str(s.attempt), plain(s.reason or ""))
        for s in steps
    )
    yield from table(rows, ("TIME", "DELIVERY", "EVENT", "ATTEMPT", "REASON"))


def shown_fields(record: Record) -> Mapping[str, str]:
    """The form's fields, secrets hidden."""
    return {n: _HIDDEN if isinstance(v, Secret) else v for n, v in record.fields.items()}


def network(ssid: bytes) -> str:
    """A network name for people: its text, with what is not printable escaped."""
    return plain(ssid.decode("utf-8", "backslashreplace"))


def plain(text: str) -> str:
    """`text` on one line, with what is not printable escaped as in Python."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )


def _seconds(stamp: str) -> str:
    return f"{stamp[:19]}Z"
