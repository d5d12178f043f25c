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
        dnsd.message hotspot.agent.protocol hotspot.air.elements hotspot.air.events
        hotspot.air.nl80211 hotspot.config.bench hotspot.config.deliveries hotspot.config.example
        hotspot.config.fields hotspot.config.listening hotspot.config.options hotspot.config.reading
        hotspot.config.reference hotspot.config.showing hotspot.config.texts hotspot.config.values
        hotspot.config.words hotspot.config.writing hotspot.dnsmasq hotspot.doctor.facts
        hotspot.doctor.finding hotspot.doctor.scrub hotspot.errors hotspot.hostapd
        hotspot.label.drawing hotspot.label.invitation hotspot.label.pdf hotspot.label.svg
        hotspot.machine.rtnetlink hotspot.machine.steps hotspot.nftables hotspot.owner.networkd
        hotspot.owner.port hotspot.settings hotspot.uplink.lease hotspot.uplink.outcome
        hotspot.uplink.room hotspot.uplink.wanted hotspot.uplink.wire portal.bench.artifacts.hashing
        portal.bench.artifacts.index portal.bench.artifacts.minisign portal.bench.artifacts.naming
        portal.bench.artifacts.quota portal.bench.artifacts.ranges portal.bench.desk
        portal.bench.devices.device portal.bench.devices.reasons portal.bench.devices.states
        portal.bench.devices.transitions portal.bench.documents.formats
        portal.bench.documents.templates portal.bench.ledger.chain portal.bench.ledger.schema
        portal.bench.manifest.columns portal.bench.manifest.reading portal.bench.port
        portal.bench.protocols.images portal.bench.protocols.saying portal.bench.wall.amounts
        portal.bench.wall.media portal.bench.wall.pins portal.bench.wall.tags portal.bench.wall.zpl
        portal.door.heads portal.door.pieces portal.joining.reports portal.language.languages
        portal.language.words portal.page.logo portal.page.shades portal.page.tight
        portal.provisioning.about portal.provisioning.access portal.provisioning.join
        portal.provisioning.keeping.body portal.provisioning.life portal.provisioning.moments.dating
        portal.provisioning.record portal.provisioning.repair.salvage
        portal.provisioning.secrecy.sealing portal.provisioning.secrecy.withheld
        portal.provisioning.shapes
    """,
    "POLICY": """
        dnsd.answer dnsd.fast dnsd.names hotspot.agent.port hotspot.agent.telling hotspot.air.follow
        hotspot.channel hotspot.doctor.air hotspot.doctor.company hotspot.doctor.diagnosis
        hotspot.doctor.house hotspot.doctor.machine hotspot.home.homecoming hotspot.home.house
        hotspot.label.label hotspot.owner.choosing hotspot.owner.configuration hotspot.owner.profile
        hotspot.plan hotspot.standing.screen hotspot.supervisor.backoff hotspot.supervisor.demo
        hotspot.supervisor.lines hotspot.supervisor.order hotspot.supervisor.programs
        hotspot.units.dropins hotspot.uplink.credentials hotspot.uplink.internet
        hotspot.uplink.sighting hotspot.uplink.verdict hotspot.uplink.way
        portal.bench.artifacts.fields portal.bench.artifacts.slots portal.bench.devices.acting
        portal.bench.devices.deciding portal.bench.devices.matching portal.bench.devices.stepping
        portal.bench.ledger.history portal.bench.manifest.exporting portal.bench.manifest.importing
        portal.bench.manifest.job portal.bench.parcels portal.bench.protocols.bootfiles
        portal.bench.protocols.esp portal.bench.protocols.hal portal.bench.protocols.jobs
        portal.bench.protocols.routing portal.bench.simulators.acts
        portal.bench.simulators.espressif portal.bench.simulators.fleet
        portal.bench.simulators.hearing portal.bench.simulators.ours portal.bench.simulators.zephyr
        portal.bench.wall.acts portal.bench.wall.changes portal.bench.wall.export
        portal.bench.wall.groups portal.bench.wall.remedies portal.bench.wall.report
        portal.bench.wall.tries portal.door.ready portal.form.documents portal.form.entrance
        portal.form.forms portal.form.limits portal.form.networks portal.form.questions
        portal.form.tokens portal.joining.progress portal.joining.wish portal.mdns.announcement
        portal.metrics.families portal.metrics.kinds portal.metrics.text portal.page.blank
        portal.page.outcomes portal.page.sheet portal.probes portal.provisioning.backend
        portal.provisioning.backends.addresses portal.provisioning.backends.placeholders
        portal.provisioning.backends.reasons portal.provisioning.backends.signing
        portal.provisioning.backends.statuses portal.provisioning.delivery.schedule
        portal.provisioning.repair.sifting portal.provisioning.telling.exporting
        portal.provisioning.telling.listing portal.release.leases portal.release.visitors
        portal.schema
    """,
    "SHELL": """
        dnsd.batch dnsd.counts dnsd.plain dnsd.server dnsd.stream dnsd.systemd hotspot.agent.asking
        hotspot.agent.demo hotspot.agent.dismissing hotspot.agent.joining hotspot.agent.peers
        hotspot.agent.radio hotspot.agent.scanning hotspot.agent.server hotspot.agent.story
        hotspot.agent.verbs hotspot.air.scan hotspot.air.stations hotspot.air.wireless
        hotspot.checks.certificate hotspot.checks.cutoff hotspot.checks.holders
        hotspot.checks.preflight hotspot.checks.selftest hotspot.control hotspot.doctor.asking
        hotspot.doctor.bundle hotspot.doctor.mending hotspot.doctor.observing
        hotspot.doctor.observing_air hotspot.doctor.secrets hotspot.files hotspot.home.button
        hotspot.home.homeward hotspot.home.homewatch hotspot.home.household hotspot.identity
        hotspot.label.qr hotspot.label.serial hotspot.log hotspot.machine.journal
        hotspot.machine.machine hotspot.machine.neighbours hotspot.machine.prepare
        hotspot.machine.restore hotspot.netlink hotspot.owner.bus hotspot.owner.networkmanager
        hotspot.owner.opening hotspot.owner.supplicants hotspot.owner.wpa_supplicant hotspot.parts
        hotspot.standing.snapshot hotspot.standing.watching hotspot.supervisor.bell
        hotspot.supervisor.children hotspot.supervisor.foreground hotspot.supervisor.keeping
        hotspot.supervisor.lock hotspot.supervisor.loop hotspot.supervisor.ready
        hotspot.supervisor.sockets hotspot.supervisor.supervise hotspot.supervisor.watch
        hotspot.units.notify hotspot.units.orders hotspot.units.pulse hotspot.units.steward
        hotspot.units.stuck hotspot.uplink.attempt hotspot.uplink.dhcp hotspot.uplink.inside
        hotspot.uplink.interface hotspot.uplink.looking hotspot.uplink.means hotspot.uplink.moving
        hotspot.uplink.steps hotspot.uplink.supplicant hotspot.uplink.trial hotspot.uplink.waiting
        portal.api portal.app portal.bench.arriving portal.bench.artifacts.admission
        portal.bench.artifacts.progress portal.bench.artifacts.serving portal.bench.artifacts.shelf
        portal.bench.artifacts.uploads portal.bench.bench portal.bench.building
        portal.bench.checking portal.bench.commands portal.bench.devices.roll portal.bench.dismissal
        portal.bench.documents.nvs portal.bench.documents.rendering portal.bench.filing
        portal.bench.floor portal.bench.ledger.damage portal.bench.ledger.ledger
        portal.bench.ledger.vault portal.bench.lighting portal.bench.manifest.package
        portal.bench.parts portal.bench.persons portal.bench.protocols.ddi
        portal.bench.protocols.esphome portal.bench.protocols.hatch
        portal.bench.protocols.httpupdate portal.bench.protocols.nocloud portal.bench.protocols.ours
        portal.bench.protocols.speaking portal.bench.reception portal.bench.signals
        portal.bench.simulators.crowd portal.bench.simulators.furnishing portal.bench.site
        portal.bench.unpacking portal.bench.wall.blueprint portal.bench.wall.booting
        portal.bench.wall.codes portal.bench.wall.entry portal.bench.wall.gate
        portal.bench.wall.labelling portal.bench.wall.office portal.bench.wall.pages
        portal.bench.wall.people portal.bench.wall.planning portal.bench.wall.printer
        portal.bench.wall.reporting portal.bench.wall.sessions portal.bench.wall.shelving
        portal.bench.wall.signing portal.bench.wall.staff portal.bench.wiping portal.door.connection
        portal.door.descriptors portal.door.detect portal.door.doorstep portal.door.download
        portal.door.front portal.door.grants portal.door.paper portal.door.sending
        portal.door.streams portal.door.tcp portal.form.scans portal.joining.acts
        portal.joining.driver portal.joining.lapse portal.joining.radio portal.joining.rescan
        portal.joining.trial portal.language.catalogues portal.language.speech
        portal.metrics.attempts portal.metrics.desk portal.metrics.gathering portal.metrics.wiring
        portal.openapi portal.page.brand portal.page.face portal.pages
        portal.provisioning.backends.command portal.provisioning.backends.connection
        portal.provisioning.backends.credentials portal.provisioning.backends.file
        portal.provisioning.backends.http portal.provisioning.backends.line
        portal.provisioning.backends.mqtt portal.provisioning.backends.network
        portal.provisioning.backends.place portal.provisioning.backends.session
        portal.provisioning.backends.tls portal.provisioning.delivery.deliver
        portal.provisioning.delivery.doorbell portal.provisioning.delivery.lanes
        portal.provisioning.delivery.routes portal.provisioning.keeping.amending
        portal.provisioning.keeping.attempts portal.provisioning.keeping.commit
        portal.provisioning.keeping.database portal.provisioning.keeping.erasing
        portal.provisioning.keeping.files portal.provisioning.keeping.lives
        portal.provisioning.keeping.making portal.provisioning.keeping.migrations
        portal.provisioning.keeping.room portal.provisioning.keeping.store
        portal.provisioning.keeping.tables portal.provisioning.keeping.tally
        portal.provisioning.moments.clock portal.provisioning.outbox
        portal.provisioning.repair.fault portal.provisioning.repair.incident
        portal.provisioning.repair.mending portal.provisioning.repair.recovery
        portal.release.capport portal.release.farewell portal.release.released portal.server
        portal.services portal.succession portal.systemd portal.terms portal.thrift
        portal.tls.absent portal.tls.handover portal.tls.pair portal.tls.relay portal.worker
    """,
    "CLI": """
        dnsd.__main__ hotspot.__main__ hotspot.agent.__main__ hotspot.commands.bench
        hotspot.commands.calling hotspot.commands.clients hotspot.commands.completion
        hotspot.commands.config hotspot.commands.cutoff hotspot.commands.doctor
        hotspot.commands.home hotspot.commands.house hotspot.commands.join hotspot.commands.keys
        hotspot.commands.network hotspot.commands.qr hotspot.commands.radio hotspot.commands.records
        hotspot.commands.reset hotspot.commands.run hotspot.commands.status hotspot.commands.steps
        hotspot.commands.watch hotspot.commands.words hotspot.units.__main__ hotspot.units.generator
        portal.__main__ portal.bench.__main__ portal.bench.simulators.__main__
        portal.bench.wall.enrolling portal.clients portal.mdns.__main__ portal.provisioning.__main__
        portal.provisioning.conformance portal.provisioning.secrecy.keys
        portal.provisioning.telling.deciding portal.provisioning.telling.glance
        portal.provisioning.telling.records portal.provisioning.telling.saying portal.tls.__main__
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
        # The radio agent's socket is nobody's page: a backend asks there as the joins do.
        radio = {f"portal.joining.{name}" for name in ("radio", "reports", "wish")}
        assert web <= {"portal.systemd", *radio}


@pytest.mark.parametrize("module", PURE)
def test_the_pure_floors_touch_nothing(module: str) -> None:
    """CORE and POLICY do no input or output, and ask neither the clock nor chance."""
    touched = {name.partition(".")[0] for name in imports(module)} & WORLD

    assert not touched


@pytest.mark.parametrize("module", MODULES)
def test_one_door_to_the_kernel(module: str) -> None:
    """Only hotspot.parts imports pyroute2."""
    if module != "hotspot.parts":
        assert not any(name.startswith("pyroute2") for name in imports(module))


@pytest.mark.parametrize("module", [name for name in MODULES if name.count(".") == 1])
def test_the_map_names_every_room(module: str) -> None:
    """ARCHITECTURE.md says what each module of hotspot is for."""
    package, name = module.split(".")
    if package == "hotspot" and name != "__main__":
        assert f"`{name}`" in (ROOT / "ARCHITECTURE.md").read_text()
