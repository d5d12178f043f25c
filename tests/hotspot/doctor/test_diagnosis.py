"""What is found, from what is so: a table, with the whole page of a healthy machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import settings as told
from hotspot.doctor import diagnosis, machine
from hotspot.doctor.facts import Certificate, Clock, Disk, Folder, Port, Unit
from hotspot.doctor.finding import (
    Close,
    Fix,
    Level,
    MakeFolder,
    PutBack,
    SetCountry,
    StayAwake,
    Unblock,
    worst,
)
from hotspot.settings import Portal, Security, Settings
from tests.hotspot.doctor.cases import ADAPTER, MIB, RADIO, SETTINGS, facts, radio

HEALTHY = """\
ok  settings    /etc/vestibule/config.toml can be used
ok  run         `vestibule run` is running (pid 17)
ok  adapter     wlan0 (brcmfmac) will be the access point
ok  channels    wlan0 may use 2.4 GHz: 1-13; 5 GHz: 36-40
ok  joining     can stay on the air while joining: yes, same channel
ok              can take its visitors along to another channel: yes, it announces the change
ok  rfkill      wlan0 is not switched off
ok  power       wlan0 does not save power
ok  country     the radios follow the rules of DE
ok  neighbours  nobody else looks after wlan0
ok  ports       ours, as Vestibule runs
ok  programs    hostapd, dnsmasq and nftables are installed
ok  clock       it says 2027-01-15 08:00 UTC
ok  disk        900 MiB free of 4,000
ok  state       /var/lib/vestibule is closed to others
ok  sqlite      SQLite 3.51.3

