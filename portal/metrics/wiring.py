"""Puts the counting in place, in a portal that is to be watched; no other loads any of it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.metrics.desk import Desk
from portal.metrics.kinds import Counted


@dataclass(frozen=True, slots=True)
class Watched:
    """Where Prometheus asks, and the backends of the deliveries by name."""

    listener: socket.socket
    backends: Mapping[str, str] = field(default_factory=dict)

    def attach(self, site: Any, worker: Any, state: Path, runtime: Path) -> None:  # noqa: ANN401 - a Site and a PoliteWorker, which are above us
        """Have `site` and `worker` counted from now on; before the worker runs."""
        # Here, so that the portal's start with a setting that is wrong comes to its word at once.
        from portal.metrics.gathering import Gathering  # noqa: PLC0415 - see above

        site.ready = Counted(site.ready)
        gathering = Gathering(state, runtime, self.backends, site.ready)
        site.wsgi().after_request(gathering.answered)
        worker.publish = gathering.telling(worker.publish)
        desk = Desk(self.listener, gathering, lambda act: worker.tpool.submit(act))  # noqa: PLW0108 - made when it runs
        worker.asides = {self.listener.fileno(): desk.meet}
