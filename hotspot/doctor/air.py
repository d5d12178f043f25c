"""Findings about the radio: what it can be, what it may do, and whether it is let."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from hotspot.channel import band, channel_of
from hotspot.doctor.finding import (
    Finding,
    SetCountry,
    StayAwake,
    Unblock,
    fine,
    note,
    problem,
    warning,
)

if TYPE_CHECKING:
    from hotspot.air.nl80211 import Adapter, Frequency
    from hotspot.doctor.facts import Facts, Radio

# The regulatory domain of nowhere: the least that every country allows.
_WORLD: Final = "00"
# Self-managed domains of drivers that know better than the kernel (iw reg get: "99").
_OWN: Final = "99"


def findings(facts: Facts) -> Iterator[Finding]:
    """Every adapter, then the one that would be the access point, then its country."""
    if facts.radios is None:
        yield warning("adapter", "the radios cannot be asked", "run it as root")
        return
    if not facts.radios:
        remedy = "plug one in; if it is, its driver or firmware is missing: dmesg says which"
        yield problem("adapter", "there is no Wi-Fi adapter", remedy)
        return
    yield from _adapters(facts, facts.radios)
    chosen = facts.chosen
    if chosen is not None:
        yield from _abilities(chosen)
        yield from _switches(chosen)
    yield from _country(facts)


def _adapters(facts: Facts, radios: tuple[Radio, ...]) -> Iterator[Finding]:
    wanted = facts.settings.radio.interface if facts.settings else None
    names = ", ".join(one.name for one in radios)
    if wanted and wanted not in {one.name for one in radios}:
        remedy = f"set radio.interface to one that is there: {names}"
        yield problem("adapter", f"there is no Wi-Fi adapter {wanted}", remedy)
    for one in radios:
        driver = f" ({one.driver})" if one.driver else ""
        is_chosen = facts.chosen is not None and one.name == facts.chosen.name
        if one.adapter.can_be_access_point:
            role = "will be the access point" if is_chosen else "could be an access point too"
            yield fine("adapter", f"{one.name}{driver} {role}")
        elif wanted in {None, one.name} and facts.chosen is None:
            what = f"{one.name}{driver} cannot be an access point: its driver has no AP mode"
            yield problem("adapter", what, "use another adapter: docs/hardware.md has a list")
        else:
            yield note("adapter", f"{one.name}{driver} cannot be an access point, and need not")


def _abilities(radio: Radio) -> Iterator[Finding]:
    adapter = radio.adapter
    yield fine("channels", f"{radio.name} may use {_channels(adapter)}")
    yield _while_joining(adapter)
    if adapter.channels_beside == 1:
        yield _switch(adapter)


def _while_joining(adapter: Adapter) -> Finding:
    """Whether the page stays on the air while the home network is tried."""
    asked = "can stay on the air while joining"
    if adapter.channels_beside > 1:
        return fine("joining", f"{asked}: yes, on any channel")
    if adapter.channels_beside == 1:
        return fine("joining", f"{asked}: yes, same channel")
    remedy = "the page goes away for the attempt and comes back; a second adapter keeps it there"
    return note("joining", f"{asked}: no, this radio is one thing at a time", remedy)


def _switch(adapter: Adapter) -> Finding:
    asked = "can take its visitors along to another channel"
    if adapter.announces:
        return fine("joining", f"{asked}: yes, it announces the change")
    remedy = "for a home network on another channel it starts anew there, and phones find it again"
    return note("joining", f"{asked}: no, this driver announces no change", remedy)


def _channels(adapter: Adapter) -> str:
    usable = [one for one in adapter.frequencies if not one.disabled and not one.no_ir]
    bands = {name: [one for one in usable if band(one.mhz) == name] for name in _BANDS}
    parts = [f"{name}: {_ranges(found)}" for name, found in bands.items() if found]
    return "; ".join(parts) or "no channel as an access point"


_BANDS: Final = ("2.4 GHz", "5 GHz")


def _ranges(found: list[Frequency]) -> str:
    """Channel numbers, what stands next to each other drawn together."""
    step = 1 if band(found[0].mhz) == "2.4 GHz" else 4
    runs: list[list[int]] = []
    for number in sorted(filter(None, (channel_of(one.mhz) for one in found))):
        if runs and number == runs[-1][-1] + step:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _switches(radio: Radio) -> Iterator[Finding]:
    if radio.blocked == "hardware":
        what = f"{radio.name} is switched off by hardware (rfkill)"
        yield problem("rfkill", what, "switch Wi-Fi on by the machine's switch or key")
    elif radio.blocked:
        what = f"{radio.name} is switched off by software (rfkill)"
        yield problem("rfkill", what, "rfkill unblock wlan", Unblock(radio.name))
    else:
        yield fine("rfkill", f"{radio.name} is not switched off")
    if radio.saves_power:
        what = f"{radio.name} saves power: answers may come late"
        yield warning(
            "power", what, f"iw dev {radio.name} set power_save off", StayAwake(radio.name)
        )
    elif radio.saves_power is False:
        yield fine("power", f"{radio.name} does not save power")


def _country(facts: Facts) -> Iterator[Finding]:
    if facts.settings is None:
        return
    wanted, now = facts.settings.radio.country, facts.country
    if now == wanted:
        yield fine("country", f"the radios follow the rules of {wanted}")
    elif not facts.rules:
        what = f"the kernel knows no country's rules, so {wanted} cannot be set"
        yield problem("country", what, "apt install wireless-regdb, then restart the machine")
    elif now == _OWN:
        yield note("country", f"the driver keeps rules of its own; the settings say {wanted}")
    elif now in {_WORLD, ""}:
        yield note("country", f"no country is set yet; a start sets {wanted}")
    else:
        what = f"the radios follow the rules of {now}, the settings say {wanted}"
        remedy = f"a start sets it; or iw reg set {wanted}"
        yield warning("country", what, remedy, SetCountry(wanted))
