"""When the access point is there and when it is not, once there is a home network of ours.

    serving ─kept─► lingering ─time─► settling ─settled─► home ─gone─► missing ─time─► away
                        ▲                │                  ▲             │              │  ▲
                        └─kept─ away ◄───┘ not settled      └───found─────┘       look ──┘  │
                                                            settling ◄──heard── looking ────┘

With `linger` = for ever it is serving ─kept─► beside: the access point stays, and the machine is on
the home network by a second interface of the same radio.

Pure: a table from place and event to place and acts, and two things that hold it up. A join
under way is not disturbed, and from "away" the access point never goes while somebody is on it.
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

ON_AIR = frozenset({SERVING, LINGERING, BESIDE, AWAY, LOOKING})
# The machine's network is looked at, by whichever interface it is on it.
WATCHED = frozenset({BESIDE, HOME, MISSING})

# Events.
KEPT = "kept"  # a join has proven itself and is permanent
FORGOTTEN = "forgotten"  # what was permanent is so no longer
BEGUN, ENDED = "begun", "ended"  # a join
DUE = "due"  # the time that was waited for is up
SETTLED, UNSETTLED = "settled", "unsettled"  # on the home network in time, or not
FOUND, GONE = "found", "gone"  # the interface is on its network, or is not any more
HEARD, SILENT = "heard", "silent"  # the home network is on the air, or is not
FAILED = "failed"  # the access point did not come up

# Acts, each with seconds: how long to wait for DUE, else 0.
WAIT, REST, DESCEND, ASCEND = "wait", "rest", "descend", "ascend"
SETTLE, LOOK, JOIN = "settle", "look", "join"

# The first look, doubled after each in vain: an evening later it is a look every quarter hour.
RETRY_FIRST, RETRY_LONGEST = 60.0, 900.0
# Until the page has heard of the outcome, however short it may stay.
READ_SECONDS = 2.0
# Somebody has just left: they may come back at once.
SOON = 30.0
# The access point did not come up, as when the adapter was pulled.
AGAIN = 60.0

_TABLE: Mapping[tuple[str, str], tuple[str, ...]] = {
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
    **{(place, FORGOTTEN): (SERVING, "rest", "ascend") for place in (STARTING, SETTLING)},
    **{(place, FORGOTTEN): (SERVING, "rest", "ascend") for place in (HOME, MISSING)},
}


class House:
    """Where the machine is, and what it waits for.

    `linger` and `return_after` are the settings' seconds (`None`: for ever); `kept`: whether
    there is a home network of ours from before.
    """

    __slots__ = (
        *("place", "joining", "stations", "held_up", "in_vain"),
        *("_linger", "_return_after"),
    )

    def __init__(self, *, linger: float | None, return_after: float, kept: bool) -> None:
        self.place = SERVING if not kept else BESIDE if linger is None else STARTING
        self.joining = False
        self.stations = 0
        # The time was up, and somebody was in the way.
        self.held_up = False
        self.in_vain = 0
        self._linger = linger
        self._return_after = return_after

    @property
    def told(self) -> str:
        """The place as others know it: serving, lingering, home, or away for all the rest."""
        if self.place == BESIDE:
            return LINGERING
        return self.place if self.place in {SERVING, LINGERING, HOME} else AWAY

    @property
    def on_air(self) -> bool:
        """Whether the access point is to be there."""
        return self.place in ON_AIR

    def begin(self) -> tuple[Act, ...]:
        """What to do first."""
        if self.place == BESIDE:
            return ((JOIN, 0.0),)
        # Down first: a run that was killed has left the interface as it was then.
        return ((DESCEND, 0.0), (SETTLE, 0.0)) if self.place == STARTING else ()

    def hear(self, event: str) -> tuple[Act, ...]:
        """What to do about an event; nothing, where it changes nothing."""
        if event in {BEGUN, ENDED, KEPT}:
            was, self.joining = self.joining, event == BEGUN
            # Its station has taken the place of the one that was there.
            if event == BEGUN or not (event == KEPT or (was and self.place == BESIDE)):
                return self._freed()
        if event in {DUE, HEARD} and self._in_the_way():
            # Whoever was looked for will still be there.
            self.place = AWAY if self.place == LOOKING else self.place
            self.held_up = True
            return ()
        return self._turn(event)

    def count(self, stations: int) -> tuple[Act, ...]:
        """What to do, now that so many stations are on the access point."""
        self.stations = stations
        return self._freed()

    def _in_the_way(self) -> bool:
        return self.joining or (self.place in {AWAY, LOOKING} and self.stations > 0)

    def _freed(self) -> tuple[Act, ...]:
        if not self.held_up or self._in_the_way():
            return ()
        self.held_up = False
        return ((WAIT, SOON),)

    def _turn(self, event: str) -> tuple[Act, ...]:
        found = _TABLE.get((self.place, event))
        if event == KEPT and self._linger is None:
            found = (BESIDE, "rest", "join")
        if found is None:
            return ()
        self.held_up = False
        if event in {SILENT, UNSETTLED}:
            self.in_vain += 1
        elif event not in {DUE, HEARD} or self.place == MISSING:
            self.in_vain = 0
        self.place = found[0]
        return tuple(act for word in found[1:] for act in self._acts(word))

    def _acts(self, word: str) -> tuple[Act, ...]:
        waits = {
            "linger": max(self._linger or 0.0, READ_SECONDS),
            "return": float(self._return_after),
            "retry": min(RETRY_FIRST * 2 ** min(self.in_vain, 10), RETRY_LONGEST),
            "again": AGAIN,
        }
        if word in waits:
            return ((WAIT, waits[word]),)
        return ((word, 0.0),)
