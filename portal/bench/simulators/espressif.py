"""Lives of ESPs: HTTPUpdate as the Arduino cores do it, and ESPHome's managed update."""

from __future__ import annotations

from portal.bench.simulators.acts import Answer, Ask, Fault, Life, Unit, path_of

# Between two polls, and from the last byte to the first poll of the new firmware, in seconds.
POLL = 10.0
RESTART = (4.0, 9.0)
# A device that is told "nothing" so often in a row after its work is unplugged.
PATIENCE = 6
_NOT_MODIFIED, _OK = 304, 200


def httpupdate(unit: Unit) -> Life:
    """Poll, flash what comes, restart, poll again with what runs now."""
    yield unit.seconds(0, 6)
    idle, fault, is_new = 0, unit.fault, False
    while idle < PATIENCE:
        cut = 40_000 if fault is Fault.POWER_CUT else None
        answer = yield Ask("GET", "/update.bin", _headers(unit), rate=unit.rate, cut=cut)
        if answer.status == _OK and (cut or not answer.whole):
            fault = Fault.NONE if cut else fault
            yield unit.seconds(*RESTART)
            continue
        if answer.status == _OK and answer.md5 == answer.headers.get("x-md5"):
            if fault is Fault.NEVER_BACK:
                return
            _flashed(unit, fault, answer)
            is_new = True
            yield unit.seconds(*RESTART)
            if fault is Fault.TWICE:
                yield Ask("GET", "/update.bin", _headers(unit))
            continue
        # Until it has its turn it waits as long as it takes.
        idle += is_new or answer.status not in {_NOT_MODIFIED, 0}
        yield unit.seconds(POLL * 0.8, POLL * 1.2)


def _flashed(unit: Unit, fault: Fault, answer: Answer) -> None:
    if fault is Fault.NEW_MAC:
        unit.mac = "06" + unit.mac[2:]
    if fault is not Fault.OLD_VERSION:
        unit.digest = answer.md5


def _headers(unit: Unit) -> dict[str, str]:
    """What the cores send."""
    family = "ESP8266" if unit.fault is Fault.WRONG_PRODUCT else "ESP32"
    said = {
        "STA-MAC": unit.mac.upper(),
        "AP-MAC": unit.mac.upper(),
        "free-space": "65536" if unit.fault is Fault.NO_SPACE else str(unit.free),
        "sketch-size": "917504",
        "sketch-md5": unit.digest or "0" * 32,
        "chip-size": "4194304",
        "sdk-version": "v5.3.1",
        "mode": "sketch",
        "version": unit.version,
    }
    headers = {f"x-{family}-{name}": value for name, value in said.items()}
    return {"User-Agent": f"{family}-http-Update", "Cache-Control": "no-cache", **headers}


def esphome(unit: Unit) -> Life:
    """Look at the manifest, take what is new, restart."""
    yield unit.seconds(0, 6)
    fault, idle, is_new = unit.fault, 0, False
    product = f"not-{unit.product}" if fault is Fault.WRONG_PRODUCT else unit.product
    while idle < PATIENCE:
        # Beside an access point its lease says who it is; here it has to say so itself.
        query = f"version={unit.version}&mac={unit.mac}"
        offer = (yield Ask("GET", f"/bench/esphome/{product}/manifest.json?{query}")).json()
        ota = _ota(offer) if offer.get("version") not in {None, unit.version} else {}
        if not ota:
            idle += is_new or fault is Fault.WRONG_PRODUCT
            yield unit.seconds(POLL * 0.8, POLL * 1.2)
            continue
        cut = 40_000 if fault is Fault.POWER_CUT else 0 if fault is Fault.NO_SPACE else None
        image = yield Ask("GET", path_of(ota["path"]), rate=unit.rate, cut=cut)
        if image.status == _OK and cut is None and image.md5 == ota["md5"]:
            if fault is Fault.NEVER_BACK:
                return
            unit.version = unit.version if fault is Fault.OLD_VERSION else str(offer["version"])
            unit.mac = "06" + unit.mac[2:] if fault is Fault.NEW_MAC else unit.mac
            is_new = True
        fault = Fault.NONE if fault is Fault.POWER_CUT else fault
        idle += fault is Fault.NO_SPACE
        yield unit.seconds(*RESTART)


def _ota(offer: dict[str, object]) -> dict[str, str]:
    """The build for this chip."""
    builds = offer.get("builds")
    found = builds[0] if isinstance(builds, list) and builds else {}
    ota: dict[str, str] = found.get("ota", {})
    return ota if ota.get("path") else {}
