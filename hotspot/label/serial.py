"""The serial number of this machine, for a label: what stands on the board, else one of our own.

machine-id(5) is not to be shown to anybody, so what stands for it is derived, as sd_id128(3) does.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from pathlib import Path

# Where a Raspberry Pi has it, and every other board that has a device tree.
_BOARD = "sys/firmware/devicetree/base/serial-number"
_MACHINE = "etc/machine-id"
# Made for this, once; another program derives another number from the same machine.
_OURS = bytes.fromhex("9f0c5a0e6c0b4d0f8a53f2f5a9f1b7d4")
_DIGITS = 12


def of_machine(root: Path = Path("/")) -> str | None:
    """The serial number, `None` where the machine has nothing of its own."""
    board = _read(root / _BOARD).rstrip("\0")
    # Boards that were never given one say so in zeros.
    if re.fullmatch("[0-9A-Za-z-]{4,32}", board) and board.strip("0"):
        return board
    machine = _read(root / _MACHINE).strip()
    if not re.fullmatch("[0-9a-f]{32}", machine):
        return None
    return hmac.digest(bytes.fromhex(machine), _OURS, hashlib.sha256).hex()[:_DIGITS]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
