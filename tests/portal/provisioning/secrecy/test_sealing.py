"""Sealed boxes: only the key opens them, and only for their own record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.settings import Secret
from portal.provisioning.access import Access, Enterprise
from portal.provisioning.record import Record, Sealed, from_json, to_json
from portal.provisioning.secrecy import keys, sealing
from portal.provisioning.secrecy.sealing import Sealing, Unopened
from portal.provisioning.secrecy.withheld import bare
from tests.portal.provisioning.fakes import a_record
from tests.portal.provisioning.test_fleet import SCHEMA

PRIVATE, PUBLIC = sealing.generate()
USER = Access(user=Enterprise("anna", Secret("user-secret-4711")))


def full() -> Record:
    """A record with every kind of secret."""
    return replace(a_record(fields={"pin": Secret("pin-secret-0815"), "room": "12"}), access=USER)


def test_there_and_back() -> None:
    """What is sealed has none of the secrets, and opens to the very record."""
    record = full()
    sealed = Sealing({"fleet": PUBLIC}).boxes(record)["fleet"]
    octets = to_json(sealed)

    for secret in (record.passphrase, "user-secret-4711", "pin-secret-0815"):
        assert secret.encode() not in octets
    assert sealed.fields["room"] == "12"
    assert from_json(octets) == sealed
    assert sealing.unseal(from_json(octets), PRIVATE) == record
    assert sealing.unseal(record, PRIVATE) == record


@given(passphrase=st.text("ab ü😀", max_size=9), fields=st.dictionaries(st.text("xyz", min_size=1),
       st.text(max_size=9).filter(lambda t: t.isprintable())))  # fmt: skip
def test_any_secrets(passphrase: str, fields: dict[str, str]) -> None:
    """Whatever was typed comes back."""
    record = replace(
        a_record(),
        passphrase=Secret(passphrase),
        fields={name: Secret(value) for name, value in fields.items()},
    )
    sealed = from_json(to_json(Sealing({"a": PUBLIC}).boxes(record)["a"]))

    assert sealing.unseal(sealed, PRIVATE) == record


def test_each_delivery_has_its_own_box() -> None:
    """Two keys, two boxes; a box never has the same octets twice."""
    other_private, other = sealing.generate()
    boxes = Sealing({"a": PUBLIC, "b": other, "c": PUBLIC}).boxes(record := full())

    assert sealing.unseal(boxes["b"], other_private) == record
    assert boxes["a"].sealed != boxes["c"].sealed
    with pytest.raises(Unopened, match="another key"):
        sealing.unseal(boxes["b"], PRIVATE)


def test_what_does_not_open() -> None:
    """A box of another record, a damaged one, one that was erased, a key that is none."""
    box = Sealing({"a": PUBLIC}).boxes(full())["a"].sealed
    assert box is not None
    with pytest.raises(Unopened, match="another record"):
        sealing.unseal(bare(full(), box), PRIVATE)
    with pytest.raises(Unopened, match="damaged"):
        sealing.unseal(bare(full(), Sealed(PUBLIC, f"AAAA{box.box[4:]}")), PRIVATE)
    with pytest.raises(Unopened, match="erased"):
        sealing.unseal(bare(full()), PRIVATE)
    for key in ("", "zz", PRIVATE[:-2]):
        with pytest.raises(Unopened):
            sealing.unseal(Sealing({"a": PUBLIC}).boxes(full())["a"], key)


def test_the_schema_knows_it() -> None:
    """A sealed record, and one whose secrets were erased, fit the schema that ships."""
    for record in (Sealing({"a": PUBLIC}).boxes(full())["a"], bare(a_record())):
        document = json.loads(to_json(record))
        jsonschema.validate(document, SCHEMA)
        assert document["v"] == 3


def test_the_receiving_side(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`keys generate` writes a key for its owner alone, once; `open` gives the records back."""
    key, file = tmp_path / "private", tmp_path / "records.jsonl"
    assert keys.main(["generate", str(key)]) == 0
    told = capfdbinary.readouterr().out.decode()
    public = told.removeprefix('seal_to = "').removesuffix('"\n')
    assert key.stat().st_mode & 0o777 == 0o600
    assert keys.main(["generate", str(key)]) == 1

    records = [full(), full()]
    sealed = [Sealing({"a": public}).boxes(each)["a"] for each in records]
    file.write_bytes(b"".join(to_json(each) + b"\n" for each in sealed))
    capfdbinary.readouterr()
    assert keys.main(["open", str(file), "--key", str(key)]) == 0
    assert list(map(from_json, capfdbinary.readouterr().out.splitlines())) == records

    file.write_bytes(to_json(bare(full())) + b"\nnonsense\n" + to_json(sealed[1]) + b"\n")
    assert keys.main(["open", str(file), "--key", str(key)]) == 1
    found = capfdbinary.readouterr()
    assert [from_json(line) for line in found.out.splitlines()] == records[1:]
    assert found.err.decode().splitlines() == [
        "record 1: its secrets were erased after it had been delivered",
        "record 2: record: it is not JSON",
    ]
    assert keys.main(["open", str(tmp_path / "none"), "--key", str(key)]) == 1