All is well."""

FAILED = Unit("vestibule-ap.service", "loaded", "failed", "failed", "exit-code", 4)
ACTIVE = Unit("vestibule-dns.service", "loaded", "active", "running")
OPEN = Settings(radio=told.Radio(country="DE", security=Security.OPEN))
OTHER = Settings(radio=told.Radio(country="DE", interface="wlan1"))
LOUD = replace(SETTINGS, portal=Portal(mdns=True))

STOPPED: dict[str, Any] = {"run": None}
CASES: list[tuple[dict[str, Any], str, Level, str, Fix | None]] = [
    ({"radios": ()}, "adapter", Level.PROBLEM, "there is no Wi-Fi adapter", None),
    ({"radios": None}, "adapter", Level.WARNING, "cannot be asked", None),
    ({"settings": OTHER}, "adapter", Level.PROBLEM, "no Wi-Fi adapter wlan1", None),
    ({"radios": (radio(types=frozenset({"station"})),)}, "adapter", Level.PROBLEM, "no AP", None),
    ({"radios": (radio(combinations=()),)}, "joining", Level.NOTE, "joining: no", None),
    ({"radios": (radio(announces=False),)}, "joining", Level.NOTE, "channel: no", None),
    (
        {"radios": (radio(combinations=(replace(ADAPTER.combinations[0], channels=2),)),)},
        *("joining", Level.FINE, "yes, on any channel", None),
    ),
    ({"radios": (radio(frequencies=()),)}, "channels", Level.FINE, "no channel", None),
    (
        {"radios": (replace(RADIO, blocked="software"),)},
        *("rfkill", Level.PROBLEM, "by software", Unblock("wlan0")),
    ),
    (
        {"radios": (replace(RADIO, blocked="hardware"),)},
        *("rfkill", Level.PROBLEM, "by hardware", None),
    ),
    (
        {"radios": (replace(RADIO, saves_power=True),)},
        *("power", Level.WARNING, "saves power", StayAwake("wlan0")),
    ),
    ({"country": "US"}, "country", Level.WARNING, "the rules of US", SetCountry("DE")),
    ({"country": "00"}, "country", Level.NOTE, "a start sets DE", None),
    ({"country": "99"}, "country", Level.NOTE, "rules of its own", None),
    ({"country": "00", "rules": False}, "country", Level.PROBLEM, "no country's rules", None),
    (
        {"radios": (replace(RADIO, held_by=frozenset({"NetworkManager"})),)},
        *("neighbours", Level.NOTE, "NetworkManager looks after wlan0", None),
    ),
    (
        STOPPED | {"radios": (replace(RADIO, silent_supplicant=77),)},
        *("neighbours", Level.PROBLEM, "pid 77", None),
    ),
    ({"programs": {"iwd": (5,)}}, "neighbours", Level.WARNING, "iwd", None),
    ({"programs": {"connmand": (5,)}}, "neighbours", Level.WARNING, "ConnMan", None),
    ({"programs": {"dhcpcd": (5,)}}, "neighbours", Level.WARNING, "dhcpcd", None),
    (STOPPED | {"programs": {"hostapd": (5, 6)}}, "neighbours", Level.WARNING, "5, 6", None),
    (STOPPED | {"programs": {"dnsmasq": (8,)}}, "neighbours", Level.WARNING, "answer DHCP", None),
    ({"programs": {"dnsmasq": (8,)}}, "neighbours", Level.FINE, "nobody else", None),
    (
        STOPPED | {"programs": {"nginx": (9,), "systemd-resolve": (1,)}},
        *("ports", Level.FINE, "systemd-resolved, nginx beside us", None),
    ),
    (
        {"programs": {"avahi-daemon": (5,)}, "settings": LOUD},
        *("neighbours", Level.NOTE, "avahi-daemon", None),
    ),
    (
        STOPPED | {"ports": (Port("tcp", 80, "nginx (pid 9)"),)},
        *("ports", Level.PROBLEM, "TCP port 80 is taken by nginx (pid 9)", None),
    ),
    (STOPPED | {"ports": (Port("udp", 53),)}, "ports", Level.PROBLEM, "another program", None),
    (STOPPED | {"ports": None}, "ports", Level.NOTE, "cannot be seen", None),
    (STOPPED, "ports", Level.FINE, "53, 67 and 80 are free", None),
    (STOPPED, "run", Level.NOTE, "not running", None),
    (
        STOPPED | {"left": True},
        *("run", Level.WARNING, "cut short", PutBack("/run/vestibule")),
    ),
    ({"units": (FAILED, ACTIVE)}, "units", Level.PROBLEM, "vestibule-ap.service has failed", None),
    (
        {"units": (replace(ACTIVE, restarts=3),)},
        *("units", Level.WARNING, "started anew 3 times", None),
    ),
    ({"units": (ACTIVE,)}, "units", Level.FINE, "1 of 1 units", None),
    ({"missing": ("hostapd", "nftables")}, "programs", Level.PROBLEM, "hostapd, nftables", None),
    ({"clock": Clock(0.0, 1.7e9)}, "clock", Level.WARNING, "the clock says 1970-01-01", None),
    ({"clock": Clock(1.8e9, synchronized=False)}, "clock", Level.NOTE, "nobody sets it", None),
    ({"clock": Clock(1.8e9, battery=False)}, "clock", Level.NOTE, "no battery", None),
    ({"disk": Disk(MIB, 100 * MIB)}, "disk", Level.PROBLEM, "1 MiB free of 100", None),
    ({"disk": Disk(40 * MIB, 100 * MIB)}, "disk", Level.WARNING, "less than the 64 MiB", None),
    ({"disk": Disk(0, 0, read_only=True)}, "disk", Level.PROBLEM, "read-only", None),
    (
        {"state": Folder("/s", mode=0o755)},
        *("state", Level.WARNING, "mode 0755", Close("/s", 0o700)),
    ),
    (
        {"state": Folder("/s", exists=False)},
        *("state", Level.NOTE, "not there yet", MakeFolder("/s", 0o700)),
    ),
    ({"sqlite": (3, 30, 0)}, "sqlite", Level.PROBLEM, "too old", None),
    ({"sqlite": (3, 40, 1)}, "sqlite", Level.FINE, "WAL-reset bug; no WAL is used", None),
    ({"settings": None, "problems": ("f: radio = 1",)}, "settings", Level.PROBLEM, "radio", None),
    ({"settings": OPEN}, "settings", Level.WARNING, "open", None),
    (
        {"certificate": Certificate(refused="it has expired", remedy="renew it")},
        *("certificate", Level.PROBLEM, "it has expired", None),
    ),
    (
        {"certificate": Certificate(("it expires on 2027-01-01: renew it",))},
        *("certificate", Level.WARNING, "expires on", None),
    ),
    ({"certificate": Certificate()}, "certificate", Level.FINE, "phones will take it", None),
    ({"records": {"states": {"waiting": 2}}}, "records", Level.NOTE, "2 wait", None),
    (
        {"records": {"states": {"dead": 1, "rejected": 2}}},
        *("records", Level.WARNING, "2 rejected and 1 dead", None),
    ),
    ({"records": {"incidents": ["a file was damaged"]}}, "records", Level.WARNING, "damaged", None),
    ({"records": {"states": {"delivered": 3}}}, "records", Level.FINE, "3 kept", None),
    ({"root": False}, "doctor", Level.NOTE, "not run as root", None),
]


def test_a_healthy_machine() -> None:
    """All of it, as a person reads it, and the status for a script."""
    found = diagnosis.findings(facts())
    assert "\n".join(diagnosis.lines(found, 100)) == HEALTHY
    assert diagnosis.status(found) == 0


@pytest.mark.parametrize(("changes", "theme", "level", "words", "fix"), CASES)
def test_findings(
    changes: dict[str, Any], theme: str, level: Level, words: str, fix: Fix | None
) -> None:
    """What is so is said, how bad it is, and what a program may do about it."""
    found = diagnosis.findings(facts(**changes))
    (one,) = [each for each in found if each.theme == theme and words in each.says]
    assert (one.level, one.fix) == (level, fix)
    assert bool(one.remedy) >= (level in {Level.PROBLEM, Level.WARNING})
    assert diagnosis.status(found) == (worst(found) is Level.PROBLEM)


def test_every_problem_has_a_remedy() -> None:
    """Whoever is told what is wrong is told what helps."""
    for changes, *_ in CASES:
        for one in diagnosis.findings(facts(**changes)):
            assert one.remedy or one.level in {Level.FINE, Level.NOTE}, one


@pytest.mark.parametrize("holder", ["nginx (pid 9)", "systemd-resolve (pid 1)", "dnsmasq (pid 2)"])
def test_a_port_can_be_shared(holder: str) -> None:
    """For those we know, how to have them make room instead of stopping them."""
    found = diagnosis.findings(facts(run=None, ports=(Port("tcp", 80, holder),)))
    (one,) = [each for each in found if each.theme == "ports"]
    assert "stop" not in one.remedy


@given(st.integers(20, 200))
def test_any_width(width: int) -> None:
    """No line is wider than the terminal, from the narrowest useful one on; none is lost."""
    found = diagnosis.findings(facts(country="US", run=None, ports=(Port("tcp", 80, "nginx"),)))
    told_lines = list(diagnosis.lines(found, width))
    longest = max(len(word) for one in found for word in f"{one.says} {one.remedy}".split())
    assert max(map(len, told_lines[:-1])) <= max(width, 40, 18 + longest)
    said = " ".join("\n".join(told_lines).split())
    assert all(" ".join(one.says.split()) in said for one in found)


@pytest.mark.parametrize(
    ("version", "has"),
    [
        ((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 44, 5), True),
        ((3, 44, 6), False), ((3, 45, 0), True), ((3, 50, 6), True), ((3, 50, 7), False),
        ((3, 51, 2), True), ((3, 51, 3), False), ((3, 52, 0), False),
    ],
)  # fmt: skip
def test_the_reset_bug(version: tuple[int, int, int], has: bool) -> None:  # noqa: FBT001 - a table
    """As sqlite.org has it: from 3.7.0 to 3.51.2, without two branches that got the fix."""
    assert machine.has_reset_bug(version) is has


def test_for_a_program() -> None:
    """The same as JSON, a fix with its kind and its words."""
    found = diagnosis.findings(facts(country="US"))
    document = diagnosis.document(found)
    assert document["verdict"] == "warning"
    (one,) = [each for each in document["findings"] if each["theme"] == "country"]
    assert one["fix"]["kind"] == "SetCountry"
    assert one["fix"]["country"] == "DE"
    assert len(document["findings"]) == len(found)
