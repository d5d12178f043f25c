"""The serial number: the board's where there is one, else one that gives nothing away."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspot.label import serial

MACHINE = "0123456789abcdef0123456789abcdef"


def machine(
    root: Path, *, board: bytes | None = None, machine_id: str | None = MACHINE
) -> str | None:
    """The number of a machine with these files."""
    for name, data in (
        ("sys/firmware/devicetree/base/serial-number", board),
        ("etc/machine-id", None if machine_id is None else f"{machine_id}\n".encode()),
    ):
        if data is not None:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
    return serial.of_machine(root)


def test_a_board_s_own(tmp_path: Path) -> None:
    """The device tree's, without the NUL at its end (Devicetree Specification 2.3.1)."""
    assert machine(tmp_path, board=b"10000000e3c1a2b4\0") == "10000000e3c1a2b4"


@pytest.mark.parametrize(
    "board", [None, b"", b"\0", b"0000000000000000\0", b"\xff\xfe\0", b"a b c d"]
)
def test_derived(tmp_path: Path, board: bytes | None) -> None:
    """Without one that can be printed: twelve digits, the same each time, not the machine-id's."""
    found = machine(tmp_path, board=board)
    assert found is not None
    assert len(found) == 12
    assert found == serial.of_machine(tmp_path)
    assert found not in MACHINE
    other = machine(tmp_path, machine_id=MACHINE[::-1])
    assert other != found


@pytest.mark.parametrize("machine_id", [None, "", "uninitialized", "xyz", MACHINE.upper()])
def test_none(tmp_path: Path, machine_id: str | None) -> None:
    """A machine that has nothing of its own gets no number made up."""
    assert machine(tmp_path, machine_id=machine_id) is None
