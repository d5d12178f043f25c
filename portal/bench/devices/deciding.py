"""What becomes of a device when it asks, reports, or says nothing: decisions without a world."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from portal.bench.devices.device import Device
from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.devices.transitions import OPEN, OVER, Cause, Evidence, Kind
from portal.bench.port import Artifact, Report, Sighting, Step, Verb

_IDLE: Final = frozenset({State.CLAIMED, State.QUEUED})
_WAITING: Final = frozenset(
    {State.SEEN, State.CONFLICT, State.IDENTIFIED, State.CLAIMED, State.QUEUED}
)
_SENT: Final = frozenset({State.REBOOTING, State.VERIFYING})
# In these its silence has ended, and of these more may be known later.
_SILENT: Final = frozenset({Reason.DOWNLOAD_STALLED, Reason.NO_REPORT})
_BROKEN: Final = frozenset({Reason.DOWNLOAD_STALLED, Reason.LEASE_LOST})
# What is wrong with these is not undone by a version that fits.
_FINAL: Final = frozenset({Reason.WRONG_PRODUCT, Reason.AUTH_WRONG, Reason.DUPLICATE_IDENTITY})


@dataclass(frozen=True, slots=True)
class Move:
    """What is to happen to a device, and why."""

    cause: Cause
    evidence: Evidence | None = None
    reason: Reason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """What a decision is made from besides the device: what it is to install (None: nothing),
    whether it is to be told something (`document`), whether every byte is with it, and whether
    its match is enough for it to be `claimed`. `product` is what it is to be, "" for anything, and
    `still` for how many seconds no byte has come to it.
    """

    artifact: Artifact | None = None
    document: bool = False
    complete: bool = False
    claimed: bool = True
    product: str = ""
    still: float = 0.0


def sighted(device: Device, sighting: Sighting, case: Case) -> Move | None:
    """The next move of a device that asks what to do; None where it stays as it is."""
    state = device.state
    if state in {State.EXPECTED, State.GONE} or (state is State.SEEN and device.kept):
        return Move(Cause.MATCHED if device.kept else Cause.SIGHTED)
    if state in {State.SEEN, State.IDENTIFIED}:
        return Move(Cause.CLAIMED) if case.claimed else None
    if state in _IDLE or (state is State.FAILED and device.reason not in _FINAL):
        return _begun(device, sighting, case)
    if state is State.FLASHING or state in _SENT:
        return _proven(device, sighting, case) or _unproven(device, sighting, case)
    return None


def _begun(device: Device, sighting: Sighting, case: Case) -> Move | None:
    """Claimed, or failed: what runs the right thing is done, what has failed waits for a person."""
    if case.product and sighting.product and case.product != sighting.product:
        detail = f"it says {sighting.product}, and is to be {case.product}"
        return _failed(device, Reason.WRONG_PRODUCT, detail)
    if proven := _proven(device, sighting, case):
        return proven
    if device.state is State.FAILED:
        return _explained(device, sighting, case)
    if case.artifact is None:
        return Move(Cause.CONFIGURE) if case.document else None
    if sighting.free is not None and sighting.free < case.artifact.size:
        detail = f"it needs {case.artifact.size} bytes and has room for {sighting.free}"
        return _failed(device, Reason.NO_SPACE, detail)
    return Move(Cause.STARTED)


def _explained(device: Device, sighting: Sighting, case: Case) -> Move | None:
    """Its download broke off, and it was switched on only afterwards: it had lost its power, or had
    restarted by itself. Without its word for how long it runs nobody can tell.
    """
    if device.reason not in _BROKEN or sighting.uptime is None:
        return None
    if sighting.uptime >= case.still or device.reported not in {"", Step.DOWNLOADING}:
        return None
    detail = f"it runs for {sighting.uptime} s, and its download broke off {case.still:.0f} s ago"
    return Move(Cause.EXPLAINED, reason=Reason.POWER_LOST, detail=detail)


def off_the_air(device: Device, move: Move, address: str, holder: str | None) -> Move:
    """Why it fell silent, where the leases tell: `holder` is the MAC that has its address now, ""
    where nobody has, None where that is not known.
    """
    if move.reason not in _SILENT or not device.mac or holder in {None, device.mac}:
        return move
    lease = f"{address} is {holder}'s by now" if holder else f"its lease of {address} has ended"
    return replace(move, reason=Reason.LEASE_LOST, detail=f"{lease}; {move.detail}")


def _failed(device: Device, reason: Reason, detail: str) -> Move | None:
    if device.state is State.FAILED:
        return None
    return Move(Cause.FAILED, reason=reason, detail=detail)


def _proven(device: Device, sighting: Sighting, case: Case) -> Move | None:
    """What it runs is what it was to get."""
    image = case.artifact
    if image is None or (device.state is State.FAILED and not device.attempt):
        return None
    if sighting.digest and sighting.digest.lower() in {image.sha256, image.md5, image.sha1}:
        return _arrived(case, Evidence(Kind.DIGEST, sighting.digest.lower()))
    if sighting.version and sighting.version == image.version:
        return _arrived(case, Evidence(Kind.VERSION, sighting.version))
    return None


def _arrived(case: Case, evidence: Evidence) -> Move:
    """Its firmware is there: its document is next, or it is done."""
    cause = Cause.CONFIGURE if case.document else Cause.DONE
    return Move(cause, evidence, detail=str(evidence))


def _unproven(device: Device, sighting: Sighting, case: Case) -> Move | None:
    """It has asked again without proof: perhaps it has restarted, perhaps in vain."""
    if device.state is State.FLASHING:
        return Move(Cause.DELIVERED) if case.complete else None
    if device.reported == Step.INSTALLED:
        return None  # it runs the new one only after a restart, which is still to come
    if device.state is State.REBOOTING:
        return Move(Cause.RETURNED)
    if sighting.version or sighting.digest:
        runs = sighting.version or f"the image {sighting.digest[:12]}"
        return Move(Cause.FAILED, reason=Reason.REBOOTED_OLD_VERSION, detail=f"it runs {runs}")
    return None


# After these a device has got its answer; a further move waits for its next request.
LAST: Final = frozenset(
    {Cause.STARTED, Cause.NO_SLOT, Cause.RETURNED, Cause.CONFIGURE, Cause.DONE, Cause.FAILED}
)


def reported(device: Device, report: Report, case: Case, protocol: str) -> tuple[bool, Move | None]:
    """Whether the attempt that a device speaks of is open, and the move that follows."""
    if device.state not in OPEN or report.attempt not in {None, device.attempt}:
        return False, None
    step = report.step
    if step is Step.FAILURE:
        return True, _refused(report)
    if device.state is State.CONFIGURING:
        done = step in {Step.CONFIGURED, Step.SUCCESS}
        return True, Move(Cause.DONE, Evidence(Kind.SUCCESS, protocol)) if done else None
    if step in {Step.INSTALLED, Step.REBOOTING} and device.state is State.FLASHING:
        return True, Move(Cause.DELIVERED)
    if step is Step.SUCCESS:
        return True, _succeeded(report, case, protocol)
    return True, None


def _succeeded(report: Report, case: Case, protocol: str) -> Move:
    """Its protocol says success; not, however, where it names another version."""
    wanted = case.artifact.version if case.artifact else ""
    if report.version and wanted and report.version != wanted:
        detail = f"it reported success, but runs {report.version}"
        return Move(Cause.FAILED, reason=Reason.REBOOTED_OLD_VERSION, detail=detail)
    return _arrived(case, Evidence(Kind.SUCCESS, protocol))


def _refused(report: Report) -> Move:
    known = report.code in set(Reason)
    reason = Reason(report.code) if known else Reason.DEVICE_REFUSED
    code = "" if known or not report.code else f"code {report.code}: "
    return Move(Cause.FAILED, reason=reason, detail=(code + report.text).strip(": ")[:MOST_DETAIL])


# Of what a device says of itself: the rest of a log is in nobody's way.
MOST_DETAIL: Final = 4_096


@dataclass(frozen=True, slots=True)
class Silence:
    """Seconds: since a device was `heard`, its bytes `advanced`, and it came to where it is."""

    heard: float
    advanced: float
    here: float


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds of each are too long (`[bench]` in the settings)."""

    gone: float = 300.0
    stalled: float = 90.0
    verify: float = 180.0
    # A board asks for its first byte 0.1 s to 3 s after it was told to, also one that erases its
    # flash first (10 s for 1.5 MB); meanwhile somebody else could have the slot.
    begin: float = 20.0


