"""All that the web side needs from the world, in one frozen value on the app."""

from __future__ import annotations

import base64
import contextlib
import itertools
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

from flask import current_app, g, request

from portal.form.forms import Submission
from portal.form.limits import Limit, TooSoon
from portal.form.networks import Network
from portal.form.tokens import FIELD, KEY_BYTES, Tokens
from portal.joining import progress
from portal.joining.driver import Joining
from portal.joining.progress import View
from portal.joining.rescan import Rescan
from portal.language.words import Words
from portal.page.blank import BlankForm
from portal.page.face import Face
from portal.provisioning.join import OPEN, Phase
from portal.provisioning.keeping.store import Unwritable
from portal.provisioning.life import Life
from portal.provisioning.outbox import Outbox
from portal.provisioning.record import Record
from portal.release.farewell import Farewell
from portal.release.released import Releases
from portal.release.visitors import Visitors

KEY: Final = "portal"

NOT_SAVED: Final = Words("This could not be saved on the device just now. Please try again.")
FULL: Final = Words(
    "This device holds as many answers as it can and takes no more. "
    "Please tell whoever looks after it."
)
NOT_HEARD: Final = Words("This device's radio does not answer. Please try again in a moment.")
STALE: Final = Words("This page was open for too long. Please send it once more.")
NOT_NOW: Final = Words("A network is being joined just now. Please try again in a moment.")
NOT_RELEASED: Final = Words("This device could not take note of that just now. Please try again.")


class Numbers:
    """Rising numbers for pieces of news, for any number of threads."""

    def __init__(self) -> None:
        self._count = itertools.count(1)
        self.last = 0

    def next(self) -> int:
        """The next one."""
        self.last = next(self._count)
        return self.last


@dataclass(frozen=True, slots=True)
class Services:
    """What `create_app` is given. `url` is the portal's own, absolute, ending in "/"; `site` the
    same by name and under TLS, "" where there is none.

    `networks` reads the latest scan, `access_point` the device's own name on the air; `releases`
    knows who is told to be online, `farewell` who will be once the set-up has ended; `now` is
    aware, `random(n)` gives n bytes; `face` is how the page looks. Where networks are joined,
    `joining` drives it and `visitors` knows who sent what; `rescan` looks around again, `news`
    numbers what is published, `tokens` are for forms. `monotonic` is in seconds; `attempts` and
    `scans` say how often one client may ask for either.
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
    face: Face = field(default_factory=Face)
    access_point: Callable[[], bytes] = bytes
    joining: Joining | None = None
    visitors: Visitors | None = None
    rescan: Rescan | None = None
    news: Numbers = field(default_factory=Numbers)
    tokens: Tokens = field(default_factory=lambda: Tokens(os.urandom(KEY_BYTES)))
    monotonic: Callable[[], float] = time.monotonic
    # A person mistypes a password a few times in a row. One attempt takes the radio 5 to 40 s.
    attempts: Limit = field(default_factory=lambda: Limit(6, 20.0))
    scans: Limit = field(default_factory=lambda: Limit(3, 20.0))
    blank: BlankForm = field(default_factory=BlankForm)

    def keep(self, submission: Submission, address: str) -> str:
        """The id of the record that `submission` has become, safe on the disk.

        The client at `address` is released when it has been delivered, or has connected where
        its network is joined. What it has sent before and is still to be joined is taken back.

        Raises `record.Invalid`, `store.Full`, `store.Unwritable`, and `limits.TooSoon` where the
        client has had too many networks tried.
        """
        record = Record.new(
            ssid=submission.ssid,
            passphrase=submission.passphrase,
            fields=submission.fields,
            access=submission.access,
            now=self.now(),
            random=self.random,
        )
        if self.joining:
            self.attempts.take(address, self.monotonic())
        before = self.sent(address)
        self.outbox.accept(record)
        if self.joining and before:
            # Also without this the record is safe; only its turn comes later.
            with contextlib.suppress(Unwritable):
                self.joining.cancel(before)
        self.expect(address, record.id)
        return record.id

    def sent(self, address: str) -> str:
        """The id of the last record that the client at `address` has sent, or ""."""
        if self.visitors is None:
            return ""
        return self.visitors.own(address, self.releases.holder(address))

    def expect(self, address: str, id: str) -> None:  # noqa: A002 - the record's own word
        """The client at `address` waits for the end of the record called `id`."""
        self.farewell.expect(address, id)
        if self.joining and self.visitors:
            self.visitors.submitted(address, self.releases.holder(address), id)
            self.joining.wake()

    def again(self, id: str, address: str) -> bool:  # noqa: A002 - the record's own word
        """Have the same answers tried once more; False where they are not to be, any more or yet.

        Raises `limits.TooSoon`, `store.Unwritable`.
        """
        if self.joining is None:
            return False
        self.attempts.take(address, self.monotonic())
        changed = self.joining.again(id)
        if changed:
            self.expect(address, id)
        return changed

    def scan(self, address: str) -> bool:
        """Look around again; False where that must wait for a join.

        Raises `limits.TooSoon`, `radio.Silent`.
        """
        if self.rescan is None:
            return False
        self.scans.take(address, self.monotonic())
        return self.rescan.begin()

    def life(self, id: str, address: str) -> Life | None:  # noqa: A002 - the record's own word
        """What became of the record called `id`, as the client at `address` is told.

        Who reads that it has connected has been released by then. Raises `store.Unwritable`.
        """
        life = self.outbox.state(id)
        is_over = life is not None and life.join is not None and life.join.state not in OPEN
        if is_over and self.farewell.expects(address, id):
            self.farewell.look()
        return life

    def view(self, life: Life) -> View | None:
        """How the join of a record is getting on; None where there is none."""
        if self.joining is None or life.join is None:
            return progress.view(life)
        if life.join.state in OPEN:
            # Mostly it is awake. Not where a portal that was ending took the record.
            self.joining.wake()
        ahead = self.joining.ahead(life.id) if life.join.state is Phase.WAITING else 0
        return progress.view(life, self.joining.progress(life.id), ahead=ahead)

    def last(self, address: str) -> str:
        """The id of the record whose outcome the client at `address` is to see first, or ""."""
        if self.visitors is None:
            return ""
        return self.visitors.last(address, self.releases.holder(address))


def too_soon(error: TooSoon) -> Words:
    """What a client is told that asks too often."""
    return Words(
        "That was quick. Please wait %(seconds)s seconds, then try again.", seconds=error.seconds
    )


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


def token() -> str:
    """What the answer's forms carry, so that they are known when they come back."""
    if "token" not in g:
        ours = services()
        g.token = ours.tokens.make(client(), ours.monotonic())
    return str(g.token)


def is_ours(form: Mapping[str, str]) -> bool:
    """Whether a form that was posted is one that we gave this client lately."""
    ours = services()
    return ours.tokens.is_fresh(form.get(FIELD, ""), client(), ours.monotonic())


def services() -> Services:
    """The running app's services."""
    return cast("Services", current_app.extensions[KEY])
