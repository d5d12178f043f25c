"""The package itself: the same bytes from the same files, for every machine, and all it needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from deploy.deb import pin, wheels
from tests.deploy.conftest import ROOT, built

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pinned() -> dict[str, str]:
    """What the package holds, name and version."""
    text = wheels.REQUIREMENTS.read_text()
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+) --hash=sha256:[0-9a-f]{64}$", text, re.MULTILINE))


def test_the_same_files_make_the_same_bytes(source: Path, package: Path, tmp_path: Path) -> None:
    """A second build, elsewhere, in another language and time zone, differs in nothing."""
    again = built(source, tmp_path, TZ="Asia/Kathmandu", LC_ALL="C", TMPDIR=str(tmp_path))

    assert again.read_bytes() == package.read_bytes()


@pytest.mark.parametrize(
    "wanted",
    [
        *PROJECT["dependencies"],
        *(PROJECT["optional-dependencies"][extra][0] for extra in pin.EXTRAS),
    ],
)
def test_what_is_held_is_what_is_wanted(wanted: str) -> None:
    """Each dependency, extras too, has a version in the package that pyproject.toml allows."""
    requirement = Requirement(wanted)

    assert requirement.specifier.contains(pinned()[requirement.name.lower()])


def test_every_extra_is_held_but_two() -> None:
    """PyNaCl, which is C, is Debian's: the package suggests it. Espressif's generator brings more
    than the whole package weighs. docs/install.md has how to add either.
    """
    assert {*PROJECT["optional-dependencies"]} - {*pin.EXTRAS} == {"sealing", "nvs"}
    assert "Suggests: python3-nacl\n" in (ROOT / "deploy/deb/control/control").read_text()


def test_nothing_in_it_is_for_one_kind_of_machine(package: Path) -> None:
    """Architecture: all; no shared object; each path is root's, and nobody else may write."""
    fields = run("dpkg-deb", "--field", package, "Architecture", "Version")
    listing = [
        line.split(maxsplit=5) for line in run("dpkg-deb", "--contents", package).splitlines()
    ]

    assert fields == f"Architecture: all\nVersion: {PROJECT['version']}\n"
    assert not [path for *_, path in listing if re.search(r"\.(so|pyd|pyc)\b", path)]
    assert {owner for _, owner, *_ in listing} == {"root/root"}
    assert {mode for mode, *_ in listing} == {
        "drwxr-xr-x",
        "-rwxr-xr-x",
        "-rw-r--r--",
        "lrwxrwxrwx",
    }


def run(*argv: str | Path) -> str:
    """What a program says."""
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.long
def test_from_nothing_it_is_the_same(
    source: Path, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every wheel fetched anew by its hash, and those from source made anew."""
    checkout = tmp_path / "checkout"
    shutil.copytree(source, checkout, symlinks=True)
    (checkout / ".cache").unlink()
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")

    again = built(checkout, tmp_path / "dist")

    assert again.read_bytes() == package.read_bytes()


def test_every_unit_has_its_user(package: Path, tmp_path: Path) -> None:
    """Whom a unit runs as is whom the package makes, and whom a purge takes away again."""
    run("dpkg-deb", "--raw-extract", package, tmp_path / "stage")
    units = (tmp_path / "stage/usr/lib/systemd/system").glob("*.service")
    found = {
        user
        for unit in units
        for user in re.findall(r"^(?:User|Group)=(\S+)", unit.read_text(), re.MULTILINE)
    }
    text = (tmp_path / "stage/usr/lib/sysusers.d/vestibule.conf").read_text()
    made = re.findall(r"^u (\S+)", text, re.MULTILINE)

    assert {"vestibule"} < found <= {*made}
    assert f"for user in {' '.join(made)}; do" in (tmp_path / "stage/DEBIAN/postrm").read_text()


@pytest.mark.skipif(not shutil.which("lintian"), reason="lintian is not installed")
def test_debians_own_judge_finds_nothing(package: Path) -> None:
    """Neither errors nor warnings; what is overridden has its reason beside it."""
    words = ("--allow-root", "--fail-on", "error,warning", "--tag-display-limit", "0", package)
    said = subprocess.run(
        ["lintian", *words], check=False, capture_output=True, text=True, timeout=120
    )

    assert (said.stdout, said.returncode) == ("", 0)


def test_both_databases_are_looked_at(package: Path, tmp_path: Path) -> None:
    """Before an older version is let in: the records, and the books of the bench."""
    run("dpkg-deb", "--control", package, tmp_path)

    assert re.search(
        r"^for pair in records\.db=\d+ bench/bench\.db=\d+; do$",
        (tmp_path / "preinst").read_text(),
        re.MULTILINE,
    )


def test_the_manual_is_where_it_is_looked_for(package: Path) -> None:
    """Pages for man(1), and words for three shells."""
    listing = run("dpkg-deb", "--contents", package)

    for path in ("man/man1/vestibule.1.gz", "man/man5/vestibule.toml.5.gz"):
        assert f" ./usr/share/{path}\n" in listing
    for path in ("bash-completion/completions/vestibule", "zsh/vendor-completions/_vestibule"):
        assert f" ./usr/share/{path}\n" in listing


def test_each_licence_is_there(package: Path, tmp_path: Path) -> None:
    """Every project that the package holds has its licence's text beside it."""
    run("dpkg-deb", "--extract", package, tmp_path)
    site = tmp_path / "opt/vestibule/lib/python3/site-packages"
    infos = list(site.glob("*.dist-info"))

    assert len(infos) == len(pinned()) + 1
    assert not [info.name for info in infos if not licences(info)]


def licences(info: Path) -> list[Path]:
    """The licences in a project's own folder."""
    return [p for p in info.rglob("*") if p.name.startswith(("LICENSE", "COPYING"))]
