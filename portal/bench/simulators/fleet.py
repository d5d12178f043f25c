"""A fleet of simulated devices: which there are, what they speak, and what goes wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from portal.bench.simulators import espressif, ours, zephyr
from portal.bench.simulators.acts import Fault, Life, Unit

LIVES: Final[Mapping[str, Callable[[Unit], Life]]] = {
    "httpupdate": espressif.httpupdate,
    "bench": ours.ours,
    "ddi": zephyr.ddi,
    "esphome": espressif.esphome,
}


def units(
    count: int,
    product: str,
    chance: Callable[[], float],
    faults: Sequence[Fault] = (),
    share: float = 0.0,
    rate: int = 100_000,
) -> Iterator[tuple[str, Unit]]:
    """So many devices with the name of their protocol, the protocols in turn.

    Of all, `share` (0 to 1) have one of the `faults`, these in turn too.
    """
    names, bad = list(LIVES), 0
    for number in range(count):
        fault = Fault.NONE
        if faults and chance() < share:
            fault, bad = faults[bad % len(faults)], bad + 1
        unit = Unit(
            mac=mac(number),
            serial=serial(number),
            product=product,
            chance=chance,
            fault=fault,
            rate=round(rate * (0.6 + 0.8 * chance())),
        )
        yield names[number % len(names)], unit


def serial(number: int) -> str:
    """The serial number of the device with this number."""
    return f"SN-{number:04}"


def mac(number: int) -> str:
    """Its MAC: locally administered, as every made-up one has to be."""
    return ":".join(["02", "be", *(f"{octet:02x}" for octet in number.to_bytes(4, "big"))])


def manifest(count: int, product: str) -> str:
    """The rows of these devices, as a manifest."""
    rows = [f"{serial(each)},{mac(each)},{product},{product}-{each:04}" for each in range(count)]
    return "\n".join(["serial,mac,product,name", *rows, ""])
