"""Who may import whom: four floors, three packages, two arrows between them.

    CLI     what a person or systemd starts
    SHELL   sockets, netlink, processes, Flask, SQLite
    POLICY  decisions from values to values
    CORE    settings, formats, messages, records

Imports go down or sideways inside a package, never up. A new module is given its floor here.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("dnsd", "hotspot", "portal")
# The only arrow between packages: the network owns the facts, the others read them.
SHARED = "hotspot.settings"

FLOORS = {
    "CORE": """
        dnsd.message
        hotspot.drawing hotspot.pdf hotspot.svg
        hotspot.agent.protocol
        hotspot.deliveries hotspot.dnsmasq hotspot.elements hotspot.errors hotspot.events
        hotspot.fields hotspot.hostapd hotspot.joining hotspot.nftables hotspot.nl80211
        hotspot.options
        hotspot.reading hotspot.rtnetlink hotspot.settings hotspot.showing hotspot.steps
        hotspot.uplink.lease hotspot.uplink.outcome hotspot.uplink.room hotspot.uplink.wanted
        hotspot.uplink.wire
        hotspot.values hotspot.writing
        hotspot.owner.networkd hotspot.owner.port
        portal.heads portal.languages portal.logo portal.shades portal.tight portal.words
        portal.provisioning.join portal.provisioning.life portal.provisioning.record
        portal.reports
        portal.provisioning.access portal.provisioning.body portal.provisioning.salvage
        portal.provisioning.sealing portal.provisioning.withheld
    """,
    "POLICY": """
        dnsd.answer dnsd.fast dnsd.names
        hotspot.label
        hotspot.agent.port hotspot.agent.telling
        hotspot.backoff hotspot.channel hotspot.demo hotspot.follow hotspot.homecoming hotspot.lines
        hotspot.order hotspot.plan hotspot.programs
        hotspot.owner.choosing hotspot.owner.configuration hotspot.owner.profile
        hotspot.uplink.credentials hotspot.uplink.internet hotspot.uplink.sighting
        hotspot.uplink.verdict hotspot.uplink.way
        portal.announcement portal.blank portal.forms portal.leases portal.networks portal.probes
        portal.ready
        portal.provisioning.backends.addresses portal.provisioning.backends.reasons
        portal.provisioning.backends.signing portal.provisioning.backends.statuses
        portal.provisioning.exporting portal.provisioning.placeholders
        portal.provisioning.backend portal.provisioning.listing portal.provisioning.schedule
        portal.outcomes portal.progress portal.sheet portal.visitors portal.wish
        portal.documents portal.entrance portal.questions
        portal.limits
        portal.tokens
        portal.provisioning.sifting portal.schema
    """,
    "SHELL": """
        hotspot.qr hotspot.serial portal.openapi
        hotspot.agent.asking hotspot.agent.demo hotspot.agent.joining hotspot.agent.peers
        hotspot.agent.radio hotspot.agent.scanning hotspot.agent.server hotspot.agent.story
        hotspot.agent.verbs
        dnsd.batch dnsd.plain dnsd.server dnsd.stream dnsd.systemd
        hotspot.certificate hotspot.children hotspot.control hotspot.files hotspot.foreground
        hotspot.holders hotspot.homeward hotspot.homewatch hotspot.household
        hotspot.identity hotspot.journal hotspot.keeping hotspot.lock hotspot.loop hotspot.machine
        hotspot.neighbours hotspot.netlink hotspot.preflight hotspot.prepare hotspot.ready
        hotspot.restore hotspot.scan hotspot.selftest hotspot.sockets hotspot.stations
        hotspot.supervise
        hotspot.uplink.attempt hotspot.uplink.dhcp hotspot.uplink.inside hotspot.uplink.interface
        hotspot.uplink.looking hotspot.uplink.means hotspot.uplink.moving hotspot.uplink.steps
        hotspot.uplink.supplicant
        hotspot.uplink.trial hotspot.uplink.waiting
        hotspot.watch hotspot.wireless
        hotspot.owner.bus hotspot.owner.networkmanager hotspot.owner.opening
        hotspot.owner.supplicants hotspot.owner.wpa_supplicant
        portal.api portal.app portal.brand portal.capport portal.catalogues portal.connection
        portal.descriptors portal.detect portal.face portal.speech
        portal.doorstep portal.farewell portal.front portal.handover portal.pages portal.pair
        portal.relay portal.release portal.server portal.worker
        portal.provisioning.attempts portal.provisioning.backends.command
        portal.provisioning.backends.connection portal.provisioning.backends.file
        portal.provisioning.backends.http portal.provisioning.backends.line
        portal.provisioning.backends.mqtt portal.provisioning.backends.session
        portal.provisioning.backends.tls
        portal.provisioning.clock portal.provisioning.commit portal.provisioning.credentials
        portal.provisioning.database portal.provisioning.lanes portal.provisioning.place
        portal.provisioning.erasing portal.provisioning.room
        portal.provisioning.incident portal.provisioning.mending portal.provisioning.recovery
        portal.provisioning.routes
        portal.provisioning.deliver portal.provisioning.doorbell portal.provisioning.files
        portal.provisioning.migrations portal.provisioning.outbox portal.provisioning.store
        portal.provisioning.tables portal.scans portal.services portal.systemd
        portal.joining portal.radio portal.trial
        portal.acts portal.rescan
        portal.paper portal.streams
    """,
    "CLI": """
        dnsd.__main__ hotspot.commands.qr
        hotspot.__main__ hotspot.agent.__main__ hotspot.commands.clients hotspot.commands.config
        hotspot.commands.home hotspot.commands.join hotspot.commands.keys hotspot.commands.network
        hotspot.commands.radio
        hotspot.commands.records hotspot.commands.reset hotspot.commands.run hotspot.commands.steps
        portal.__main__ portal.clients portal.mdns portal.provisioning.__main__ portal.tls
        portal.provisioning.conformance portal.provisioning.keys
    """,
}
HEIGHT = {
    module: height for height, floor in enumerate(FLOORS.values()) for module in floor.split()
}
PURE = [module for floor in ("CORE", "POLICY") for module in FLOORS[floor].split()]

# What touches the world. `time` and `random` too: a pure module takes both as arguments.
WORLD = {
    "asyncio", "ctypes", "fcntl", "flask", "glob", "gunicorn", "io", "logging", "mmap", "os",
    "pathlib", "pyroute2", "random", "secrets", "select", "selectors", "shutil", "signal",
    "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib",
}  # fmt: skip


def name_of(path: Path) -> str:
    """The dotted name of a module from its path."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    name_of(path): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if path.name != "__init__.py"
}


