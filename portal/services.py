"""All that the web side needs from the world, in one frozen value on the app."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

from flask import current_app, g, request

from portal.blank import BlankForm
from portal.farewell import Farewell
from portal.forms import Submission
from portal.networks import Network
from portal.provisioning.outbox import Outbox
from portal.provisioning.record import Record
from portal.release import Releases

KEY: Final = "portal"

NOT_SAVED: Final = "This could not be saved on the device just now. Please try again."
NOT_RELEASED: Final = "This device could not take note of that just now. Please try again."


@dataclass(frozen=True, slots=True)
class Services:
    """What `create_app` is given. `url` is the portal's own, absolute, ending in "/"; `site` the
    same by name and under TLS, "" where there is none.

    `networks` reads the latest scan, `releases` knows who is told to be online, `farewell` who
    will be once the set-up has ended; `now` is aware, `random(n)` gives n bytes.
    """

    url: str
    outbox: Outbox
    networks: Callable[[], tuple[Network, ...]]
    releases: Releases
    farewell: Farewell
    now: Callable[[], datetime]
    random: Callable[[int], bytes]
    joins: bool = False
    demo: bool = False
    site: str = ""
    blank: BlankForm = field(default_factory=BlankForm)

    def keep(self, submission: Submission, address: str) -> str:
        """The id of the record that `submission` has become, safe on the disk.

        The client at `address` is released when it has been delivered.

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
        self.farewell.expect(address, record.id)
        return record.id


def own_url() -> str:
    """The portal's own URL as the asking client knows it: what it asks by stays its origin."""
    ours = services()
    return ours.site if ours.site and request.is_secure else ours.url


def client() -> str:
    """The address of the asking client, from its connection and never from a header."""
    return request.remote_addr or ""


def nonce() -> str:
    """The answer's own word, by which its inline style and script are allowed (CSP 3, 2.3.1)."""
    if "nonce" not in g:
        g.nonce = base64.b64encode(services().random(16)).decode("ascii")
    return str(g.nonce)


def services() -> Services:
    """The running app's services."""
    return cast("Services", current_app.extensions[KEY])
