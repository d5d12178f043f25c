"""Carries out what a finding's fix says, and nothing else."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from hotspot.air.wireless import Wireless, index_of
from hotspot.checks import preflight
from hotspot.doctor import asking
from hotspot.doctor.finding import (
    Close,
    Fix,
    MakeFolder,
    PutBack,
    SetCountry,
    StayAwake,
    Unblock,
)


@functools.singledispatch
def mend(fix: Fix) -> None:
    """Make it so. Raises `OSError`."""
    raise NotImplementedError(fix)


@mend.register
def _(fix: Unblock) -> None:
    for switch in preflight.rfkill_switches(fix.interface):
        # What `rfkill unblock` does through /dev/rfkill; systemd-rfkill keeps it for the next boot.
        (switch / "soft").write_text("0", encoding="ascii")


@mend.register
def _(fix: SetCountry) -> None:
    with Wireless() as wireless:
        wireless.set_country(fix.country)


@mend.register
def _(fix: StayAwake) -> None:
    with Wireless() as wireless:
        wireless.stay_awake(index_of(fix.interface))


@mend.register
def _(fix: MakeFolder) -> None:
    Path(fix.path).mkdir(mode=fix.mode, parents=True, exist_ok=True)
    # What the umask took away is given back, and nothing more.
    Path(fix.path).chmod(fix.mode)


@mend.register
def _(fix: Close) -> None:
    path = Path(fix.path)
    path.chmod(path.stat().st_mode & fix.mode)


@mend.register
def _(fix: PutBack) -> None:
    words = [sys.executable, "-m", "hotspot", "restore", "--runtime", fix.runtime]
    asking.said(words, asking.PACKAGES)
    if (Path(fix.runtime) / "undo.json").exists():
        raise OSError("not everything could be put back; the next start tries again")
