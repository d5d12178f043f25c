"""Whether a unit's processes stand still: for programs that cannot say themselves that they live.

hostapd and dnsmasq know nothing of systemd's watchdog. A process that was stopped, or waits for a
debugger, says so in /proc; one that hangs leaves what it is asked in its socket.
"""

from __future__ import annotations

import contextlib

# The states of a process that stands still (proc(5)).
_STILL = frozenset("Tt")
_GROUPS = "/sys/fs/cgroup/system.slice"
_DHCP = 67


def is_stopped(unit: str, groups: str = _GROUPS, proc: str = "/proc") -> bool:
    """Whether any process of a unit has been stopped by a signal."""
    return any(_state(f"{proc}/{pid}/stat") in _STILL for pid in members(unit, groups))


def members(unit: str, groups: str = _GROUPS) -> list[str]:
    """The numbers of a unit's processes."""
    return _text(f"{groups}/{unit}/cgroup.procs").split()


def waits(proc: str = "/proc") -> bool:
    """Whether a question waits for the DHCP server: a line of /proc/net/udp with a full queue."""
    return any(_queued(line) for line in _text(f"{proc}/net/udp").splitlines()[1:])


def _queued(line: str) -> bool:
    """A line: slot, local address:port in hex, remote one, state, transmit:receive queue, …"""
    words = line.split()
    if len(words) < 5:  # noqa: PLR2004 - the first five of thirteen
        return False
    port, queue = words[1].rpartition(":")[2], words[4].rpartition(":")[2]
    return int(port, 16) == _DHCP and int(queue, 16) > 0


def _state(path: str) -> str:
    # The name before it may hold anything, brackets too.
    rest = _text(path).rpartition(")")[2].split()
    return rest[0] if rest else ""


def _text(path: str) -> str:
    with contextlib.suppress(OSError), open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - pathlib would add 0.9 MiB
        return file.read()
    return ""
