"""The one exception with which a `vestibule` command refuses to go on."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - it is an answer, not a crash
    """A command that cannot be done, said in one line with its remedy.

    `what` says what stands in the way, `remedy` what the person can do about it;
    `status` is the process's exit status (2 for settings and usage, 1 otherwise).
    """

    def __init__(self, what: str, remedy: str, *, status: int = 1) -> None:
        super().__init__(f"{what}: {remedy}")
        self.what = what
        self.remedy = remedy
        self.status = status
