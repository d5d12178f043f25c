"""In place of a radio, and of somebody who is logged in by it, for the package's own question."""

from __future__ import annotations

from typing import Final

from tests.deploy.copies import Copy

_COMPANY: Final = """
from collections import namedtuple
from contextlib import nullcontext
from ipaddress import ip_address
from hotspot.checks import cutoff

Adapter = namedtuple("Adapter", "interface index can_be_access_point")
Address = namedtuple("Address", "cidr")

class Kernel:
    def adapters(self): return [Adapter("wlan0", 3, True)]
    def addresses(self, index): return {lasting}

cutoff.Wireless = cutoff.Links = lambda: nullcontext(Kernel())
cutoff.sessions = lambda proc: {sessions}
"""


def company(machine: Copy, lasting: str, sessions: str) -> None:
    """An adapter wlan0 with these addresses, and sessions to those, as Python has them."""
    site = machine.written / "opt/vestibule/lib/python3/site-packages"
    text = _COMPANY.replace("{lasting}", lasting).replace("{sessions}", sessions)
    (site / "company.py").write_text(text)
    (site / "company.pth").write_text("import company\n")
