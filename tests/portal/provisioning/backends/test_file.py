"""The backend `file`: one whole document per record, once."""

from __future__ import annotations

from pathlib import Path

from portal.provisioning.backend import Delivered, Retry
from portal.provisioning.backends.file import FileBackend
from portal.provisioning.record import from_json
from tests.portal.provisioning.fakes import a_record


def test_a_document_per_record(tmp_path: Path) -> None:
    """Named by the id, 0600 in a folder 0700, and it is the record."""
    record = a_record(fields={"room": "cellar"})

    assert FileBackend({}, str(tmp_path)).apply(record) == Delivered()

    path = tmp_path / "delivered" / f"{record.id}.json"
    assert from_json(path.read_bytes()) == record
    assert path.read_bytes().endswith(b"}\n")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_setting(tmp_path: Path) -> None:
    """`directory` in the settings is where they go."""
    record = a_record()
    FileBackend({"directory": str(tmp_path / "usb" / "out")}, "/nowhere").apply(record)

    assert [p.stem for p in (tmp_path / "usb" / "out").iterdir()] == [record.id]


def test_twice_is_once(tmp_path: Path) -> None:
    """A second delivery of a record changes nothing, not even the file's time or inode."""
    record = a_record()
    backend = FileBackend({"directory": str(tmp_path)}, "/nowhere")
    backend.apply(record)
    before = (tmp_path / f"{record.id}.json").stat()
    backend.apply(record)
    after = (tmp_path / f"{record.id}.json").stat()

    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_half_written_document_is_replaced(tmp_path: Path) -> None:
    """Whatever stands under the record's name, the document is whole afterwards."""
    record = a_record()
    (tmp_path / f"{record.id}.json").write_bytes(b'{"v":1')
    FileBackend({"directory": str(tmp_path)}, "/nowhere").apply(record)

    assert from_json((tmp_path / f"{record.id}.json").read_bytes()) == record


def test_leftovers_of_a_crash_go(tmp_path: Path) -> None:
    """What an earlier process left aside holds secrets, and is removed at the first record."""
    (tmp_path / ".x.json.1.tmp").write_bytes(b"half a record")
    FileBackend({"directory": str(tmp_path)}, "/nowhere").apply(a_record())

    assert not list(tmp_path.glob(".*"))


def test_no_folder_can_be_made(tmp_path: Path) -> None:
    """A file in the way is a reason to retry, named, without the record in it."""
    (tmp_path / "delivered").touch()
    record = a_record()
    outcome = FileBackend({}, str(tmp_path)).apply(record)

    assert isinstance(outcome, Retry)
    assert str(tmp_path / "delivered") in outcome.why
    assert record.passphrase not in outcome.why
