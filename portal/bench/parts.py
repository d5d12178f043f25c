"""What the bench stands on, in one frozen value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from portal.bench.artifacts.progress import Progress
from portal.bench.artifacts.shelf import Shelf
from portal.bench.artifacts.slots import Slots
from portal.bench.devices.deciding import Patience
from portal.bench.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Parts:
    """What the bench stands on. `monotonic` is in seconds, `random(n)` gives n bytes; `hand`
    puts what has become of a device into the outbox (id, body), durably, and `delivered` says
    whether it has gone everywhere from there; `holder` is the MAC that has the lease of an
    address, "" for nobody's, None where that is not known; `most` is how many
    downloads there are at once, and `site` where the bench stands; with `secrets` what is handed
    over has them, to be sealed.
    """

    ledger: Ledger
    shelf: Shelf
    slots: Slots
    progress: Progress
    monotonic: Callable[[], float]
    random: Callable[[int], bytes]
    hand: Callable[[str, str], None]
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    patience: Patience = field(default_factory=Patience)
    most: int = 8
    site: str = ""
    secrets: bool = False
    delivered: Callable[[str], bool] = lambda _: False
    holder: Callable[[str], str | None] = lambda _: None
    log: Callable[[str], None] = lambda _: None
