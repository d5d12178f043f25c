"""`hotspot restore`: everything as it was before `prepare`, from wherever that had got to.

May run at any time and any number of times; without a journal there is nothing to put back.
"""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Final

from hotspot import dnsmasq, hostapd
from hotspot.air import scan
from hotspot.air.wireless import Wireless
from hotspot.errors import Refused
from hotspot.machine import journal
from hotspot.machine.machine import Machine
from hotspot.machine.steps import LoadTable, SetCountry, UnloadTable
from hotspot.owner.supplicants import SEEN
from hotspot.plan import undo
from hotspot.supervisor import programs
from hotspot.uplink import interface

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hotspot.machine.journal import Journal
    from hotspot.machine.steps import Step

    Say = Callable[[str], None]
    Opening = Callable[[str, Path], Machine]

# The place of an attempt to join, which is gone with it unless the agent was killed.
_UPLINK: Final = "uplink"
_FILES: Final = (
    *(hostapd.FILE, hostapd.NAME, hostapd.PLACE),
    *(dnsmasq.FILE, dnsmasq.LEASES, scan.FILE, SEEN),
)


def clear_station() -> None:
    """Remove the station interface of a join whose agent was killed: a radio has room for few."""
    with contextlib.suppress(OSError), Wireless() as wireless:
        interface.remove(wireless)


def restore(
    runtime: Path,
    say: Say,
    opening: Opening = Machine,
    clear: Callable[[], None] = clear_station,
) -> None:
    """Put everything back and remove what `prepare` and its programs left in `runtime`.

    A step that fails does not keep the others from being made; then the journal stays, for
    another try, and `Refused` is raised. `say` takes a line about each failure.
    """
    found = journal.read(runtime)
    if found is not None:
        clear()
        with opening(found.before.interface, runtime) as machine:
            whole = _put_back(machine, runtime, found, say)
        if not whole:
            remedy = "run `python -m hotspot restore` again, or restart the machine"
            raise Refused("not everything could be put back", remedy)
    for name in _FILES:
        (runtime / name).unlink(missing_ok=True)
    for left in runtime.glob("control-*"):
        left.unlink(missing_ok=True)
    for folder in (hostapd.CONTROL, programs.RELEASED, _UPLINK):
        shutil.rmtree(runtime / folder, ignore_errors=True)
    journal.remove(runtime)


def _put_back(machine: Machine, runtime: Path, found: Journal, say: Say) -> bool:
    """Whether every step of the way back was made."""
    whole = True
    for step in _steps(machine, found):
        # On file too: on the way back an address may be taken away for a moment, and a kill in
        # that moment must not lose it.
        found = found.with_step(step)
        journal.write(runtime, found)
        try:
            machine.execute(step)
        except Refused as refusal:
            say(f"restore: {refusal.what}")
            whole = False
    return whole


def _steps(machine: Machine, found: Journal) -> tuple[Step, ...]:
    if machine.is_there():
        return undo(machine.observe(found.told), found.before, found.done)
    # A dongle that was pulled took its addresses and routes with it.
    table = (UnloadTable(),) if LoadTable() in found.done else ()
    return (*table, SetCountry(found.before.country)) if found.before.country else table
