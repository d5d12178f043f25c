"""Servers beside a test, for as long as the self-test asks them."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 20.0
MOMENT = 0.05


@contextlib.contextmanager
def serving(*acts: Callable[[], None]) -> Iterator[None]:
    """Do these beside the test, and see them through."""
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join(SECONDS)
