"""The record: what people may type, JSON there and back, names that sort, secrets hidden."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.settings import Secret
from portal.provisioning.record import ID, Invalid, Record, from_json, to_json, uuid7
from tests.portal.provisioning.fakes import PASSPHRASE, START, a_record, octets

SSIDS = st.binary(min_size=1, max_size=32)
TEXT = st.text(max_size=60)
PRINTABLE = st.characters(exclude_categories=["C", "Z"])
NAMES = st.text(PRINTABLE, min_size=1, max_size=64)
PASSPHRASES = st.one_of(
    st.just(""),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=63),
    st.text(PRINTABLE, min_size=8, max_size=15),
    st.from_regex(r"\A[0-9a-fA-F]{64}\Z"),
)
FIELDS = st.dictionaries(NAMES, st.one_of(TEXT, TEXT.map(Secret)), max_size=8)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=2_000_000)).map(lambda age: EPOCH + age)


def refused(**given: object) -> dict[str, str]:
    """The problems with a record of which some parts are as given."""
    parts = {"ssid": b"home", "passphrase": PASSPHRASE, "fields": {}, **given}
    with pytest.raises(Invalid) as caught:
        Record.new(**parts, now=START, random=octets())  # type: ignore[arg-type]
    return dict(caught.value.problems)


@given(SSIDS, PASSPHRASES, FIELDS, MOMENTS, st.binary(min_size=8, max_size=8))
def test_json_there_and_back(
    ssid: bytes, passphrase: str, fields: dict[str, str], now: datetime, chance: bytes
) -> None:
    """Any network name, password and text come back exactly, and secrets as secrets."""
    record = Record.new(
        ssid=ssid, passphrase=Secret(passphrase), fields=fields, now=now, random=lambda _: chance
    )
    line = to_json(record)
    again = from_json(line)

    assert again == record
    assert {n: type(v) for n, v in again.fields.items()} == {n: type(v) for n, v in fields.items()}
    assert type(again.passphrase) is Secret
    assert line.isascii()
    assert b"\n" not in line


def test_json_is_as_documented() -> None:
    """Version 1 as other programs read it, byte for byte."""
    record = Record.new(
        ssid=b"caf\xe9",
        passphrase=PASSPHRASE,
        fields={"room": "Küche", "pin": Secret("1234")},
        now=datetime(2026, 3, 1, 10, 30, tzinfo=timezone(timedelta(hours=1))),
        random=lambda _: bytes(8),
    )

    assert to_json(record).decode() == (
        '{"v":1,"id":"019ca8bb-b5c0-7000-8000-000000000000",'
        '"created":"2026-03-01T09:30:00.000000Z","ssid":"636166e9",'
        '"passphrase":"correct horse battery",'
        '"fields":{"room":"K\\u00fcche","pin":"1234"},"secrets":["pin"]}'
    )


@pytest.mark.parametrize("ssid", [b"", b"x" * 33])
def test_network_names_have_1_to_32_bytes(ssid: bytes) -> None:
    """Zero bytes are no name, and 33 do not fit into a beacon."""
    assert "1 to 32 bytes" in refused(ssid=ssid)["ssid"]


@pytest.mark.parametrize(
    "passphrase",
    [
        "1234567",
        "x" * 64,
        "é" * 32,
        "0" * 65,
        "g" * 64,
        "line\nbreak",
        "nul\0nul\0",
        "half \ud800 pair",
    ],
)
def test_passwords_no_network_can_have(passphrase: str) -> None:
    """Too short, too long in bytes, control characters and half characters are refused."""
    problems = refused(passphrase=Secret(passphrase))

    assert list(problems) == ["passphrase"]
    assert passphrase not in problems["passphrase"]


@pytest.mark.parametrize(
    "passphrase", ["", "12345678", "x" * 63, "pässwörter", "a1" * 32, " 8 blank "]
)
def test_passwords_networks_have(passphrase: str) -> None:
    """Open networks, both ends of the range, UTF-8, 64 hex digits, and blanks as they are."""
    assert a_record(passphrase=passphrase).passphrase == passphrase


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"room": "x" * 4097}, "fields.room"),
        ({"room": "\udfff"}, "fields.room"),
        ({"": "x"}, "fields"),
        ({"x" * 65: ""}, "fields"),
        ({"a\nb": ""}, "fields"),
        ({str(n): "" for n in range(65)}, "fields"),
        ({str(n): "é" * 4096 for n in range(4)}, "fields"),
    ],
)
def test_fields_are_bounded(fields: dict[str, str], key: str) -> None:
    """Names, values, their number and the whole have limits, named by the field."""
    assert list(refused(fields=fields)) == [key]


def test_every_problem_is_named_at_once() -> None:
    """A person corrects a form once, not field by field."""
    problems = refused(ssid=b"", passphrase=Secret("short"), fields={"room": "\udfff"})

    assert list(problems) == ["ssid", "passphrase", "fields.room"]


@given(st.one_of(st.binary(), st.text().map(str.encode)))
def test_bytes_from_anywhere(data: bytes) -> None:
    """Of arbitrary bytes, only Invalid escapes."""
    with pytest.raises(Invalid):
        from_json(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(sorted(json.loads(to_json(a_record())))), JSON)
def test_foreign_documents(key: str, value: object) -> None:
    """A document with any one value replaced is a record again or Invalid, nothing else."""
    document = {**json.loads(to_json(a_record(fields={"room": "x"}))), key: value}
    try:
        record = from_json(json.dumps(document).encode())
    except Invalid as error:
        assert error.problems  # noqa: PT017 - both ways are allowed
    else:
        assert from_json(to_json(record)) == record


@given(st.data())
def test_damaged_documents(data: st.DataObject) -> None:
    """A document with any byte changed or cut off is a record again or Invalid."""
    line = bytearray(to_json(a_record(fields={"room": "x"})))
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    del line[data.draw(st.integers(0, len(line))) :]
    try:
        record = from_json(bytes(line))
    except Invalid:
        return
    assert from_json(to_json(record)) == record


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"more": 1},
        {"id": "019ca8c3-f640-4000-8000-000000000000"},
        {"created": "2026-03-01T09:30:00Z"},
        {"created": "2026-02-30T09:30:00.000000Z"},
        {"ssid": "ABCD"},
        {"ssid": "abc"},
        {"fields": {"room": 1}},
        {"passphrase": None},
        {"passphrase": "\ud800"},
        {"secrets": ["no such field"]},
        {"secrets": [["room"]]},
    ],
)
def test_near_misses(change: dict[str, object]) -> None:
    """Another version, a key too many and values of the wrong shape are refused."""
    with pytest.raises(Invalid):
        from_json(json.dumps({**json.loads(to_json(a_record())), **change}).encode())


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"v":' + b"1" * 5_000 + b"}", b"\xff", b"1"])
def test_json_that_breaks_parsers(data: bytes) -> None:
    """Depth, giant numbers and bytes that are no UTF-8 are Invalid too."""
    with pytest.raises(Invalid):
        from_json(data)


def test_uuid7_vector() -> None:
    """RFC 9562, appendix A.6."""
    rand_b = ((0b01 << 60) | 0x8C4DC0C0C07398F) & (2**62 - 1)

    name = uuid7(0x017F22E279B0, 0xCC3, rand_b.to_bytes(8, "big"))

    assert name == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**12 - 1), st.binary(min_size=8, max_size=8))
def test_uuid7_fields(unix_ms: int, rand_a: int, rand_b: bytes) -> None:
    """Each field is where RFC 9562 §5.7 puts it, whatever the others hold."""
    name = uuid7(unix_ms, rand_a, rand_b)
    value = int(name.replace("-", ""), 16)

    assert re.fullmatch(ID, name)
    assert value >> 80 == unix_ms
    assert value >> 64 & 0xFFFF == 0x7000 | rand_a
    assert value & (2**62 - 1) == int.from_bytes(rand_b, "big") & (2**62 - 1)


@given(MOMENTS, st.timedeltas(timedelta(microseconds=1), timedelta(days=400)))
def test_names_sort_as_records_were_made(first: datetime, later: timedelta) -> None:
    """A record made a microsecond later sorts after, whatever chance gives."""
    before, after = (
        Record.new(ssid=b"x", passphrase=Secret(""), fields={}, now=now, random=chance).id
        for now, chance in (
            (first, lambda n: b"\xff" * n),
            (first + later, bytes),
        )
    )

    assert before < after


@given(PASSPHRASES, TEXT)
def test_the_repr_does_not_depend_on_secrets(passphrase: str, pin: str) -> None:
    """Records that differ in their secrets alone, but not in length, look the same."""
    one = a_record(passphrase=passphrase, fields={"pin": Secret(pin)})
    hidden = Secret("x" * len(passphrase))
    other = replace(one, passphrase=hidden, fields={"pin": Secret("x" * len(pin))})

    assert repr(one) == repr(other)


@pytest.mark.parametrize(
    ("passphrase", "pin", "text", "redacted"),
    [
        ("password", "1234", "password or 1234?", "(hidden) or (hidden)?"),
        ("password", "password1", "bad password1, password", "bad (hidden), (hidden)"),
        ("password1", "password", "bad password1, password", "bad (hidden), (hidden)"),
        ("", "", "no network", "no network"),
    ],
)
def test_texts_are_redacted(passphrase: str, pin: str, text: str, redacted: str) -> None:
    """Secrets are taken out of a text, also where one is a part of the other."""
    record = a_record(passphrase=passphrase, fields={"pin": Secret(pin), "room": "bad"})

    assert record.redact(text) == redacted


def test_a_record_cannot_change() -> None:
    """Its fields are a copy, and read-only."""
    fields = {"room": "cellar"}
    record = a_record(fields=fields)
    fields["room"] = "roof"

    assert record.fields["room"] == "cellar"
    with pytest.raises(TypeError):
        record.fields["room"] = "roof"  # type: ignore[index]
