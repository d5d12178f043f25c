"""A whole job in one signed file: taken in, or refused before anything has changed."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from hotspot.settings import Bench
from portal.bench import unpacking
from portal.bench.building import Place, built
from portal.bench.manifest import package
from portal.bench.manifest.reading import Unreadable
from portal.bench.port import Refused
from portal.bench.reception import Reception
from portal.bench.unpacking import Wish

KEY, NUMBER = SigningKey(bytes(range(32))), b"bench-ky"
PUBLIC = base64.b64encode(b"Ed" + NUMBER + bytes(KEY.verify_key)).decode()
ANN = Wish("Ann")
JOB = """\
[job]
id = "site-7"
product = "lamp"
[documents.config]
format = "json"
values = { name = "{{ name }}", cert = "{{ file.cert }}" }
"""
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def minisig(data: bytes) -> bytes:
    """What `minisign -S` would write beside it (its older kind)."""
    signature = KEY.sign(data).signature
    comment = "timestamp:1"
    sealed = KEY.sign(signature + comment.encode()).signature
    lines = ["untrusted comment: x", base64.b64encode(b"Ed" + NUMBER + signature).decode(),
             f"trusted comment: {comment}", base64.b64encode(sealed).decode(), ""]  # fmt: skip
    return "\n".join(lines).encode()


def folder(place: Path) -> Path:
    """What the office has: a job, two devices, a certificate, firmware."""
    here = place / "job"
    (here / "files").mkdir(parents=True)
    (here / "artifacts" / "lamp" / "2.0").mkdir(parents=True)
    (here / "job.toml").write_text(JOB)
    (here / "devices.csv").write_text("serial,name,file.cert\nSN1,lamp-1,a.pem\nSN2,lamp-2,a.pem\n")
    (here / "files" / "a.pem").write_text(PEM)
    (here / "artifacts" / "lamp" / "2.0" / "lamp.bin").write_bytes(b"firmware" * 1000)
    return here


def packed(place: Path, *, signed: bool = True) -> Path:
    """The package of that folder."""
    here, target = folder(place), place / "site-7.vbench"
    with (place / "first").open("wb") as file:
        assert not package.pack(here, file)
    if signed:
        (here / package.SIGNATURE).write_bytes(minisig((here / package.MANIFEST).read_bytes()))
    with target.open("wb") as file:
        assert package.pack(here, file) is signed
    return target


def desk(place: Path, **settings: object) -> Reception:
    """A bench with the office on its roster."""
    asked = replace(Bench(enabled=True, signers={"office": PUBLIC}), **settings)  # type: ignore[arg-type]  # a test's own
    (place / "state").mkdir(exist_ok=True)
    state = place / "state"
    return built(Place(state, state, asked, lambda *_: None, lambda _: None))


def test_all_of_it(tmp_path: Path) -> None:
    """Job, devices with their certificates' texts, and firmware by the signer of the list."""
    here, bench = packed(tmp_path), desk(tmp_path)
    preview = unpacking.take(bench, here, replace(ANN, preview=True))
    assert (preview.new, preview.notes[0]) == (2, "A package, signed by office.")
    assert (list(bench.files()), bench.jobs()) == ([], [])

    unpacking.take(bench, here, ANN)

    (file,) = bench.files()
    assert (file.product, file.version, file.signer, file.override) == ("lamp", "2.0", "office", "")
    device = bench.floor.roll.get("SN1")
    assert device is not None
    assert device.cells["file.cert"] == PEM
    again = unpacking.take(bench, here, replace(ANN, preview=True))
    assert (again.unchanged, again.new) == (2, 0)


def test_unsigned_only_by_a_lead(tmp_path: Path) -> None:
    """Without a signature it is refused; with a lead's word it is taken, and that is recorded."""
    here, bench = packed(tmp_path, signed=False), desk(tmp_path)
    with pytest.raises(Refused, match="no signature"):
        unpacking.take(bench, here, ANN)
    assert bench.jobs() == []

    unpacking.take(bench, here, replace(ANN, unsigned=True))

    assert bench.files()[0].override == "Ann"
    assert "file added unsigned" in [entry.what for entry in bench.audit()]
    strict = desk(tmp_path, unsigned="refused")
    with pytest.raises(Refused, match="nobody lets in"):
        unpacking.take(strict, here, replace(ANN, unsigned=True))


def changed(
    source: Path, change: Callable[[zipfile.ZipFile, zipfile.ZipInfo, bytes], None]
) -> Path:
    """The same zip with some of its files written otherwise."""
    target = source.with_name("changed.vbench")
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            change(new, info, old.read(info))
    return target


