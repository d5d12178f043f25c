"""One machine's place in that table, and what holds it up.

A join under way is not disturbed, and from "away" the access point never goes by itself while
somebody is on it.
"""

from __future__ import annotations

from hotspot.home.homecoming import (
    AGAIN,
    ALWAYS,
    AWAY,
    BEGUN,
    BESIDE,
    BY_ITSELF,
    CALLED,
    DESCEND,
    DISMISSED,
    DUE,
    ENDED,
    FORGOTTEN,
    HEARD,
    HOME,
    IDLE,
    JOIN,
    KEPT,
    LINGERING,
    LOOKING,
    MISSING,
    ON_AIR,
    READ_SECONDS,
    RESTING,
    RETRY_FIRST,
    RETRY_LONGEST,
    SEEKING,
    SERVING,
    SETTLE,
    SILENT,
    SOON,
    STARTING,
    STIR,
    TABLE,
    TIRE,
    TIRING,
    UNCONFIGURED,
    UNSETTLED,
    WAIT,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hotspot.home.homecoming import Act


# What is not here is "away".
_TOLD = {
    **{place: place for place in (SERVING, LINGERING, HOME, RESTING)},
    BESIDE: LINGERING,
    SEEKING: RESTING,
}


class House:
    """Where the machine is, and what it waits for.

    `linger`, `return_after` and `idle_off` are the settings' seconds (`None`: for ever), `start`
    how the access point is started; `kept`: whether there is a home network of ours from before.
    """

    __slots__ = (
        *("place", "joining", "stations", "held_up", "in_vain"),
        *("_linger", "_return_after", "_idle_off", "_by_itself", "_tiring", "_tired", "_kept"),
    )

    def __init__(
        self,
        *,
        linger: float | None,
        return_after: float,
        kept: bool,
        start: str = UNCONFIGURED,
        idle_off: float | None = None,
    ) -> None:
        self._linger = linger
        self._return_after = return_after
        self._idle_off = idle_off
        self._by_itself = start in BY_ITSELF
        self.place = self._first(start, kept=kept)
        self.joining = False
        self.stations = 0
        # The time was up, and somebody was in the way.
        self.held_up = False
        self.in_vain = 0
        self._kept = kept
        self._tiring = False
        self._tired = False

    def _first(self, start: str, *, kept: bool) -> str:
        if not kept:
            return SERVING if self._by_itself else RESTING
        if self._by_itself and self._linger is None:
            return BESIDE
        return AWAY if start == ALWAYS else STARTING

    @property
    def told(self) -> str:
        """The place as others know it; most places between two networks are "away" to them."""
        return _TOLD.get(self.place, AWAY)

    @property
    def on_air(self) -> bool:
        """Whether the access point is to be there."""
        return self.place in ON_AIR

    def begin(self) -> tuple[Act, ...]:
        """What to do first."""
        first: tuple[Act, ...] = ()
        if self.place == BESIDE:
            first = ((JOIN, 0.0),)
        elif not self.on_air:
            # Down first: a run that was killed has left the interface as it was then.
            first = ((DESCEND, 0.0),)
        if self.place == STARTING:
            first += ((SETTLE, 0.0),)
        return first + self._tires()

    def hear(self, event: str) -> tuple[Act, ...]:
        """What to do about an event; nothing, where it changes nothing."""
        if event == CALLED and self.on_air:
            # Whoever calls comes in a moment.
            self._tiring = self._tired = False
        return self._heard(event) + self._tires()

    def _heard(self, event: str) -> tuple[Act, ...]:
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
        if (event == DISMISSED and self.joining) or (event == IDLE and self._used()):
            return ()
        # In the middle of a look, it is remembered until that is over.
        self._tired = event == IDLE or (self._tired and event in {SILENT, HEARD})
        if event == SILENT and self._tired and self.place == LOOKING:
            self.place, event = AWAY, IDLE
        return self._turn(event)

    def count(self, stations: int) -> tuple[Act, ...]:
        """What to do, now that so many stations are on the access point."""
        self.stations = stations
        return self._freed() + self._tires()

    def _used(self) -> bool:
        return self.joining or self.stations > 0

    def _in_the_way(self) -> bool:
        return self.joining or (self.place in {AWAY, LOOKING} and self.stations > 0)

    def _freed(self) -> tuple[Act, ...]:
        if not self.held_up or self._in_the_way():
            return ()
        self.held_up = False
        return ((WAIT, SOON),)

    def _tires(self) -> tuple[Act, ...]:
        """Begin to wait for IDLE, or stop, where that has changed."""
        tiring = self.place in TIRING and not self._used()
        if self._idle_off is None or tiring == self._tiring:
            return ()
        self._tiring = tiring
        self._tired = self._tired and tiring
        return ((TIRE, self._idle_off),) if tiring else ((STIR, 0.0),)

    def _turn(self, event: str) -> tuple[Act, ...]:
        self._kept = event == KEPT or (self._kept and event != FORGOTTEN)
        found = self._found(event)
        if found is None:
            return ()
        self.held_up = False
        if event in {SILENT, UNSETTLED}:
            self.in_vain += 1
        elif event not in {DUE, HEARD} or self.place == MISSING:
            self.in_vain = 0
        self.place = found[0]
        return tuple(act for word in found[1:] for act in self._acts(word))

    def _found(self, event: str) -> tuple[str, ...] | None:
        """The table's line, or what the settings put in its place."""
        found = TABLE.get((self.place, event))
        if event == KEPT and self._linger is None and self.on_air:
            found = (BESIDE, "rest", "join")
        if self.place == MISSING and event == DUE and not self._kept:
            # It was not the home network that was missing: the access point did not come up.
            found = (SERVING, "ascend")
        if found and "ascend" in found and event != CALLED and not self._by_itself:
            return (SEEKING if self._kept else RESTING, "rest")
        return found

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
