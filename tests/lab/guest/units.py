"""The appliance as a machine has it: the Debian package installed, systemd with its units."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Final

from tests.lab.guest.appliance import STATE, Config, pss
from tests.lab.guest.program import run, until
from tests.lab.package import FOLDER, UNPACKED

SETTINGS: Final = Path("/etc/vestibule/config.toml")
TARGET: Final = "vestibule.target"
HOTSPOT: Final = "vestibule-hotspot.target"
AP: Final = "vestibule-ap.service"
PREPARE: Final = "vestibule-prepare.service"
HOUSE: Final = "vestibule-house.service"
# All that stays while the access point is there.
STAYING: Final = (
    *("vestibule-dns.service", "vestibule-portal.service", "vestibule-dhcp.service"),
    *(HOUSE, AP),
)
GROUPS: Final = Path("/sys/fs/cgroup/system.slice")
# Each in an emulator: dpkg with Python's compiler over 20 MB of source; six starts of Python.
INSTALL_SECONDS: Final = 400.0
UP_SECONDS: Final = 420.0
DOWN_SECONDS: Final = 150.0
COMMAND: Final = "/opt/vestibule/bin/vestibule"


class Units:
    """Vestibule's units; `install` first. What they say is in the guest's journal.log."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def install(self) -> float:
        """Install the package as `apt install ./vestibule_*.deb` does: the seconds it took."""
        (package,) = FOLDER.glob("*.deb")
        self.configure()
        # How a container says that no package may start anything; a machine has none.
        Path("/usr/sbin/policy-rc.d").unlink(missing_ok=True)
        # Or the manuals of the whole machine around it would be read anew, for minutes.
        Path("/var/lib/man-db/auto-update").unlink(missing_ok=True)
        began = time.monotonic()
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(
            ["dpkg", "-i", str(package)], check=True, env=environment, timeout=INSTALL_SECONDS
        )
        return time.monotonic() - began

    def unpack(self) -> None:
        """Put there what the package holds, as if it had been installed long ago; not started."""
        self.configure()
        for place in ("usr/lib", "usr/share/doc"):
            shutil.copytree(UNPACKED / place, Path("/") / place, dirs_exist_ok=True)
        Path("/opt").mkdir(exist_ok=True)
        Path("/opt/vestibule").symlink_to(UNPACKED / "opt/vestibule")
        for argv in (["systemd-sysusers"], ["systemd-tmpfiles", "--create"]):
            run(*argv, "vestibule.conf")
        systemctl("daemon-reload")

    def configure(self) -> None:
        """Write the settings."""
        SETTINGS.parent.mkdir(exist_ok=True)
        config = dataclasses.replace(self.config, delivered=STATE / "delivered")
        SETTINGS.write_text(config.toml())

    def up(self, seconds: float = UP_SECONDS) -> None:
        """Wait until the access point is on the air."""
        until(lambda: active(AP), seconds, f"{AP}: {self.failed()}")

    def start(self) -> None:
        """As at boot: nothing waits for it."""
        run("systemctl", "start", TARGET)

    def stop(self) -> None:
        """Stop all of it; when that returns, everything has been put back."""
        systemctl("stop", TARGET, seconds=DOWN_SECONDS)

    def failed(self) -> str:
        """What systemd says of the units."""
        return systemctl("--no-pager", "--all", "--plain", "list-units", "vestibule*")

    def main(self, unit: str) -> int:
        """The number of a unit's main process; 0 for none."""
        return int(show(unit, "MainPID"))

    def renewed(self, unit: str, former: int, seconds: float) -> float:
        """Wait until another process than `former` is up in its place: the seconds it took."""
        began = time.monotonic()

        def is_back() -> bool:
            return active(unit) and self.main(unit) not in {0, former}

        until(is_back, seconds, f"{unit} again: {self.failed()}")
        return round(time.monotonic() - began, 1)

    def restarts(self) -> dict[str, int]:
        """How often systemd has started each service anew."""
        return {unit: int(show(unit, "NRestarts")) for unit in self.services()}

    def services(self) -> list[str]:
        """The services that run now."""
        words = ("list-units", "--state=active", "--plain", "--no-legend", "vestibule*.service")
        return [line.split()[0] for line in systemctl(*words).splitlines()]

    def records(self) -> list[dict[str, Any]]:
        """What `vestibule records list --json` tells."""
        told: Any = json.loads(run(COMMAND, "records", "list", "--json"))
        return list(told["records"] if isinstance(told, dict) else told)

    def memory(self) -> dict[str, float]:
        """PSS of each unit in MiB."""
        found = {}
        for unit in self.services():
            group = GROUPS / unit / "cgroup.procs"
            # What has run to its end is active too, and has none.
            pids = group.read_text().split() if group.exists() else []
            if pids:
                found[unit] = round(sum(pss(int(pid)) for pid in pids) / 1024, 1)
        return found


def systemctl(*words: str, seconds: float = 60.0) -> str:
    """What systemctl says. Its failure fails the story."""
    done = subprocess.run(
        ["systemctl", *words], capture_output=True, text=True, check=False, timeout=seconds
    )
    assert done.returncode == 0, f"systemctl {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


def show(unit: str, what: str) -> str:
    """One property of a unit."""
    return systemctl("show", "--value", "-p", what, unit).strip()


def active(unit: str) -> bool:
    """Whether a unit is up."""
    done = subprocess.run(["systemctl", "is-active", "--quiet", unit], check=False, timeout=60)
    return done.returncode == 0


def journal(*words: str) -> list[str]:
    """Lines of the journal."""
    return run("journalctl", "--no-pager", "-o", "short-monotonic", *words).splitlines()


def denials() -> list[str]:
    """Lines of the journal, the kernel's included, that tell of something not allowed."""
    marks = ("denied", "not permitted", "Read-only file system", "SECCOMP", "Traceback")
    lines = journal("-b")
    return [line for line in lines if any(mark.lower() in line.lower() for mark in marks)]