def write(new: zipfile.ZipFile, info: zipfile.ZipInfo, data: bytes) -> None:
    """As it was."""
    new.writestr(info.filename, data)


@pytest.mark.parametrize("name", ["job.toml", "devices.csv", "files/a.pem",
                                  "artifacts/lamp/2.0/lamp.bin", "MANIFEST"])  # fmt: skip
def test_any_change_is_found(tmp_path: Path, name: str) -> None:
    """One byte of any file, and nothing of the package is taken in."""

    def flip(new: zipfile.ZipFile, info: zipfile.ZipInfo, data: bytes) -> None:
        write(new, info, data[:-2] + b"x\n" if info.filename == name else data)

    bench = desk(tmp_path)
    with pytest.raises(Refused):
        unpacking.take(bench, changed(packed(tmp_path), flip), ANN)
    assert (bench.jobs(), list(bench.files())) == ([], [])


@pytest.mark.parametrize(
    "name",
    ["../job.toml", "/etc/passwd", "files/../../x", "artifacts/lamp/2.0/../x", "files/a/b/c/d",
     "other.txt", "files/" + "x" * 400, "artifacts/lamp/2.0/.hidden", "files/a\nb"],
)  # fmt: skip
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    """A file under any other name than ours is refused with the whole package."""

    def add(new: zipfile.ZipFile, info: zipfile.ZipInfo, data: bytes) -> None:
        write(new, info, data)
        if info.filename == package.MANIFEST:
            new.writestr(name, b"x")

    with pytest.raises(Refused, match="cannot be in a package"):
        unpacking.take(desk(tmp_path), changed(packed(tmp_path), add), ANN)


def test_links_and_doubles(tmp_path: Path) -> None:
    """A symbolic link, or a name that is there twice, is refused."""

    def link(new: zipfile.ZipFile, info: zipfile.ZipInfo, data: bytes) -> None:
        if info.filename == "files/a.pem":
            linked = zipfile.ZipInfo("files/a.pem")
            linked.external_attr = (stat.S_IFLNK | 0o777) << 16
            new.writestr(linked, b"/etc/passwd")
        else:
            write(new, info, data)

    with pytest.raises(Refused, match="cannot be in a package"):
        unpacking.take(desk(tmp_path), changed(packed(tmp_path), link), ANN)


def test_a_bomb(tmp_path: Path) -> None:
    """A file that unpacks to more than the list says is read no further than that."""
    bomb = tmp_path / "bomb.vbench"
    data = bytes(64 << 20)
    name = "artifacts/lamp/2.0/lamp.bin"
    manifest = f"{hashlib.sha256(b'').hexdigest()}  1000  {name}\n".encode()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr(package.MANIFEST, manifest)
        new.writestr(package.SIGNATURE, minisig(manifest))
        new.writestr(name, data)

    with package.opened(bomb) as found, pytest.raises(Unreadable, match="was changed"):
        assert sum(map(len, found.stream(name))) <= 1000
    bench = desk(tmp_path)
    with pytest.raises(Refused, match="was changed"):
        unpacking.take(bench, bomb, ANN)
    assert list(bench.files()) == []


@given(st.binary(max_size=200))
def test_anything_for_a_package(body: bytes) -> None:
    """Whatever it is, it is one or it is refused."""
    with suppress(Unreadable, zipfile.LargeZipFile):
        try:
            archive = zipfile.ZipFile(io.BytesIO(body))
        except zipfile.BadZipFile:
            return
        package.Package(archive)


def test_a_row_without_its_file(tmp_path: Path) -> None:
    """What a row names and the package does not have makes that row unsound."""
    here = folder(tmp_path)
    (here / "devices.csv").write_text("serial,name,file.cert\nSN1,lamp-1,b.pem\nSN2,lamp-2,a.pem\n")
    with (tmp_path / "x.vbench").open("wb") as file:
        package.pack(here, file)
    bench = desk(tmp_path)
    wish = replace(ANN, unsigned=True)
    with pytest.raises(Refused, match="1 rows are not sound"):
        unpacking.take(bench, tmp_path / "x.vbench", wish)
    assert list(bench.files()) == []

    found = unpacking.take(bench, tmp_path / "x.vbench", replace(wish, partial=True))

    assert (found.new, found.invalid) == (1, 1)
    assert found.flaws[0].words == "there is no files/b.pem in the package"
    assert json.dumps([row.id for row in bench.rows()[1]]) == '["SN2"]'
