"""One line to whoever keeps the log: systemd's journal, or the terminal of `vestibule run`.

Law: it stops nothing. A log that nobody reads any more, or that is full, costs its lines alone.
"""

from __future__ import annotations

import contextlib
import os


def log(line: str) -> None:
    """One line on standard error; what UTF-8 cannot hold is escaped."""
    with contextlib.suppress(OSError):
        os.write(2, f"{line}\n".encode("utf-8", "backslashreplace"))