@dataclass(frozen=True, slots=True)
class Bytes:
    """How many of a download are with the device, and whether it was ever asked for."""

    acknowledged: int = 0
    size: int = field(default=0)
    begun: bool = True


def overdue(device: Device, silence: Silence, patience: Patience, bytes_: Bytes) -> Move | None:
    """What a device's silence means by now; None while it may go on."""
    state = device.state
    if state in _WAITING:
        lost = silence.heard > patience.gone
        return Move(Cause.LOST, detail=f"last {state.value}") if lost else None
    if state is State.FLASHING:
        if not bytes_.begun and not device.reported and silence.here > patience.begin:
            return Move(Cause.LAPSED, detail=f"it began no download in {silence.here:.0f} s")
        if min(silence.heard, silence.advanced) <= patience.stalled:
            return None
        detail = f"at {bytes_.acknowledged} of {bytes_.size} bytes"
        return Move(Cause.FAILED, reason=Reason.DOWNLOAD_STALLED, detail=detail)
    if state in OPEN and silence.here > patience.verify:
        return _unheard(device, silence)
    return None


def _unheard(device: Device, silence: Silence) -> Move:
    seconds = f"{silence.here:.0f} s"
    # It asks on and on, while its restart is still to come.
    asks = device.reported == Step.INSTALLED and silence.heard < silence.here / 2
    back = device.state is State.VERIFYING or (device.state is State.REBOOTING and asks)
    if back and device.version and device.version == device.was:
        detail = f"it still runs {device.version} after {seconds}"
        return Move(Cause.FAILED, reason=Reason.REBOOTED_OLD_VERSION, detail=detail)
    return Move(Cause.FAILED, reason=Reason.NO_REPORT, detail=f"after {seconds}")


def verb(state: State) -> Verb:
    """What a device is told to do."""
    if state is State.FLASHING:
        return Verb.FLASH
    if state is State.CONFIGURING:
        return Verb.CONFIGURE
    return Verb.REST if state in OVER else Verb.WAIT
