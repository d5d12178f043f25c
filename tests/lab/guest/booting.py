"""One machine in two lives: the package installed, and the machine booted after that.

python -m tests.lab.guest.booting install|boot
"""

from __future__ import annotations

import sys
import time
from typing import Final

from tests.lab.guest import units
from tests.lab.guest.appliance import Config
from tests.lab.guest.lab import Lab
from tests.lab.guest.units import Units
from tests.lab.stories import package_first_phone as story

CONFIG: Final = Config()


def main() -> int:
    """One of the two lives; what they tell is in the report of the share."""
    appliance = Units(CONFIG)
    with Lab() as lab:
        if sys.argv[1] == "install":
            lab.tells(installed_in_seconds=round(appliance.install(), 1))
        else:
            began = time.monotonic()
            appliance.up()
            lab.tells(on_the_air_after_seconds=round(time.monotonic() - began, 1))
            story.completes_set_up(lab, lab.phone(radio=1), appliance)
            lab.tells(pss_mib=appliance.memory(), restarts=appliance.restarts())
            appliance.stop()
            assert not units.denials(), "\n".join(units.denials()[:40])
    return 0


if __name__ == "__main__":
    sys.exit(main())
