"""Which appliance a record comes from: a site and a name, as the settings or the machine has it."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_MACHINE_ID: Final = Path("/etc/machine-id")
_SITE: Final = "default"


def names(options: Mapping[str, Any]) -> dict[str, str]:
    """The values of {site} and {appliance}."""
    return {
        "site": options.get("site", _SITE),
        "appliance": options.get("appliance") or _appliance(),
    }


def _appliance(machine_id: Path = _MACHINE_ID) -> str:
    """Twelve hexadecimal digits of this machine's own.

    Derived, because the machine id itself is to be kept confidential (machine-id(5)); from the
    host's name where there is none.
    """
    try:
        known = machine_id.read_text().strip()
    except OSError:
        known = ""
    text = f"vestibule {known or socket.gethostname()}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
