"""The life of a device that speaks the bench's own protocol, version 1 (docs/bench-protocol.md)."""

from __future__ import annotations

import json
from typing import Any, Final

from portal.bench.simulators.acts import Answer, Ask, Fault, Life, Unit, path_of
from portal.bench.simulators.espressif import PATIENCE, RESTART

_JSON: Final = {"Content-Type": "application/json"}
_PARTIAL: Final = 206
_OK: Final = 200


def ours(unit: Unit) -> Life:
    """Ask, fetch, resume what was cut, restart, fetch its document, report."""
    yield unit.seconds(0, 6)
    fault, idle, begun = unit.fault, 0, 0
    while idle < PATIENCE:
        told = (yield Ask("GET", f"/bench/v1/me?{_query(unit)}")).json()
        sleep = float(told.get("sleep", 5))
        if told.get("do") == "flash":
            image = yield _fetch(unit, told, begun, cut=fault is Fault.POWER_CUT)
            begun = _beside(begun, image)
            fault = Fault.NONE if fault is Fault.POWER_CUT else fault
            if begun < told["firmware"]["size"]:
                yield unit.seconds(*RESTART)
                continue
            yield _report(unit, told, "rebooting")
            if fault is Fault.NEVER_BACK:
                return
            _flashed(unit, fault, str(told["firmware"]["version"]))
            begun = 0
            yield unit.seconds(*RESTART)
        elif told.get("do") == "configure":
            document = yield Ask("GET", path_of(told["config"]["url"]))
            for _ in range(1 + (fault is Fault.TWICE)):
                yield _report(unit, told, "configured", ok=document.status == _OK)
        else:
            idle += told.get("do") == "rest" or told.get("state") in {"failed", "conflict"}
            yield unit.seconds(sleep, sleep * 1.2)


def _fetch(unit: Unit, told: dict[str, Any], begun: int, *, cut: bool) -> Ask:
    """The image, from where it broke off."""
    ranges = {"Range": f"bytes={begun}-"} if begun else {}
    path = path_of(told["firmware"]["url"])
    return Ask("GET", path, ranges, rate=unit.rate, cut=40_000 if cut else None)


def _beside(begun: int, image: Answer) -> int:
    """How many bytes it has now: a whole answer begins anew, a partial one goes on."""
    if image.status == _PARTIAL:
        return begun + image.length
    return image.length if image.status == _OK else begun


def _flashed(unit: Unit, fault: Fault, version: str) -> None:
    if fault is Fault.NEW_MAC:
        unit.mac = "06" + unit.mac[2:]
    if fault is not Fault.OLD_VERSION:
        unit.version = version


def _query(unit: Unit) -> str:
    hardware = f"not-{unit.product}" if unit.fault is Fault.WRONG_PRODUCT else unit.product
    free = 65_536 if unit.fault is Fault.NO_SPACE else unit.free
    said = {"mac": unit.mac, "serial": unit.serial, "hw": hardware, "fw": unit.version,
            "free": free}  # fmt: skip
    # All of it is letters, digits, dots, dashes and colons.
    return "&".join(f"{name}={value}" for name, value in said.items())


def _report(unit: Unit, told: dict[str, Any], step: str, *, ok: bool = True) -> Ask:
    log = f"{step} at {unit.version}"
    said = {"mac": unit.mac, "serial": unit.serial, "attempt": told.get("attempt"),
            "step": step, "ok": ok, "fw": unit.version, "log": log}  # fmt: skip
    return Ask("POST", "/bench/v1/report", _JSON, json.dumps(said).encode())
