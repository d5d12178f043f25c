"""What a child writes becomes lines that name it, however it writes.

Pure: bytes and the time in, lines out. Held bounds: a line without an end is cut, a flood
is thinned and counted, and nothing a stranger put into a name (an SSID, a host name)
reaches a terminal as a control character.
"""

from __future__ import annotations

# Bytes. Longer than any line our programs write; gunicorn's tracebacks come line by line.
LONGEST = 2048
# Lines a second and child. A start writes some twenty; a flood must not fill a small disk.
MOST = 100


class Lines:
    """The output of one child, called `name`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rest = b""
        self._second = 0
        self._written = 0
        self._left_out = 0

    def feed(self, data: bytes, now: float) -> list[str]:
        """The lines that `data` completes; `now` in seconds of any steady clock."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        lines = [line[at : at + LONGEST] for line in whole for at in _cuts(line)]
        while len(self._rest) > LONGEST:
            lines.append(self._rest[:LONGEST])
            self._rest = self._rest[LONGEST:]
        return self._thinned(lines, int(now))

    def close(self) -> list[str]:
        """What is left when the output has ended: a last line without an end, a last count."""
        rest, self._rest = self._rest, b""
        return [*self._count(), *([self._shown(rest)] if rest else [])]

    def _thinned(self, lines: list[bytes], second: int) -> list[str]:
        kept: list[str] = []
        if second != self._second:
            kept += self._count()
            self._second, self._written = second, 0
        room = max(0, MOST - self._written)
        kept += map(self._shown, lines[:room])
        self._written += len(lines[:room])
        self._left_out += len(lines[room:])
        return kept

    def _count(self) -> list[str]:
        count, self._left_out = self._left_out, 0
        return [f"{self._name}: ({count} lines left out)"] if count else []

    def _shown(self, line: bytes) -> str:
        text = line.rstrip(b"\r").decode("utf-8", "backslashreplace").expandtabs()
        # dnsd and others name themselves, for when nobody else does.
        return f"{self._name}: {printable(text.removeprefix(f'{self._name}: '))}"


def _cuts(line: bytes) -> range:
    """Where a line is cut into pieces; an empty line is one piece."""
    return range(0, max(len(line), 1), LONGEST)


def printable(text: str) -> str:
    """The text with whatever is not printable written as a Python escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
