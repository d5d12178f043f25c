"""All that the web side needs from the world, in one frozen value on the app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from flask import current_app

from portal.forms import Submission
from portal.networks import Network
from portal.provisioning.outbox import Outbox
from portal.provisioning.record import Record

KEY: Final = "portal"

NOT_SAVED: Final = "This could not be saved on the device just now. Please try again."


@dataclass(frozen=True, slots=True)
class Services:
    """What `create_app` is given. `url` is the portal's own, absolute, ending in "/".

    `networks` reads the latest scan, `now` is aware, `random(n)` gives n bytes.
    """

    url: str
    outbox: Outbox
    networks: Callable[[], tuple[Network, ...]]
    now: Callable[[], datetime]
    random: Callable[[int], bytes]
    joins: bool = False
    demo: bool = False

    def keep(self, submission: Submission) -> str:
        """The id of the record that `submission` has become, safe on the disk.

        Raises `record.Invalid`, `store.Full`, `store.Unwritable`.
        """
        record = Record.new(
            ssid=submission.ssid,
            passphrase=submission.passphrase,
            fields=submission.fields,
            now=self.now(),
            random=self.random,
        )
        self.outbox.accept(record)
        return record.id

    def setup_url(self, identity: str) -> str:
        """The absolute address of the page about one record."""
        return f"{self.url}setup/{identity}"


def services() -> Services:
    """The running app's services."""
    return cast("Services", current_app.extensions[KEY])
