"""Findings about the machine: its programs, its clock, its disk, its SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from hotspot.doctor.finding import Close, Finding, MakeFolder, fine, note, problem, warning

if TYPE_CHECKING:
    from hotspot.doctor.facts import Facts, Folder

_MIB: Final = 1 << 20
# Below this a set-up may not be kept, nor SQLite's journal beside it.
_LEAST_FREE: Final = 32 * _MIB

# "WAL-reset": two connections that write and checkpoint at once may lose committed transactions
# (sqlite.org/wal.html, section "The WAL-Reset Bug"); fixed in 3.51.3 and in two older branches.
_BUG_SINCE: Final = (3, 7, 0)
_BUG_FIXED: Final = (3, 51, 3)
_BUG_BACKPORTS: Final = ((3, 44, 6), (3, 50, 7))
# STRICT tables came with it.
_OLDEST: Final = (3, 37, 0)


def findings(facts: Facts) -> Iterator[Finding]:
    """Programs, clock, disk, directories, SQLite."""
    if not facts.root:
        remedy = "sudo vestibule doctor sees the ports, the store and the certificate too"
        yield note("doctor", "not run as root: not everything can be seen", remedy)
    yield from _programs(facts)
    yield from _clock(facts)
    yield from _disk(facts)
    yield from _folder(facts.state, 0o700, facts)
    yield _sqlite(facts.sqlite)


def _programs(facts: Facts) -> Iterator[Finding]:
    if facts.missing:
        what = f"not installed: {', '.join(facts.missing)}"
        yield problem("programs", what, f"apt install {' '.join(facts.missing)}")
    else:
        yield fine("programs", "hostapd, dnsmasq and nftables are installed")


def _clock(facts: Facts) -> Iterator[Finding]:
    clock = facts.clock
    day = _day(clock.now)
    if clock.now < clock.newest:
        what = f"the clock says {day}, but this program is of {_day(clock.newest)}"
        remedy = "timedatectl set-time, or wait until there is Internet; records keep their order"
        yield warning("clock", what, remedy)
    elif clock.synchronized is False:
        yield note("clock", f"it says {day}; nobody sets it by the network")
    else:
        yield fine("clock", f"it says {day}")
    if not clock.battery:
        yield note("clock", "no battery keeps it: after a power cut it is behind until it is set")


def _disk(facts: Facts) -> Iterator[Finding]:
    disk = facts.disk
    if disk is None:
        return
    room = f"{disk.free // _MIB:,} MiB free of {disk.total // _MIB:,}"
    if disk.read_only:
        remedy = "mount it for writing, or name a --state elsewhere"
        yield problem("disk", f"{facts.state.path} is on a disk mounted read-only", remedy)
    elif disk.free < _LEAST_FREE:
        remedy = "free some: journalctl --vacuum-size=50M, apt clean"
        yield problem("disk", f"the disk is full: {room}", remedy)
    elif facts.settings and disk.free < facts.settings.provisioning.most_size * _MIB:
        most = facts.settings.provisioning.most_size
        remedy = "free some, or set provisioning.most_size lower"
        yield warning("disk", f"{room}, less than the {most} MiB the store may take", remedy)
    else:
        yield fine("disk", room)


def _folder(folder: Folder, mode: int, facts: Facts) -> Iterator[Finding]:
    if not folder.exists:
        if facts.root or folder.readable:
            what = f"{folder.path} is not there yet; the first start makes it"
            yield Finding("state", _NOTE, what, "", MakeFolder(folder.path, mode))
    elif folder.mode & ~mode & 0o777:
        what = (
            f"{folder.path} is open to others (mode {folder.mode:04o}): keys and answers lie there"
        )
        remedy = f"chmod {mode:o} {folder.path}"
        yield warning("state", what, remedy, Close(folder.path, mode))
    else:
        yield fine("state", f"{folder.path} is closed to others")


_NOTE: Final = note("", "").level


def _sqlite(version: tuple[int, int, int]) -> Finding:
    name = ".".join(map(str, version))
    if version < _OLDEST:
        return problem("sqlite", f"SQLite {name} is too old", "use Debian 12 or newer")
    if has_reset_bug(version):
        return fine("sqlite", f"SQLite {name} has the WAL-reset bug; no WAL is used here")
    return fine("sqlite", f"SQLite {name}")


def has_reset_bug(version: tuple[int, int, int]) -> bool:
    """Whether a release may lose committed transactions in WAL mode."""
    mended = any(version[:2] == fix[:2] and version >= fix for fix in _BUG_BACKPORTS)
    return _BUG_SINCE <= version < _BUG_FIXED and not mended


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
