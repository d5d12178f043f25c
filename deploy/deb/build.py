"""`make deb`: Vestibule and all the Python it needs as one Debian package for every machine.

    python -m deploy.deb.build [--version VERSION] [DIRECTORY]       writes into dist/ by default

The network is needed here, once, and never where it is installed: the package holds the wheels
of requirements.txt, each by its hash, unpacked below /opt/vestibule. The same commit makes the
same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import os
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from deploy.deb import wheels

ROOT: Final = Path(__file__).resolve().parents[2]
DEB: Final = ROOT / "deploy/deb"
HOME: Final = "opt/vestibule"
# Debian 12 has Python 3.11, Debian 13 has 3.13. One set of modules serves all of them, for none
# is compiled; each Python looks for it under its own name.
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")

# Below the state directory, and where their shape is told.
STORES: Final = {
    "records.db": "portal.provisioning.keeping.migrations",
    "bench/bench.db": "portal.bench.ledger.schema",
}

# What deploy/manual.py writes, and where it is looked for below usr/share.
MANUAL: Final = {
    "vestibule.1": "man/man1",
    "vestibule.toml.5": "man/man5",
    "vestibule.bash": "bash-completion/completions/vestibule",
    "_vestibule": "zsh/vendor-completions/_vestibule",
    "vestibule.fish": "fish/vendor_completions.d/vestibule.fish",
}

# -I: nothing of the caller's environment, working directory or home is Python's business.
COMMAND: Final = f"""\
#!/{HOME}/bin/python3 -I
import sys
from hotspot.__main__ import main
sys.exit(main(prog_name="vestibule"))
"""
SCRIPTS: Final = ("config", "preinst", "postinst", "prerm", "postrm")
GENERATOR: Final = "usr/lib/systemd/system-generators/vestibule-generator"
RTUPDATE: Final = "usr/share/python3/runtime.d/vestibule.rtupdate"
# In the package 0755; everything else is 0644.
PROGRAMS: Final = frozenset(
    {f"{HOME}/bin/vestibule", GENERATOR, RTUPDATE, *(f"DEBIAN/{name}" for name in SCRIPTS)}
)


def main(words: list[str] | None = None) -> int:
    """Build, and say where the package lies."""
    parser = argparse.ArgumentParser(prog="make deb")
    parser.add_argument("--version", default=_version(), help="instead of pyproject.toml's")
    parser.add_argument("directory", nargs="?", type=Path, default=ROOT / "dist")
    wanted = parser.parse_args(words)
    wanted.directory.mkdir(parents=True, exist_ok=True)
    os.environ["SOURCE_DATE_EPOCH"] = epoch = os.environ.get("SOURCE_DATE_EPOCH") or _committed()
    with tempfile.TemporaryDirectory() as name:
        stage = Path(name) / "stage"
        _environment(stage, Path(name))
        _system(stage, wanted.version)
        _manual(stage / "usr/share", Path(name) / "manual", wanted.version)
        _control(stage, wanted.version)
        _settle(stage, int(epoch))
        package: Path = wanted.directory / f"vestibule_{wanted.version}_all.deb"
        # One thread: xz splits the work, and so the bytes, by how many it has.
        options = ("--root-owner-group", "-Zxz", "--threads-max=1")
        wheels.run("dpkg-deb", *options, "--build", str(stage), str(package))
    sys.stdout.write(f"{package}\n")
    return 0


def _version() -> str:
    version: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return version


def _committed() -> str:
    return wheels.run("git", "-C", str(ROOT), "log", "-1", "--format=%ct").strip()


def _environment(stage: Path, work: Path) -> None:
    """The private environment: our wheel, the others', and the names Python finds them by."""
    site = stage / HOME / "lib/python3/site-packages"
    site.mkdir(parents=True)
    wheels.unpack([wheels.ours(work), *wheels.others(ROOT / ".cache")], site)
    for python in PYTHONS:
        (stage / HOME / f"lib/python{python}").symlink_to("python3")
    programs = stage / HOME / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to("/usr/bin/python3")
    (programs / "vestibule").write_text(COMMAND)
    # The system's own modules come after ours: python3-nacl, where secrets are to be sealed.
    settings = "home = /usr/bin\ninclude-system-site-packages = true\n"
    (stage / HOME / "pyvenv.cfg").write_text(settings)


