"""What comes up after what, what runs in it, and what goes down first.

Pure data and functions: `supervise` walks these tables and knows no program by name. Both
lives end their way up only when everything answers; nothing is in the air before that, and
what is in the air goes first on the way down.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The kinds of step.
ONCE = "once"  # runs to its end; anything but success ends the way up
STAYS = "stays"  # is there until we go down; started again when it dies
RUNG = "rung"  # runs while there is work; started by the doorbell
CALLED = "called"  # runs while somebody asks; started by the first connection to its socket
HERE = "here"  # done by the supervisor itself
ASIDE = "aside"  # runs to its end beside everything else; whoever started it is told how it ended

# Watched by us while they do not run.
AWAITED = frozenset({RUNG, CALLED})
# Not started again, however they end.
BRIEF = frozenset({ONCE, ASIDE})

# Opens what outlives the access point: sockets that are there also while the machine is at home.
DESKS = "desks"
# What the supervisor does itself when the access point has gone down.
LEAVE = "leave"


class Step:
    """One step of the way up.

    `patience` is in seconds: how long a ONCE or ASIDE step may take, how long any other to end
    after SIGTERM before it is killed. `again` names the steps that bring this one back after it
    died, `repair` those that do when that has failed; `sockets` those it inherits, in this order.
    """

    __slots__ = ("again", "kind", "name", "patience", "repair", "sockets")

    def __init__(
        self,
        name: str,
        kind: str,
        patience: float = 0.0,
        *,
        sockets: tuple[str, ...] = (),
        again: tuple[str, ...] = (),
        repair: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.kind = kind
        self.patience = patience
        self.sockets = sockets
        self.again = again or (name,)
        self.repair = repair or self.again


_DNSD = Step("dnsd", STAYS, 3, sockets=("dns-udp", "dns-tcp"))
# A worker that holds a slow phone is given the time gunicorn gives it, then no more.
_PORTAL = Step("portal", STAYS, 5, sockets=("http",))
# With a certificate: a process that only ends TLS and hands the portal what it finds inside.
_TLS_PORTAL = Step("portal", STAYS, 5, sockets=("http", "handover-out"))
_TLS = Step("tls", STAYS, 5, sockets=("https", "handover-in"))
# In the middle of a slow backend's answer it may not have seen the signal yet.
_DELIVER = Step("deliver", RUNG, 10, sockets=("doorbell",))
# Three questions, each with 30 s of its own: gunicorn needs 5 s to start on a Pi Zero 2 W.
_SELFTEST = Step("selftest", ONCE, 100)

# Asked by the page and by `vestibule scan` and the like. In the middle of a join it takes the
# station interface and what was begun away first.
_AGENT = Step("radio", CALLED, 15, sockets=("radio",))
# After the first beacon, for before it nobody hears; and ended while its goodbye is still heard.
# It says it three times within 0.3 s.
_MDNS = Step("mdns", STAYS, 3)

# The demo's: devices of thin air before the bench.
_ROOM = Step("room", STAYS, 3)

_DESKS = Step(DESKS, HERE)

_ON_AIR = (
    _DESKS,
    # Mostly a scan of 3 to 6 s; what the kernel loads for nftables took 25 s in a busy emulator.
    Step("prepare", ONCE, 120),
    Step("sockets", HERE),
    Step("dnsmasq", STAYS, 3),
    _DNSD,
    _PORTAL,
    _DELIVER,
    _SELFTEST,
    # First in the air again, then put in order: mostly nothing is missing, and `prepare` with its
    # netlink takes seconds on a small board, while phones look elsewhere.
    Step(
        "hostapd",
        STAYS,
        5,
        again=("hostapd", "wait", "watch", "prepare"),
        repair=("prepare", "hostapd", "wait", "watch"),
    ),
    Step("wait", ONCE, 60),
    Step("watch", HERE),
    _AGENT,
    Step("ready", ONCE, 30),
)
# What needs neither root nor a radio.
_AT_HOME = (
    _DESKS,
    Step("sockets", HERE),
    _DNSD,
    _PORTAL,
    _DELIVER,
    _SELFTEST,
    _AGENT,
    Step("ready", ONCE, 30),
)

# Aside, while there is a home network of ours: see whether it is on the air, have the machine
# on it, or both and making room, where the access point stays. A scan of all channels takes 10 to
# 25 s, an association and a lease 5 to 20, and each gives up by itself long before this; a busy
# emulator took 90 for a scan. Only one that hangs is ended.
LOOK = Step("look", ASIDE, 300)
SETTLE = Step("settle", ASIDE, 300)
JOIN = Step("beside", ASIDE, 600)

# Puts back what `prepare` changed; runs after everything else has ended, whatever happened.
RESTORE = Step("restore", ONCE, 120)


def up(
    *, demo: bool = False, tls: bool = False, mdns: bool = False, room: bool = False
) -> tuple[Step, ...]:
    """The steps of a run: on the air or as a demo; with a certificate, announced, or not; with
    a room full of devices to look at.
    """
    steps: tuple[Step, ...] = _AT_HOME if demo else _ON_AIR
    if room:
        steps = (*steps, _ROOM)
    if mdns:
        steps = _instead(steps, _AGENT, _MDNS, _AGENT)
    return _instead(steps, _PORTAL, _TLS_PORTAL, _TLS) if tls else steps


def _instead(steps: tuple[Step, ...], one: Step, *others: Step) -> tuple[Step, ...]:
    """The steps with others in the place of one."""
    return tuple(step for each in steps for step in (others if each is one else (each,)))


def lasting(steps: Mapping[str, Step]) -> list[str]:
    """What is there also without an access point: the desks, and who is called to them."""
    return [name for name, step in steps.items() if name == DESKS or step.kind in AWAITED]


def passing(steps: Mapping[str, Step]) -> list[str]:
    """What comes and goes with the access point."""
    stays = lasting(steps)
    return [name for name in steps if name not in stays]


def down(steps: tuple[Step, ...]) -> Iterator[Step]:
    """The programs to end, the last one started first."""
    return (step for step in reversed(steps) if step.kind in {STAYS, *AWAITED})
