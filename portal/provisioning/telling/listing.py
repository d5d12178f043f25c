"""Records as an operator sees them: a table, or JSON, and never a secret.

Law: entries in, text out. What came over the air or from a form is shown so that it cannot
move a terminal's cursor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hotspot.settings import Secret
from portal.provisioning.join import Join, Phase
from portal.provisioning.life import DeliveryLife, Life, Moment, State, Step, Told
from portal.provisioning.moments.dating import Dating
from portal.provisioning.record import Record, document, timestamp

_HEADINGS: Final = ("ID", "CREATED", "NETWORK", "STATE", "ATTEMPTS", "REASON")
_HIDDEN: Final = "(hidden)"


def without_secrets(record: Record) -> dict[str, Any]:
    """The record's document with null for every secret that is there."""
    fields = {n: None if isinstance(v, Secret) else v for n, v in record.fields.items()}
    passphrase = None if record.passphrase or record.sealed else ""
    shown = {**document(record), "passphrase": passphrase, "fields": fields}
    if record.access.user:
        user = {**record.access.user.document(), "password": None}
        shown["access"] = {**shown["access"], "user": user}
    return shown


def entry(life: Life, record: Record | None) -> dict[str, Any]:
    """A record and its life as plain values for JSON."""
    return {
        "id": life.id,
        "state": life.state,
        "record": None if record is None else without_secrets(record),
        "join": life.join and join(life.join),
        "deliveries": [_delivery(each) for each in life.deliveries],
    }


def join(one: Join) -> dict[str, Any]:
    """Where a record's join stands, as plain values for JSON."""
    return {
        "state": one.state,
        "attempts": one.attempts,
        "outcome": one.outcome,
        "step": one.step,
        "at": timestamp(one.at) if one.at else None,
        "clock_set": one.is_set,
        **one.detail,
    }


def told(one: Told, dating: Dating) -> dict[str, Any]:
    """A turn of a record's join as plain values for JSON."""
    return {
        "turn": one.turn,
        "state": one.phase,
        "attempt": one.attempt,
        "outcome": one.outcome,
        "step": one.step,
        **_moment(one.at, dating),
    }


def _moment(at: Moment, dating: Dating) -> dict[str, Any]:
    derived = dating.derived(at)
    return {
        "at": timestamp(at.wall),
        "clock_set": at.is_set,
        "derived": timestamp(derived) if derived else None,
        "monotonic": at.monotonic,
        "boot": at.boot,
    }


def _delivery(life: DeliveryLife) -> dict[str, Any]:
    return {
        "name": life.name,
        "state": life.state,
        "attempts": life.attempts,
        "reason": life.reason,
        "next_try": timestamp(life.next_try) if life.next_try else None,
    }


def step(one: Step, dating: Dating) -> dict[str, Any]:
    """A step of a record's life as plain values for JSON."""
    return {
        "delivery": one.delivery,
        "event": one.event,
        "state": one.state,
        "attempt": one.attempt,
        "reason": one.reason,
        **_moment(one.at, dating),
    }


def row(life: Life, record: Record | None) -> tuple[str, ...]:
    """A record's line in the table of `list`."""
    reasons = [each.reason for each in life.deliveries if each.reason]
    attempts = max(each.attempts for each in life.deliveries)
    if life.join and life.state is State.HELD:
        attempts, reasons = life.join.attempts, [why(life.join)]
    return (
        life.id,
        _seconds(timestamp(record.created)) if record else "-",
        subject(record) if record else "-",
        standing(life),
        str(attempts),
        plain("; ".join(reasons)),
    )


def standing(life: Life) -> str:
    """A record's state in a word; before its network has proven itself, that of its join."""
    if life.state is not State.HELD or life.join is None:
        return life.state
    return _STANDING.get(life.join.state, life.join.state)


_STANDING: Final = {Phase.WAITING: "in line", Phase.TRYING: "joining"}


