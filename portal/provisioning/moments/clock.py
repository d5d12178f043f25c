"""The machine's clocks, read, and whether anything vouches for the one on the wall.

Law: a date is believed for a reason, never because it looks like one. Boards without a battery
begin in 1970, at systemd's own build date, or where fake-hwclock or timesyncd left the date at
the last shutdown: the last two look perfectly well, and are wrong by as long as it was off.
"""

from __future__ import annotations

import functools
import os
import re
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from portal.provisioning.life import Moment

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
# systemd's %b, for a unit from which /proc/sys is hidden (`ProcSubset=pid`).
_GIVEN: Final = "VESTIBULE_BOOT"

# When this release was made: no clock that is right has ever shown it an earlier date.
FLOOR: Final = datetime(2026, 11, 1, tzinfo=UTC)
# struct timex (adjtimex(2)): modes, 0 to ask only, then offset, frequency, two errors, status; and
# more than what comes after it.
_TIMEX: Final = struct.Struct("@Illlli")
_MORE: Final = 512
_UNSYNC: Final = 0x40  # STA_UNSYNC (linux/timex.h)
# systemd-timesyncd(8) makes it when it has first set the clock in this boot.
_SET_BY_TIMESYNCD: Final = "run/systemd/timesync/synchronized"


def now() -> Moment:
    """The wall clock now, seconds of CLOCK_MONOTONIC, the boot they belong to; is the first set?"""
    wall = datetime.now(UTC)
    return Moment(wall, time.monotonic(), boot_id(), _vouched(wall))


@functools.cache
def boot_id() -> str:
    """The random id of this boot (random(4)).

    Where a sandbox hides /proc/sys, as systemd was told it; where nobody was, an id of this
    process: then each start counts as a boot, and what waited before it is tried at once.
    """
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return given(os.environ.get(_GIVEN, "")) or f"process-{os.urandom(8).hex()}"


def given(text: str) -> str:
    """A boot id as systemd writes it, as the kernel does; "" where it is none."""
    if not re.fullmatch("[0-9a-f]{32}", text):
        return ""
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class _Trust:
    """What has once been vouched for stays so in this boot: only a battery-less start unsets it."""

    vouched = False


def _vouched(wall: datetime) -> bool:
    _Trust.vouched = _Trust.vouched or is_set(wall)
    # Somebody may still set it back by hand.
    return _Trust.vouched and wall >= FLOOR


def is_set(
    wall: datetime, root: Path = Path("/"), synchronised: Callable[[], bool] | None = None
) -> bool:
    """Whether the kernel's clock, which shows `wall`, has been set by something that knows.

    By a time server now (adjtimex(2): whatever disciplines a clock tells the kernel), or earlier
    in this boot (timesyncd's mark: the kernel takes its word back after nine hours offline, an
    access point's ordinary day), or at its start from a clock with a battery. `root` stands
    before /run and /sys.
    """
    if wall < FLOOR:
        return False
    return (
        (root / _SET_BY_TIMESYNCD).exists()
        or any(map(_has_battery, (root / "sys/class/rtc").glob("rtc*")))
        or (synchronised or _synchronised)()
    )


def _has_battery(device: Path) -> bool:
    """Whether the kernel took its time from this one, and it kept it while the power was off."""
    with suppress(OSError, ValueError):
        seconds = int((device / "since_epoch").read_text())
        return (device / "hctosys").read_text().strip() == "1" and seconds >= FLOOR.timestamp()
    return False


def _synchronised() -> bool:
    """What the kernel was told; not, where a sandbox forbids the question."""
    # Here, because it costs 0.3 MiB, and where something else vouches it is not asked.
    import ctypes  # noqa: PLC0415 - see above

    asked = ctypes.create_string_buffer(_TIMEX.size + _MORE)
    answer = ctypes.CDLL(None).adjtimex(asked)
    status = _TIMEX.unpack_from(asked.raw)[-1]
    return answer >= 0 and not status & _UNSYNC
