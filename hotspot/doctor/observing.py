"""Gathers the facts: looks, asks, changes nothing.

What cannot be had is left out, and the finding that would need it is not made: a doctor that
fails because something is broken would be of no use.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sqlite3
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hotspot.checks import certificate, holders, preflight
from hotspot.doctor import asking, observing_air
from hotspot.doctor.company import WATCHED
from hotspot.doctor.facts import Certificate, Clock, Disk, Facts, Folder, Port
from hotspot.errors import Refused
from hotspot.machine import journal

if TYPE_CHECKING:
    from hotspot.settings import Settings

# adjtimex(2): nothing has disciplined the clock, or not for long.
_TIME_ERROR: Final = 5
# struct timex is 208 bytes on 64 bits; room for any.
_TIMEX_BYTES: Final = 512
# After `su` the system's programs are not on a person's path.
_SYSTEM: Final = "/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True)
class Where:
    """The settings file, and the directories of what is kept and what is not."""

    file: Path
    state: Path
    runtime: Path


def facts(where: Where, settings: Settings | None, problems: tuple[str, ...]) -> Facts:
    """Everything about this machine; `settings` are those of the file, `None` with `problems`."""
    path = f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM}"
    run = running(where.runtime)
    units = asking.units()
    air = observing_air.observe(where.runtime)
    found = Facts(
        root=os.geteuid() == 0,
        file=str(where.file),
        clock=_clock(),
        settings=settings,
        problems=problems,
        radios=air.radios,
        country=air.country,
        rules=air.rules,
        missing=tuple(preflight.not_installed(path)),
        programs=programs(),
        state=_folder(where.state),
        runtime=_folder(where.runtime),
        disk=_disk(where.state),
        sqlite=sqlite3.sqlite_version_info[:3],
        certificate=_certificate(settings),
        units=units,
        run=run,
        left=(where.runtime / journal.FILE).exists(),
        records=asking.records(where.state) if os.access(where.state, os.R_OK) else None,
    )
    return found if found.running else _with_ports(found)


def running(runtime: Path) -> int | None:
    """The process id of the run in the foreground that has this directory; `None` for none."""
    with contextlib.suppress(OSError, ValueError):
        pid = int((runtime / "lock").read_text(encoding="ascii"))
        # Of a run that ended hard the file is left, and the number may be another's by now.
        if b"hotspot.supervisor.foreground" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    return None


def programs(proc: Path = Path("/proc")) -> dict[str, tuple[int, ...]]:
    """The process ids of the neighbours we know something about, by name."""
    found: dict[str, list[int]] = {}
    for entry in proc.iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                name = (entry / "comm").read_text(errors="replace").strip()
                if name in WATCHED:
                    found.setdefault(name, []).append(int(entry.name))
    return {name: tuple(sorted(pids)) for name, pids in sorted(found.items())}


def _with_ports(found: Facts) -> Facts:
    from dataclasses import replace  # noqa: PLC0415 - while nothing of ours runs

    settings, chosen = found.settings, found.chosen
    tls = bool(settings and settings.portal.name)
    if not found.root or chosen is None:
        return replace(found, ports=None)
    try:
        pairs = list(preflight.taken(chosen.name, found.address, tls=tls))
    except OSError:
        return replace(found, ports=None)
    ports = [
        Port(protocol, number, str(holders.of_port(protocol, number, found.address) or ""))
        for protocol, number in pairs
    ]
    return replace(found, ports=tuple(ports))


def _clock() -> Clock:
    # This program was not written in the future.
    newest = max(path.stat().st_mtime for path in Path(__file__).parents[1].glob("*.py"))
    state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    battery = any(Path("/sys/class/rtc").glob("rtc*"))
    return Clock(time.time(), newest, state != _TIME_ERROR if state >= 0 else None, battery)


def _folder(path: Path) -> Folder:
    try:
        found = path.stat()
    except PermissionError:
        return Folder(str(path), exists=True, readable=False)
    except OSError:
        return Folder(str(path), exists=False)
    mode = stat.S_IMODE(found.st_mode)
    return Folder(str(path), mode=mode, readable=os.access(path, os.R_OK))


def _disk(state: Path) -> Disk | None:
    for folder in (state, *state.absolute().parents):
        with contextlib.suppress(OSError):
            found = os.statvfs(folder)
            read_only = bool(found.f_flag & os.ST_RDONLY)
            free, total = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
            return Disk(free, total, read_only)
    return None


def _certificate(settings: Settings | None) -> Certificate | None:
    portal = settings.portal if settings else None
    if portal is None or not (portal.name and portal.certificate and portal.key):
        return None
    files = certificate.Files(Path(portal.certificate), Path(portal.key))
    try:
        return Certificate(tuple(certificate.check(portal.name, files, time.time())))
    except Refused as refused:
        return Certificate(refused=refused.what, remedy=refused.remedy)