def why(one: Join) -> str:
    """The reason for which a join did not connect, "" where there is none."""
    what = one.detail.get("what")
    words = [(one.outcome or "").replace("_", " "), f"({what})" if what else ""]
    at = f"at {one.step}" if one.step and one.state is not Phase.CONNECTED else ""
    return " ".join(word for word in (*words, at) if word)


def table(rows: Iterable[Sequence[str]], headings: Sequence[str] = _HEADINGS) -> Iterable[str]:
    """Lines of a table with its columns aligned."""
    cells = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(map(str.ljust, line, widths)).rstrip()


def fate(life: Life) -> str:
    """What had become of a record, delivery by delivery, in words."""
    if life.join and life.state is State.HELD:
        return f"its network was not joined: {plain(why(life.join))}"
    return "; ".join(
        f"{each.name}: {each.state}{f' ({plain(each.reason)})' if each.reason else ''}"
        for each in life.deliveries
    )


def details(
    life: Life,
    record: Record | None,
    steps: Sequence[Step],
    turns: Sequence[Told],
    dating: Dating,
) -> Iterable[str]:
    """Lines of `show`: the record, its join, each delivery, and each step with its moment."""
    yield f"record    {life.id}"
    yield f"state     {standing(life)}"
    if record is not None:
        yield f"created   {_seconds(timestamp(record.created))}"
        if record.about is None:
            yield f"network   {network(record.ssid)}"
            yield from _access(record)
        else:
            yield f"about     {subject(record)}"
        for name, value in shown_fields(record).items():
            yield f"field     {plain(name)} = {plain(value)}"
    if life.join:
        yield f"join      {life.join.state}: {plain(why(life.join))}".removesuffix(": ")
    for each in life.deliveries:
        again = f", next try {_seconds(timestamp(each.next_try))}" if each.next_try else ""
        yield f"delivery  {each.name}: {each.state}{again}"
    yield from _legend([*(t.at for t in turns), *(s.at for s in steps)])
    yield ""
    joined = (
        (_when(t.at, dating), "(join)", t.turn, str(t.attempt), t.outcome or "") for t in turns
    )
    rows = (
        (_when(s.at, dating), s.delivery, s.event, str(s.attempt), plain(s.reason or ""))
        for s in steps
    )
    yield from table((*joined, *rows), ("TIME", "DELIVERY", "EVENT", "ATTEMPT", "REASON"))


def _when(at: Moment, dating: Dating) -> str:
    """A moment for people: worked out where the clock had not been set, and marked."""
    derived = dating.derived(at)
    if derived is not None:
        return f"{_seconds(timestamp(derived))}~"
    return _seconds(timestamp(at.wall)) + ("?" if at.is_set is False else "")


def _legend(moments: Iterable[Moment]) -> Iterable[str]:
    """What the marks on moments mean, where there are any."""
    if any(at.is_set is False for at in moments):
        yield "clock     not set yet at times marked ?; ~ is worked out from later in the same boot"


def _access(record: Record) -> Iterable[str]:
    """Lines about how the network is entered, secrets hidden."""
    how = record.access
    if how.hidden:
        yield "hidden    yes"
    if how.security:
        yield f"security  {plain(how.security)}"
    if how.user:
        yield f"user      {plain(how.user.identity)}"
    secret = record.passphrase or how.user
    if record.sealed is not None:
        to = record.sealed.to
        yield f"password  {f'sealed to {to}' if to else '(not kept here)'}"
    else:
        yield f"password  {_HIDDEN if secret else 'none: an open network'}"
    if how.own:
        yield f"address   {plain(how.own.address)}, router {plain(how.own.gateway)}"


def shown_fields(record: Record) -> Mapping[str, str]:
    """The form's fields, secrets hidden."""
    return {n: _HIDDEN if isinstance(v, Secret) else v for n, v in record.fields.items()}


def subject(record: Record) -> str:
    """What a record is about: its network, or what the bench has done."""
    if record.about is None:
        return network(record.ssid)
    about = record.about
    device = f" {about.device}, attempt {about.attempt}" if about.device else ""
    return plain(f"{about.kind}{device} ({about.job})")


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