def imports(module: str) -> set[str]:
    """Every module named by an import statement, wherever it stands in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative imports hide who is meant"
            base = node.module or ""
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return found


def ours(module: str) -> set[str]:
    """The project's own modules among a module's imports."""
    return {name for name in imports(module) if name in MODULES}


def test_every_module_has_a_floor() -> None:
    """The plan lists exactly the modules that exist."""
    assert set(MODULES) == set(HEIGHT)


def test_package_files_are_empty() -> None:
    """A process pays only for the modules it names."""
    full = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
        if path.read_text().strip()
    ]

    assert not full


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    """No module imports one from a higher floor."""
    up = {name for name in ours(module) if HEIGHT[name] > HEIGHT[module]}

    assert not up


@pytest.mark.parametrize("module", MODULES)
def test_packages_meet_only_in_the_settings(module: str) -> None:
    """dnsd and portal read hotspot.settings; nothing else crosses between packages."""
    package = module.partition(".")[0]
    foreign = {name for name in ours(module) if name.partition(".")[0] != package}

    assert foreign <= {SHARED}


@pytest.mark.parametrize("module", MODULES)
def test_the_domain_knows_no_flask(module: str) -> None:
    """portal.provisioning is the domain: it imports nothing of the web side."""
    if module.startswith("portal.provisioning."):
        web = {n for n in ours(module) if not n.startswith(("portal.provisioning.", "hotspot."))}

        assert not any(name.startswith("flask") for name in imports(module))
        assert web <= {"portal.systemd"}


@pytest.mark.parametrize("module", PURE)
def test_the_pure_floors_touch_nothing(module: str) -> None:
    """CORE and POLICY do no input or output, and ask neither the clock nor chance."""
    touched = {name.partition(".")[0] for name in imports(module)} & WORLD

    assert not touched


@pytest.mark.parametrize("module", MODULES)
def test_one_door_to_the_kernel(module: str) -> None:
    """Only hotspot.netlink imports pyroute2."""
    if module != "hotspot.netlink":
        assert not any(name.startswith("pyroute2") for name in imports(module))


@pytest.mark.parametrize("module", [name for name in MODULES if name.count(".") == 1])
def test_the_map_names_every_room(module: str) -> None:
    """ARCHITECTURE.md says what each module of hotspot is for."""
    package, name = module.split(".")
    if package == "hotspot" and name != "__main__":
        assert f"`{name}`" in (ROOT / "ARCHITECTURE.md").read_text()
