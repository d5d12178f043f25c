"""The package on a machine: installed, upgraded, removed and purged, in a copy of this one."""

from __future__ import annotations

from pathlib import Path

from tests.deploy.copies import Copy

STATE = "var/lib/vestibule"


def install(machine: Copy, package: Path) -> str:
    """Install the package as apt does, after whatever it depends on."""
    return machine.run("dpkg", "--install", package).stdout


def test_purge_leaves_nothing(machine: Copy, package: Path) -> None:
    """After purge every file of the machine is what it was before: users, settings, caches."""
    install(machine, package)
    assert (machine.written / STATE).is_dir()
    assert (machine.written / "etc/passwd").read_text().count("\nvestibule") == 3

    machine.run("dpkg", "--purge", "vestibule")

    assert machine.left() == []
    assert "vestibule" not in (machine.written / "var/lib/dpkg/status").read_text()
