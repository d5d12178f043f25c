"""What there is to count, as metrics: pure, from what was seen to families.

Law: nothing about a person. No address, no name of a network, no id of a record; each label has a
handful of values that are known beforehand, or stand in the settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from portal.metrics.text import Family, by, single

_COUNTER: Final = "counter"
_GAUGE: Final = "gauge"


@dataclass(frozen=True, slots=True)
class Process:
    """A process: when it started (seconds since 1970), how much of memory it has (bytes), how
    long it has run on a processor (seconds), how many descriptors it has open.
    """

    started: float
    memory: int
    busy: float
    descriptors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was counted: probes by kind of client, requests by endpoint and status, joins by
    outcome, attempts by delivery, backend and result, records by state, and so on.
    """

    version: str
    process: Process
    probes: Mapping[str, int] = field(default_factory=dict)
    requests: Mapping[tuple[str, str], int] = field(default_factory=dict)
    submissions: Mapping[str, int] = field(default_factory=dict)
    joins: Mapping[str, int] = field(default_factory=dict)
    attempts: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    records: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    incidents: int = 0
    clients: Mapping[str, int] = field(default_factory=dict)
    stations: int | None = None
    answers: Mapping[str, int] = field(default_factory=dict)
    readable: bool = True


def families(seen: Seen) -> Iterator[Family]:
    """Every metric, in an order that a person can read."""
    told = (({"version": seen.version}, 1.0),)
    yield Family("vestibule_info", _GAUGE, "The version that runs.", told)
    yield from _front(seen)
    yield from _behind(seen)
    yield from _process(seen.process)


def _front(seen: Seen) -> Iterator[Family]:
    words = "Captive checks answered, by the kind of client that asked."
    yield by("client", "vestibule_probes_total", _COUNTER, words, seen.probes)
    words = "DNS queries answered, by transport."
    yield by("transport", "vestibule_dns_answers_total", _COUNTER, words, seen.answers)
    found = tuple(
        ({"endpoint": endpoint, "code": code}, float(number))
        for (endpoint, code), number in sorted(seen.requests.items())
    )
    words = "Pages and API calls answered, by endpoint and status code."
    yield Family("vestibule_http_requests_total", _COUNTER, words, found)
    words = "Forms that came in, by what became of them."
    yield by("result", "vestibule_submissions_total", _COUNTER, words, seen.submissions)
    words = "Clients that hold an address, by whether they were told to be online."
    yield by("state", "vestibule_clients", _GAUGE, words, seen.clients)
    if seen.stations is not None:
        words = "Stations that are associated with the access point."
        yield single("vestibule_stations", _GAUGE, words, seen.stations)


def _behind(seen: Seen) -> Iterator[Family]:
    words = "Attempts to join a home network, by outcome."
    yield by("outcome", "vestibule_joins_total", _COUNTER, words, seen.joins)
    found = tuple(
        ({"delivery": name, "backend": backend, "result": result}, float(number))
        for (name, backend, result), number in sorted(seen.attempts.items())
    )
    words = "Attempts to deliver a record, by delivery, backend and result."
    yield Family("vestibule_delivery_attempts_total", _COUNTER, words, found)
    if seen.readable:
        words = "Records in the store, by state."
        yield by("state", "vestibule_records", _GAUGE, words, seen.records)
        words = "Records that a delivery has still to take."
        yield by("delivery", "vestibule_deliveries_pending", _GAUGE, words, seen.waiting)
        words = "Damaged databases that were set aside and are still there."
        yield single("vestibule_store_incidents", _GAUGE, words, seen.incidents)
    words = "Whether the store could be read."
    yield single("vestibule_store_up", _GAUGE, words, float(seen.readable))


def _process(process: Process) -> Iterator[Family]:
    words = "When the portal started, in seconds since 1970."
    yield single("process_start_time_seconds", _GAUGE, words, process.started)
    words = "Memory that the portal has, in bytes."
    yield single("process_resident_memory_bytes", _GAUGE, words, process.memory)
    words = "Processor time that the portal has used, in seconds."
    yield single("process_cpu_seconds_total", _COUNTER, words, process.busy)
    words = "Descriptors that the portal has open."
    yield single("process_open_fds", _GAUGE, words, process.descriptors)
