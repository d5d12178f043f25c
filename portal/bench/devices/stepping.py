"""A device before and after a move: what else changes with its state."""

from __future__ import annotations

from dataclasses import replace

from portal.bench.devices.deciding import Move
from portal.bench.devices.device import Device
from portal.bench.devices.states import State
from portal.bench.devices.transitions import APART, READY, Cause, after


def stepped(device: Device, move: Move) -> Device | None:
    """The device after a move; None where that has no effect.

    An attempt begins when it leaves where it was claimed or queued, for whatever end. Its number
    is never given again, also where nothing came of it: a late word of the device is then late.
    """
    state = after(device.state, move.cause, move.evidence, move.reason)
    if state is None:
        return None
    if device.state in READY and state not in APART:
        device = replace(
            device,
            attempt=device.attempt + 1,
            was=device.version,
            reported="",
            given=(),
            done_at="",
        )
    if move.cause is Cause.LAPSED:
        device = replace(device, code="", artifact="")
    return replace(
        device,
        state=state,
        reason=move.reason,
        detail="" if move.evidence else move.detail,
        evidence=_evidence(device, move, state),
    )


def _evidence(device: Device, move: Move, state: State) -> str:
    """What shows that it is done: that of its firmware, and then that of its document."""
    if move.evidence is None:
        return device.evidence if state in {State.LABELLED, State.RELEASED} else ""
    both = device.state is State.CONFIGURING and move.cause is Cause.DONE and device.evidence
    return f"{device.evidence}; {move.evidence}" if both else str(move.evidence)
