"""How things stand, on one screen: pure, from the document of `snapshot` to lines.

Each line has its title in the first column, so that `watch` can tell which of them have changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from hotspot.agent import telling
from hotspot.supervisor.lines import printable

_TITLE: Final = 14
# States of records that somebody waits for, in the order of their lives.
_COMING: Final = ("held", "accepted", "delivering", "waiting")
_LOST: Final = ("rejected", "dead")
# What a device calls itself may be a line of its own.
_NAME: Final = 24


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """All of it. A line may be as wide as a sentence: `clipped` makes it fit."""
    if found["state"] == "stopped":
        yield _line(
            "access point", "not running: sudo vestibule run, or systemctl start vestibule.target"
        )
    else:
        yield from telling.status(found, found["stations"], found["ssid"])
        yield from _clients(found["clients"])
    yield from _records(found["records"])
    for unit in found["failed"]:
        yield _line("failed", f"{printable(unit)}: `vestibule doctor` says more")
    for name in found["damaged"]:
        words = "was set aside: `vestibule records list` says more"
        yield _line("damaged", f"{printable(name)} {words}")


def _clients(clients: Sequence[Mapping[str, str]]) -> Iterator[str]:
    titles = ["clients", *[""] * len(clients)]
    for title, one in zip(titles, clients, strict=False):
        name = f" {printable(one['name'])[:_NAME]}" if one["name"] else ""
        yield _line(title, f"{one['address']}{name}, {one['state']}")


def _records(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found is None:
        yield _line("records", "cannot be seen: run this as root")
        return
    states = found["states"]
    parts = [f"{states[name]:,} {_WORDS[name]}" for name in _COMING if states.get(name)]
    parts += [f"{states[name]:,} {name}" for name in _LOST if states.get(name)]
    kept = sum(states.values())
    yield _line("records", ", ".join(parts) or (f"{kept:,} delivered" if kept else "none"))


_WORDS: Final = {
    "held": "held until their network is joined",
    "accepted": "to be delivered",
    "delivering": "being delivered",
    "waiting": "waiting for another try",
}


def _line(title: str, words: str) -> str:
    return f"{title:{_TITLE}}{words}"


def clipped(shown: Sequence[str], width: int, height: int) -> list[str]:
    """The lines as they fit on a terminal: what is cut ends in an ellipsis."""
    fit = [line if len(line) <= width else f"{line[: width - 1]}…" for line in shown]
    return fit if len(fit) <= height else [*fit[: height - 1], "…"]


def changes(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The lines that are new, with the title they stand under: for who reads along in a log."""
    old = set(_titled(before))
    return [
        f"{title:{_TITLE}}{words}" for title, words in _titled(after) if (title, words) not in old
    ]


def _titled(shown: Sequence[str]) -> Iterator[tuple[str, str]]:
    title = ""
    for line in shown:
        title = line[:_TITLE].strip() or title
        yield title, line[_TITLE:]
