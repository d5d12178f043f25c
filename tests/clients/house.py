"""The appliance that the models meet: `python -m portal` and `python -m dnsd`, as they are."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.clients.phone import Appliance, Phone, Style
from tests.dnsd import running
from tests.portal.serving import Portal, portal_process


@dataclass(frozen=True)
class House:
    """Both processes; `released` says which answers 127.0.0.1 is to get."""

    portal: Portal
    appliance: Appliance
    released: bool

    @contextmanager
    def phone(self, style: Style = Style.CLOSING) -> Iterator[Phone]:
        """A phone that has joined; it hangs up at the end."""
        phone = Phone(self.appliance, style)
        try:
            yield phone
        finally:
            phone.close()


@contextmanager
def house(folder: Path, *, released: bool) -> Iterator[House]:
    """Start both; at the end, nothing may have failed inside the portal."""
    releases = folder / "released"
    releases.mkdir()
    if released:
        # As on file after a release: no lease, so the MAC is empty.
        (releases / "127.0.0.1").write_text("\n")
    resolving = ("--answer", "127.0.0.1", "--released", str(releases))
    with (
        socket.socket() as refusing,
        portal_process(folder) as portal,
        running.process(*resolving) as (_, resolver),
    ):
        # Bound and not listening: the kernel refuses, as the appliance's nftables do on 443.
        refusing.bind(("127.0.0.1", 0))
        yield House(portal, Appliance(portal.address, resolver, refusing.getsockname()), released)
    assert "failed" not in portal.stderr()
    assert "Traceback" not in portal.stderr()
