"""Up and down, again and again, every other time with all of it killed first: as it was before."""

from __future__ import annotations

import time
from typing import Final

from tests.lab.guest import snapshot
from tests.lab.guest.appliance import STATE, Config
from tests.lab.guest.lab import Lab
from tests.lab.guest.program import run, until
from tests.lab.guest.units import DOWN_SECONDS, PREPARE, SETTINGS, Units, active, systemctl

RADIOS: Final = 1
LONG: Final = True
SYSTEMD: Final = True
MOST_SECONDS: Final = 2400
CYCLES: Final = 20
CONFIG: Final = Config()
UP_SECONDS: Final = 420.0


def tell(lab: Lab) -> None:
    """20 of 20: links, addresses, routes, nftables, sysctls. Two of ten cycles end when all is up,
    the others in the middle of the way up; every other one after signal 9 to everything.
    """
    appliance = Units(CONFIG)
    appliance.unpack()
    before = snapshot.take()
    for cycle in range(CYCLES):
        appliance.start()
        if cycle % 10 < 2:
            appliance.up(UP_SECONDS)
        else:
            until(lambda: active(PREPARE), UP_SECONDS, "prepared interface")
        if cycle % 2:
            systemctl("kill", "--signal=KILL", "vestibule-*.service")
        began = time.monotonic()
        appliance.stop()
        took = round(time.monotonic() - began, 1)
        changed = snapshot.difference(before, snapshot.take())
        lab.tells(cycle=cycle, killed=bool(cycle % 2), stopped_after_seconds=took, changed=changed)
        assert not changed, "\n".join(["not as before:", *changed[:60]])
        assert took < DOWN_SECONDS
    purge()
    changed = snapshot.difference(before, snapshot.take())
    assert not changed, "\n".join(["not as before:", *changed[:60]])


def purge() -> None:
    """What the package's scripts do at the end; nothing of ours is left in the places of state."""
    run("rm", "-rf", str(SETTINGS.parent), str(STATE), "/run/vestibule")
    systemctl("daemon-reload")
