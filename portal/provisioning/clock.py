"""The machine's clocks, read."""

from __future__ import annotations

import functools
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from portal.provisioning.life import Moment

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def now() -> Moment:
    """The wall clock now, seconds of CLOCK_MONOTONIC, and the boot they belong to."""
    return Moment(datetime.now(UTC), time.monotonic(), boot_id())


@functools.cache
def boot_id() -> str:
    """The random id of this boot (random(4)).

    Where a sandbox hides /proc/sys, an id of this process: then each start counts as a boot,
    and what waited before it is tried at once.
    """
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return f"process-{os.urandom(8).hex()}"
