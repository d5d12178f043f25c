"""A job's devices as a manifest again, with what has become of them and without secrets.

Law: import(export(x)) = x, for every column but the ones that the bench writes; and no cell is a
formula to a spreadsheet.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence

from portal.bench.devices.device import Device
from portal.bench.devices.states import State
from portal.bench.manifest import columns
from portal.bench.manifest.reading import MASK, guarded


class _Echo:
    """What csv writes to: hands the row's text back."""

    def write(self, text: str) -> str:
        return text


def rows(devices: Sequence[Device]) -> tuple[tuple[str, ...], Iterator[list[str]]]:
    """The columns in the order of the manifest, and each device's cells."""
    there = dict.fromkeys(name for device in devices for name in device.cells)
    # What a row is known by stands in it already; the bench adds only what it has found out.
    names = (*there, *columns.WRITTEN)
    return names, ([_cell(device, name) for name in names] for device in devices)


def as_csv(devices: Sequence[Device]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8, a header first."""
    names, found = rows(devices)
    yield row(names)
    for cells in found:
        yield row(map(guarded, cells))


def row(cells: Iterable[str]) -> bytes:
    """A line of RFC 4180, in UTF-8."""
    # A writer of its own: one that two threads share mixes their cells.
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    return str(writer.writerow(cells)).encode("utf-8", "replace")


def as_json_lines(devices: Sequence[Device]) -> Iterator[bytes]:
    """One object a line."""
    names, found = rows(devices)
    for cells in found:
        yield json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False).encode() + b"\n"


def _cell(device: Device, name: str) -> str:
    if name in columns.WRITTEN:
        return _written(device)[name]
    value = device.cells.get(name, "")
    return MASK if value and columns.is_secret(name) else value


def _written(device: Device) -> dict[str, str]:
    seen = device.state is not State.EXPECTED
    return {
        "state": device.state.value if seen else "",
        "reason": device.reason.value if device.reason else "",
        "fw": device.version,
        "done_at": device.done_at,
        "technician": device.technician,
    }
