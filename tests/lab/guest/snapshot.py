"""What a machine's network is, as text that two moments can be compared by."""

from __future__ import annotations

import contextlib
import difflib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.lab.guest.program import run

# Counters and remaining seconds: they change by themselves.
RESTLESS: Final = {"valid_life_time", "preferred_life_time", "stats", "stats64"}
TABLES: Final = {
    "links": ("ip", "-j", "-details", "link", "show"),
    "addresses": ("ip", "-j", "addr", "show"),
    "routes": ("ip", "-j", "route", "show", "table", "all"),
    "routes6": ("ip", "-j", "-6", "route", "show", "table", "all"),
    "rules": ("ip", "-j", "rule", "show"),
    "rules6": ("ip", "-j", "-6", "rule", "show"),
}
SYSCTLS: Final = "/proc/sys/net"
# The number of connections tracked right now is no setting.
COUNTERS: Final = {"nf_conntrack_count"}

Snapshot = dict[str, list[str]]


def take() -> Snapshot:
    """Links, addresses, routes, rules, nftables, radio interfaces and sysctls, line by line."""
    found = {name: lines(json.loads(run(*argv))) for name, argv in TABLES.items()}
    found["nftables"] = run("nft", "list", "ruleset").splitlines()
    found["radios"] = [line for line in run("iw", "dev").splitlines() if "txpower" not in line]
    found["sysctls"] = sorted(_sysctls())
    return found


def difference(before: Snapshot, after: Snapshot) -> list[str]:
    """What changed, as the lines of a diff; nothing if nothing did."""
    changed: list[str] = []
    for name, lines in before.items():
        diff = difflib.unified_diff(lines, after[name], name, name, lineterm="", n=1)
        changed += diff
    return changed


def lines(rows: list[dict[str, Any]]) -> list[str]:
    """Rows as text, one value per line, without what changes by itself."""
    return json.dumps([_still(row) for row in rows], indent=1, sort_keys=True).splitlines()


def _still(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _still(inner) for key, inner in value.items() if key not in RESTLESS}
    if isinstance(value, list):
        return [_still(inner) for inner in value]
    return value


def _sysctls() -> Iterator[str]:
    for folder, _, names in os.walk(SYSCTLS):
        for name in names:
            # Written only (route/flush), or no value until it is set (stable_secret): no setting.
            with contextlib.suppress(OSError):
                value = Path(folder, name).read_text().strip()
                if name not in COUNTERS:
                    yield f"{folder}/{name}={value}"
