"""What has been offered to each device by DDI since this process began.

Only what the protocol needs beside the bench's own memory: which action means which attempt, and
how far the device itself has closed it. Who has forgotten it all, as after a restart, learns it
anew from the next poll.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.bench.devices.states import State
from portal.bench.port import Ticket, Turn, Verb

_BACK = frozenset({State.REBOOTING, State.VERIFYING})
_STOPPED = frozenset({State.REJECTED, State.FAILED, State.CONFLICT})


@dataclass(slots=True)
class Job:
    """One action: `installed` by the device's word, `over` where it has closed or stopped it."""

    action: int
    ticket: Ticket
    installed: bool = False
    over: bool = False


class Jobs:
    """The latest job of each device, and who has said what it is."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self.configured: set[str] = set()

    def note(self, turn: Turn) -> Job | None:
        """The job of the device that was told `turn`, which may have begun with it."""
        job = self._jobs.get(turn.device)
        if turn.ticket is None or (job and job.action == turn.action):
            return job
        # Met again in the middle, after a restart of ours: it may have installed it already.
        job = Job(turn.action, turn.ticket, installed=turn.verb is not Verb.FLASH)
        self._jobs[turn.device] = job
        return job

    def of(self, device: str) -> Job | None:
        """What was last offered to a device."""
        return self._jobs.get(device)


def to_do(job: Job | None, turn: Turn) -> bool:
    """Whether a device is to hear of its job: to do it, or to close it."""
    if job is None or job.over or job.action != turn.action:
        return False
    return turn.verb is Verb.FLASH or turn.state in _BACK


def to_stop(job: Job | None, turn: Turn) -> bool:
    """Whether a device is to be told to stop what it was told to do."""
    return job is not None and not job.over and not job.installed and turn.state in _STOPPED


def wants_config(turn: Turn) -> bool:
    """Whether a device may be asked what it is: not while the old answer would mislead."""
    return bool(turn.device) and turn.state not in _BACK
