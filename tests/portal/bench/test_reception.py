"""The desk: jobs, manifests, documents, files, lights, over a real bench."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from hotspot.settings import Bench
from portal.bench.building import Place, built
from portal.bench.desk import Desk, Level, Offer
from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.port import Claims, Refused, Report, Sighting, Step, Turn, Verb
from portal.bench.reception import Reception

MAC = "02:00:00:00:00:01"
JOB = b"""
[job]
id = "site-7"
product = "lamp"
[documents.config]
format = "json"
file = "config.json"
values = { name = "{{ name }}", key = "{{ key }}" }
"""
SECRET = "kanarienvogel-4711"


def reception(folder: Path, **settings: object) -> Reception:
    """A bench as the settings describe it."""
    asked = replace(Bench(enabled=True), **settings)  # type: ignore[arg-type]  # a test's own
    return built(Place(folder, folder, asked, lambda *_: None, lambda _: None))


@pytest.fixture
def desk(tmp_path: Path) -> Reception:
    """A bench with a job of two lamps, each with a secret."""
    found = reception(tmp_path)
    found.take_manifest("job.toml", JOB, "Ann", partial=False)
    rows = f"serial,name,secret.key\nSN1,lamp-1,{SECRET}1\nSN2,lamp-2,{SECRET}2\n".encode()
    found.take_manifest("devices.csv", rows, "Ann", partial=False)
    return found


def shelved(desk: Reception, product: str = "lamp") -> None:
    """Firmware for a product."""
    desk.put_file([b"firmware"], Offer("a.bin", product, "2.0", override=True), b"", "Ann")


def see(desk: Reception, serial: str, version: str = "1.0", mac: str = "") -> Turn:
    """What a device is told."""
    claims = Claims("100.64.64.9", mac=mac, serial=serial)
    return desk.see(Sighting(claims, "ours", version=version))


def test_it_is_the_desk(tmp_path: Path) -> None:
    """It can stand wherever the pages ask for a desk (mypy reads this too)."""
    desk: Desk = reception(tmp_path)

    desk.note("Ann", "signed in", "100.64.64.9")
    assert (desk.site(), list(desk.jobs())) == ("", [])
    assert desk.audit()[0].about == "100.64.64.9"


def test_a_document_is_for_its_device(desk: Reception) -> None:
    """Given when its firmware is proven, with its own secret; done when it says so; none after."""
    shelved(desk)
    see(desk, "SN1")
    assert desk.document("SN1") is None
    assert see(desk, "SN1", "2.0").verb is Verb.CONFIGURE

    found = desk.document("SN1", "config.json")

    assert found is not None
    assert json.loads(found.body) == {"name": "lamp-1", "key": f"{SECRET}1"}
    assert SECRET not in repr(found)
    assert desk.document("SN1", "other") is None
    assert desk.document("SN2") is None
    assert desk.report("SN1", Report(Step.CONFIGURED))
    row = desk.row("SN1")
    assert row is not None
    assert row.evidence == "it runs version 2.0; it reported success by ours"
    assert desk.document("SN1") is None
    desk.act("SN1", "retry", "Ann")
    see(desk, "SN1", "2.0")
    assert desk.document("SN1") is not None  # armed anew
    whats = [event.what for event in desk.history("SN1")]
    assert whats.count("document given") == 2
    assert SECRET not in json.dumps([entry.about for entry in desk.audit()])


def test_only_so_often(desk: Reception) -> None:
    """A device that asks for its document again and again gets it eight times in one attempt."""
    shelved(desk)
    see(desk, "SN1", "2.0")

    given = [desk.document("SN1") is not None for _ in range(10)]

    assert given == [True] * 8 + [False] * 2


def test_no_firmware_and_a_document(desk: Reception) -> None:
    """Where there is none for its product, it is only told what it is to be told."""
    assert see(desk, "SN1").verb is Verb.CONFIGURE


def test_what_the_key_was_lost_for(tmp_path: Path) -> None:
    """With the key in memory only: after a power-off the device stops with words, and an import
    puts it right.
    """
    (tmp_path / "run").mkdir()
    first = reception(tmp_path, secrets="memory")
    place = Place(
        tmp_path, tmp_path / "run", Bench(secrets="memory"), lambda *_: None, lambda _: None
    )
    first.parts.ledger.close()
    desk = built(place)
    desk.take_manifest("job.toml", JOB, "Ann", partial=False)
    rows = f"serial,name,secret.key\nSN1,lamp-1,{SECRET}\n".encode()
    desk.take_manifest("devices.csv", rows, "Ann", partial=False)
    desk.parts.ledger.close()
    (tmp_path / "run" / "bench.key").unlink()

    anew = built(place)
    assert see(anew, "SN1").verb is Verb.CONFIGURE
    assert anew.document("SN1") is None
    row = anew.row("SN1")
    assert row is not None
    assert (row.reason, row.detail) == (Reason.NO_DOCUMENT, "key: no value")
    anew.take_manifest("devices.csv", rows, "Ann", partial=False)
    anew.act("SN1", "retry", "Ann")
    see(anew, "SN1")
    assert anew.document("SN1") is not None


def test_nothing_is_begun_that_cannot_be_told(desk: Reception) -> None:
    """A row whose document cannot be made is refused before any device is touched; so is a job."""
    preview = desk.preview("more.csv", b"serial,name\nSN3,lamp-3\n")
    assert (preview.invalid, preview.flaws[0].words) == (1, "config: key: no value")
    with pytest.raises(Refused, match="1 rows are not sound"):
        desk.take_manifest("more.csv", b"serial,name\nSN3,lamp-3\n", "Ann", partial=False)
    wider = JOB.replace(b'"{{ key }}"', b'"{{ nothing }}"')
    with pytest.raises(Refused, match="SN1: config: nothing: no value"):
        desk.take_manifest("job.toml", wider, "Ann", partial=False)
    assert desk.row("SN3") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"[job]\n", "job.id: 1 to 64 letters"),
        (b'[job]\nid = "a"\ncolor = 1\n', "job.color: unknown"),
        (b'[job]\nid = "a"\nclaim = "x"\n', "one of match, proof, person"),
        (b'[job]\nid = "a"\n[firmware]\nlamp = 1\n', "firmware.lamp: either version or sha256"),
        (b'[job]\nid = "a"\n[documents.x]\nformat = "doc"\ntemplate = ""\n', "format: one of json"),
        (b'[job]\nid = "a"\n[documents.x]\nformat = "json"\n', "either template or values"),
        (b"[job\n", "no TOML"),
        (b"\xff", "no TOML"),
        (b"a = " + b"[" * 2000, "TOML"),
        (b"job = 1\n", "job: a table"),
    ],
)
def test_a_job_that_is_none(tmp_path: Path, text: bytes, words: str) -> None:
    """Every problem is a sentence with its key; nothing is begun."""
    desk = reception(tmp_path)

    with pytest.raises(Refused) as refused:
        desk.take_manifest("job.toml", text, "Ann", partial=False)

    assert words in str(refused.value)
    assert not desk.jobs()


def test_a_firmware_of_its_own(tmp_path: Path) -> None:
    """A job that names a version gets that one, also where a newer stands on the shelf."""
    desk = reception(tmp_path)
    shelved(desk)
    desk.put_file([b"newer"], Offer("b.bin", "lamp", "3.0", override=True), b"", "Ann")
    job = b'[job]\nid = "a"\nproduct = "lamp"\n[firmware.lamp]\nversion = "2.0"\n'
    desk.take_manifest("job.toml", job, "Ann", partial=False)
    desk.take_manifest("d.csv", b"serial\nSN1\n", "Ann", partial=False)

    ticket = see(desk, "SN1").ticket

    assert ticket is not None
    assert ticket.artifact.version == "2.0"


def test_jobs_one_after_the_other(desk: Reception) -> None:
    """Each has its devices; the wall of another begins anew; none is left in mid-download."""
    shelved(desk)
    before = desk.rows()[0]
    desk.open_job("Second site", "Ben")
    assert ([row.id for row in desk.rows()[1]], desk.rows()[0] < before) == ([], True)
    desk.take_manifest("d.csv", b"serial\nX1\n", "Ben", partial=False)

    desk.choose_job("site-7", "Ann")

    assert sorted(row.id for row in desk.rows()[1]) == ["SN1", "SN2"]
    assert [(job.id, job.devices, job.current) for job in desk.jobs()] == [
        ("second-site", 1, False), ("site-7", 2, True),
    ]  # fmt: skip
    see(desk, "SN1")
    with pytest.raises(Refused, match="downloading"):
        desk.choose_job("second-site", "Ann")
    with pytest.raises(Refused, match="downloading"):
        desk.open_job("third", "Ann")
    with pytest.raises(Refused, match="already"):
        desk.open_job("Site 7", "Ann")


def test_without_a_manifest(tmp_path: Path) -> None:
    """First come, first named: what came can be exported and imported again."""
    desk = reception(tmp_path)
    shelved(desk)
    job = b'[job]\nid = "hall"\nproduct = "lamp"\nstrangers = "take"\n'
    desk.take_manifest("job.toml", job, "Ann", partial=False)
    assert see(desk, "SN1", mac=MAC).verb is Verb.FLASH
    assert see(desk, "SN1", "2.0", mac=MAC).state is State.PROVISIONED

    (row,) = csv.DictReader(io.StringIO(desk.export().decode(), newline=""))

    assert (row["id"], row["mac"], row["serial"], row["state"]) == (MAC, MAC, "SN1", "provisioned")
    again = desk.preview("again.csv", desk.export())
    assert (again.unchanged, again.fit) == (1, 0)


def test_files_in_use_stay(desk: Reception) -> None:
    """A file that a device of the job is still to get is not removed; one nobody needs is."""
    shelved(desk)
    (file,) = desk.files()
    with pytest.raises(Refused, match="needs this file"):
        desk.drop_file(file.sha256, "Ann")
    for serial in ("SN1", "SN2"):
        desk.act(serial, "set_aside", "Ann")

    desk.drop_file(file.sha256, "Ann")

    assert list(desk.files()) == []
    assert desk.audit()[0].what == "file removed"


def test_unsigned_only_by_a_lead_s_word(tmp_path: Path) -> None:
    """With `unsigned = "refused"` nobody lets in what is not signed."""
    desk = reception(tmp_path, unsigned="refused")
    with pytest.raises(Refused, match="nobody lets in"):
        shelved(desk)


def test_lights(desk: Reception) -> None:
    """What would go wrong later is told before: firmware that is missing, and what is unsigned."""
    lights = {light.name: light for light in desk.lights()}
    assert lights["Signatures"].level is Level.WARN
    assert lights["Manifest"].level is Level.GOOD  # their documents are all they get
    bare = JOB.partition(b"[documents")[0]
    desk.take_manifest("job.toml", bare, "Ann", partial=False)
    lights = {light.name: light for light in desk.lights()}
    assert (lights["Manifest"].level, lights["Manifest"].words) == (
        Level.BAD, "Nothing to install for 2: SN1, SN2",
    )  # fmt: skip
    shelved(desk)

    lights = {light.name: light for light in desk.lights()}

    assert lights["Manifest"].level is Level.GOOD
    assert lights["Signatures"].words == "1 unsigned: a.bin"
    assert all(light.remedy for light in lights.values() if light.level is not Level.GOOD)


def test_who_it_may_be(desk: Reception) -> None:
    """A stranger may be any row that nobody is yet."""
    see(desk, "SN2")
    see(desk, "", mac=MAC)

    assert [row.id for row in desk.candidates(MAC)] == ["SN1"]