def _system(stage: Path, version: str) -> None:
    """What lies outside of the environment: the command, the units, the documents."""
    lib, share = stage / "usr/lib", stage / "usr/share"
    for unit in sorted((ROOT / "deploy/systemd").glob("*.*")):
        _copy(unit, lib / "systemd/system" / unit.name)
    _copy(DEB / "generator", stage / GENERATOR)
    _copy(DEB / "rtupdate", stage / RTUPDATE)
    _copy(DEB / "sysusers.conf", lib / "sysusers.d/vestibule.conf")
    _copy(DEB / "tmpfiles.conf", lib / "tmpfiles.d/vestibule.conf")
    _copy(DEB / "lintian-overrides", share / "lintian/overrides/vestibule")
    _copy(DEB / "copyright", share / "doc/vestibule/copyright")
    _copy(ROOT / "README.md", share / "doc/vestibule/README.md")
    _zipped(share / "doc/vestibule/NEWS.md.gz", (ROOT / "CHANGELOG.md").read_bytes())
    _zipped(share / "doc/vestibule/changelog.gz", _changes(version))
    (stage / "usr/bin").mkdir()
    (stage / "usr/bin/vestibule").symlink_to(f"/{HOME}/bin/vestibule")
    (stage / "etc/vestibule").mkdir(parents=True)


def _manual(share: Path, work: Path, version: str) -> None:
    """The manual's pages, and what the shells read to complete our words."""
    wheels.run(sys.executable, "deploy/manual.py", str(work), "--version", version)
    for name, place in MANUAL.items():
        if place.startswith("man/"):
            _zipped(share / place / f"{name}.gz", (work / name).read_bytes())
        else:
            _copy(work / name, share / place)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _changes(version: str) -> bytes:
    when = wheels.run("date", "-R", "-u", "-d", f"@{os.environ['SOURCE_DATE_EPOCH']}").strip()
    lines = [f"vestibule ({version}) stable; urgency=medium", "", "  * See NEWS.md.gz.", ""]
    return "\n".join([*lines, f" -- {_field('Maintainer')}  {when}", ""]).encode()


def _zipped(path: Path, text: bytes) -> None:
    # Without a time or a name of its own, or no two builds would be the same.
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text, 9, mtime=0))


def _control(stage: Path, version: str) -> None:
    """What dpkg reads: the fields, the scripts, the questions, and the sums of every file."""
    control = stage / "DEBIAN"
    files = sorted(path for path in stage.rglob("*") if path.is_file() and not path.is_symlink())
    sums = wheels.run("md5sum", "--", *(str(path.relative_to(stage)) for path in files), cwd=stage)
    size = sum(path.lstat().st_size for path in stage.rglob("*")) // 1024
    control.mkdir()
    (control / "md5sums").write_text(sums)
    text = (DEB / "control/control").read_text().replace("@VERSION@", version)
    (control / "control").write_text(text.replace("@SIZE@", str(size)))
    shutil.copyfile(DEB / "control/templates", control / "templates")
    users = re.findall(r"^u (\S+)", (DEB / "sysusers.conf").read_text(), re.MULTILINE)
    known = {"@STORES@": " ".join(_stores()), "@USERS@": " ".join(users)}
    for name in SCRIPTS:
        script = (DEB / "control" / name).read_text()
        for word, meaning in known.items():
            script = script.replace(word, meaning)
        (control / name).write_text(script)


def _stores() -> Iterator[str]:
    """Each database with the version of its tables that this program knows."""
    for file, module in STORES.items():
        yield f"{file}={len(importlib.import_module(module).STEPS)}"


def _field(name: str) -> str:
    found = re.search(rf"^{name}: (.*)$", (DEB / "control/control").read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit(f"deploy/deb/control/control has no {name}")
    return found[1]


def _settle(stage: Path, epoch: int) -> None:
    """Modes that depend on nobody's umask, and one time for all."""
    for path in [stage, *stage.rglob("*")]:
        if not path.is_symlink():
            is_program = path.is_dir() or str(path.relative_to(stage)) in PROGRAMS
            path.chmod(0o755 if is_program else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


if __name__ == "__main__":
    sys.exit(main())
