"""The attacks of the tests at full count, as rows of the table in docs/benchmarks.md.

    sudo python -m tests.abuse [NAME …]

Takes about six minutes. Without root the rows that need network namespaces say so.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.abuse import flood, honest, manners, phones, ports
from tests.abuse.appliance import OWN, appliance
from tests.abuse.crowd import KINDS
from tests.abuse.requests import GROWTH, bombard
from tests.abuse.wiretap import wiretap
from tests.dnsd.running import ROOT
from tests.portal.serving import portal_process

PACKETS: Final = 1_000_000
REQUESTS: Final = 100_000
CROWD_SECONDS: Final = 10.0
FLOOD_SECONDS: Final = 60.0
PHONES: Final = 250
PHONES_SECONDS: Final = 20.0
Row = tuple[str, str, str]


def dns(_folder: Path) -> Iterator[Row]:
    """Mutated packets, by the resolver's own test."""
    argv = [sys.executable, "-m", "tests.dnsd.mutate", str(PACKETS)]
    said = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    gained = re.findall(r"([+-][\d.]+) MiB", said)[-1]
    yield (
        f"{PACKETS:,} mutated DNS packets",
        f"all as they must be, {gained} MiB",
        "no exit, no exception, < 2 MiB",
    )


def requests(folder: Path) -> Iterator[Row]:
    """Mutated requests."""
    with portal_process(folder) as portal:
        gained = bombard(portal, REQUESTS, seed=1)
    yield (
        f"{REQUESTS:,} mutated HTTP requests",
        f"2xx to 4xx or a polite end, {gained:+.2f} MiB",
        f"no exit, no 5xx, no reset, < {GROWTH:.0f} MiB",
    )


def crowd(folder: Path) -> Iterator[Row]:
    """Honest probes beside rude connections, without the firewall."""
    for count, sources, goal in ((1000, 1, "100 %, < 100"), (960, 60, "≥ 99.9 %, < 300")):
        for kind in KINDS:
            place = folder / f"{kind}-{sources}"
            place.mkdir()
            with portal_process(place) as portal:
                honest.probes(portal.address, 0.5)
                with honest.crowd(portal.address, kind, count, sources) as counts:
                    tally = honest.probes(portal.address, CROWD_SECONDS)
            where = f"{count:,} connections" + (f" from {sources} sources" if sources > 1 else "")
            rude = ", ".join(counts) or "none shown out"
            yield (
                f"{where}, {kind}: honest probes answered, p99",
                f"{tally.share:.1%} of {tally.count}, {tally.p99:.1f} ms ({rude})",
                f"{goal} ms",
            )


def on_the_wire(folder: Path) -> Iterator[Row]:
    """All that needs namespaces of its own."""
    if os.geteuid() != 0:
        yield "flood, phones, ports, resets", "not measured: namespaces need root", ""
        return
    with appliance(folder) as house:
        yield _flood(flood.flood(house, FLOOD_SECONDS))
        with wiretap(house.itself, "ap0") as seen:
            yield _phones(phones.join(house, PHONES, PHONES_SECONDS))
            with house.station.inside():
                manners.all_of_them((OWN, 80), house.processes["portal"])
        yield (
            "resets from port 80, to them and to other honest clients",
            f"{seen.resets[80]} in {seen.segments[80]:,} segments ({seen.missed} not seen)",
            "none",
        )
        found = ports.from_a_station(house, "1-65535", "1-1000")
        beyond = ports.from_beyond(house, "1-10000")
        yield (
            "ports that answer a station, by nmap",
            "; ".join(f"{state}: {', '.join(sorted(found[state]))}" for state in sorted(found)),
            "67, 53 and 80; 443 and 853 reset",
        )
        yield "open from the other interface", ", ".join(sorted(beyond)) or "none", "none"


def _flood(flooded: flood.Flooded) -> Row:
    offered = f"{flooded.offered:,.0f} DNS queries/s for {FLOOD_SECONDS:.0f} s from one source"
    asked = len(flooded.milliseconds) + flooded.lost
    lost = f"{flooded.lost} of {asked} lost, p99 {flooded.p99:.1f} ms"
    through = f"{flooded.let_through / FLOOD_SECONDS:.0f}/s of the flood let through"
    return f"{offered}, {flood.HONEST}/s from another", f"{lost}; {through}", "none lost"


def _phones(joining: phones.Joining) -> Row:
    made = f"{len(joining.addresses)} leases, {len(joining.records)} records"
    times = f"{joining.seconds:.1f} s in all, page p99 {joining.page_p99:.0f} ms"
    again = f"{joining.asked_again} datagrams sent again"
    goal = f"{PHONES} records, none twice, < {PHONES_SECONDS:.0f} s"
    return f"{PHONES} phones join at once", f"{made}, {times}, {again}", goal


_ATTACKS: Final[dict[str, Callable[[Path], Iterator[Row]]]] = {
    "dns": dns,
    "requests": requests,
    "crowd": crowd,
    "wire": on_the_wire,
}


def main(names: list[str]) -> None:
    """Run the named attacks, or all, and print the table."""
    unknown = set(names) - _ATTACKS.keys()
    if unknown:
        raise SystemExit(f"no attack {', '.join(unknown)}: there are {', '.join(_ATTACKS)}")
    sys.stdout.write("| attack | came of it | to reach |\n|---|---|---|\n")
    for name in names or _ATTACKS:
        with tempfile.TemporaryDirectory(prefix="vestibule-abuse-") as folder:
            for row in _ATTACKS[name](Path(folder)):
                sys.stdout.write(f"| {' | '.join(row)} |\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
