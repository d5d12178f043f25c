"""When the access point is there and when it is not, once there is a home network of ours.

    serving ─kept─► lingering ─time─► settling ─settled─► home ─gone─► missing ─time─► away
                        ▲                │                  ▲             │              │  ▲
                        └─kept─ away ◄───┘ not settled      └───found─────┘       look ──┘  │
                                                            settling ◄──heard── looking ────┘

With `linger` = for ever it is serving ─kept─► beside: the access point stays, and the machine is on
the home network by a second interface of the same radio.

An access point that nobody uses goes after a while, and comes back when a person calls for it:

    serving ─idle─► resting ─called─► serving        away ─idle─► seeking ─called─► away

Where `start` says so it comes only when called for: what would bring it up by itself leads to one
of these two places instead.

Pure: a table from place and event to place and acts. `house` walks it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Act = tuple[str, float]

# Places. With an access point:
SERVING = "serving"  # nothing of ours is kept
LINGERING = "lingering"  # kept just now: the page is still there
BESIDE = "beside"  # kept, and to be joined beside the access point, which stays
AWAY = "away"  # kept, but out of reach
LOOKING = "looking"  # the same, and listening whether it is back
# Without one:
STARTING = "starting"  # kept from an earlier run: on the way there first
SETTLING = "settling"  # on the way there
HOME = "home"
MISSING = "missing"  # it was there; perhaps it comes back by itself
RESTING = "resting"  # nothing of ours is kept, and nobody has called
SEEKING = "seeking"  # kept, and left to whoever looks after the network, until somebody calls

ON_AIR = frozenset({SERVING, LINGERING, BESIDE, AWAY, LOOKING})
# The machine's network is looked at, by whichever interface it is on it.
WATCHED = frozenset({BESIDE, HOME, MISSING, SEEKING})
# From here the access point goes when nobody has been on it for long enough.
TIRING = frozenset({SERVING, AWAY, LOOKING})

# Events.
KEPT = "kept"  # a join has proven itself and is permanent
FORGOTTEN = "forgotten"  # what was permanent is so no longer
BEGUN, ENDED = "begun", "ended"  # a join
DUE = "due"  # the time that was waited for is up
SETTLED, UNSETTLED = "settled", "unsettled"  # on the home network in time, or not
FOUND, GONE = "found", "gone"  # the interface is on its network, or is not any more
HEARD, SILENT = "heard", "silent"  # the home network is on the air, or is not
FAILED = "failed"  # the access point did not come up
CALLED, DISMISSED = "called", "dismissed"  # a person wants the access point, or wants it gone
IDLE = "idle"  # nobody has been on it for long enough

# Acts, each with seconds: how long to wait for DUE, else 0.
WAIT, REST, DESCEND, ASCEND = "wait", "rest", "descend", "ascend"
SETTLE, LOOK, JOIN = "settle", "look", "join"
TIRE, STIR = "tire", "stir"  # wait so many seconds for IDLE; no longer

# How the access point is started (`radio.start`).
ALWAYS, UNCONFIGURED, BUTTON, NEVER = "always", "unconfigured", "button", "never"
BY_ITSELF = frozenset({ALWAYS, UNCONFIGURED})

# The first look, doubled after each in vain: an evening later it is a look every quarter hour.
RETRY_FIRST, RETRY_LONGEST = 60.0, 900.0
# Until the page has heard of the outcome, however short it may stay.
READ_SECONDS = 2.0
# Somebody has just left: they may come back at once.
SOON = 30.0
# The access point did not come up, as when the adapter was pulled.
AGAIN = 60.0

TABLE: Mapping[tuple[str, str], tuple[str, ...]] = {
    (SERVING, KEPT): (LINGERING, "linger"),
    (LINGERING, KEPT): (LINGERING, "linger"),
    (LINGERING, DUE): (SETTLING, "descend", "settle"),
    (LINGERING, FORGOTTEN): (SERVING, "rest"),
    (BESIDE, ENDED): (BESIDE, "rest", "join"),
    (BESIDE, DUE): (BESIDE, "join"),
    (BESIDE, SETTLED): (BESIDE, "rest"),
    (BESIDE, UNSETTLED): (BESIDE, "retry"),
    (BESIDE, GONE): (BESIDE, "return"),
    (BESIDE, FOUND): (BESIDE, "rest"),
    (BESIDE, FORGOTTEN): (SERVING, "rest"),
    (STARTING, SETTLED): (HOME,),
    (STARTING, UNSETTLED): (MISSING, "return"),
    (SETTLING, SETTLED): (HOME,),
    (SETTLING, UNSETTLED): (AWAY, "ascend", "retry"),
    (HOME, GONE): (MISSING, "return"),
    (MISSING, FOUND): (HOME, "rest"),
    (MISSING, DUE): (AWAY, "ascend", "retry"),
    (AWAY, DUE): (LOOKING, "look"),
    (AWAY, KEPT): (LINGERING, "linger"),
    (AWAY, FORGOTTEN): (SERVING, "rest"),
    (AWAY, FAILED): (MISSING, "again"),
    (SERVING, FAILED): (MISSING, "again"),
    (LOOKING, HEARD): (SETTLING, "descend", "settle"),
    (LOOKING, SILENT): (AWAY, "retry"),
    (LOOKING, KEPT): (LINGERING, "linger"),
    (LOOKING, FORGOTTEN): (SERVING, "rest"),
    (SEEKING, SETTLED): (HOME,),
    (SEEKING, FOUND): (HOME,),
    (SERVING, IDLE): (RESTING, "descend"),
    (SERVING, DISMISSED): (RESTING, "descend"),
    (AWAY, IDLE): (SEEKING, "rest", "descend", "settle"),
    (AWAY, DISMISSED): (SEEKING, "rest", "descend", "settle"),
    (LOOKING, DISMISSED): (SEEKING, "rest", "descend", "settle"),
    (LINGERING, DISMISSED): (SETTLING, "rest", "descend", "settle"),
    (RESTING, CALLED): (SERVING, "ascend"),
    (RESTING, KEPT): (SETTLING, "settle"),
    **{
        (place, event): end
        for place in (STARTING, SETTLING, HOME, MISSING, SEEKING)
        for event, end in (
            (FORGOTTEN, (SERVING, "rest", "ascend")),
            # Not looked for and left at once: a person wants to be on it.
            (CALLED, (AWAY, "rest", "ascend")),
        )
    },
}
