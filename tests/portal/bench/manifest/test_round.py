"""Manifests in and out: what is exported reads back as it was, whatever stands in it."""

from __future__ import annotations

import csv
import io
import json
import string
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.devices.device import Device
from portal.bench.devices.reasons import Reason
from portal.bench.devices.states import State
from portal.bench.manifest import columns, exporting, importing, reading
from portal.bench.manifest.importing import plan
from portal.bench.manifest.reading import FORMULA, MASK, Unreadable, read

# Whatever can be typed, and what bites: formulas, quotes, separators, line ends, masks.
TYPED = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
CELLS = TYPED | st.sampled_from(
    ["=1+1", "'=1", "''", "'", "+49 30", "-1", "@x", "\tx", "\r\nx", 'a"b', "a;b,c", "007",
     "0" * 30, " =1", "\uff1d1", "' =1", "REPEAT", "'REPEAT", " blank ",
     MASK, "é", "\u2028", "\x85", "null"]
)  # fmt: skip
NAMES = st.text(string.ascii_letters + string.digits + "_. -", min_size=1, max_size=12).filter(
    lambda name: (
        columns.is_column(name)
        and name.strip() == name
        and name not in {*columns.RESERVED, *columns.WRITTEN}
        and not columns.is_secret(name)
    )
)
MACS = st.binary(min_size=6, max_size=6).map(lambda octets: octets.hex(":"))
WORDS = st.text(string.printable[:95], min_size=1, max_size=12).filter(
    lambda text: text.strip() == text
)


def random(n: int) -> bytes:
    """Chance, always the same."""
    return bytes(range(n))


def imported(body: bytes, known: Sequence[Device] = ()) -> importing.Plan:
    """What a manifest's bytes would change."""
    return plan(read(body), {each.id: each for each in known}, random, lambda _: "")


@st.composite
def fleets(draw: st.DrawFn) -> list[Device]:
    """Devices as an import leaves them: the same columns, in the same order."""
    extra = draw(st.lists(NAMES, max_size=4, unique=True))
    serials = draw(st.lists(WORDS, min_size=1, max_size=6, unique=True))
    rows = []
    for serial in serials:
        cells = {"serial": serial, "note": draw(CELLS), **{name: draw(CELLS) for name in extra}}
        rows.append(Device(serial, cells, state=draw(st.sampled_from(State)), version=draw(CELLS),
                           reason=draw(st.none() | st.sampled_from(Reason))))  # fmt: skip
    return rows


@given(fleets(), st.booleans())
def test_what_is_exported_reads_back(fleet: list[Device], lines: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
    """import(export(x)) = x: cells, their columns' order, and the devices' order."""
    out = exporting.as_json_lines(fleet) if lines else exporting.as_csv(fleet)

    found = imported(b"".join(out))

    assert not found.flaws
    assert [each.id for each in found.new] == [each.id for each in fleet]
    for new, old in zip(found.new, fleet, strict=True):
        assert list(new.cells.items()) == list(old.cells.items())
    again = imported(b"".join(exporting.as_csv(fleet)), fleet)
    assert (again.unchanged, again.new, again.changed) == (len(fleet), (), ())


@given(fleets())
def test_no_cell_is_a_formula(fleet: list[Device]) -> None:
    """A spreadsheet that opens an export finds text in every cell."""
    text = b"".join(exporting.as_csv(fleet)).decode()

    for row in list(csv.reader(io.StringIO(text, newline="")))[1:]:
        assert not any(
            cell.lstrip(" \u00a0\u3000").startswith(FORMULA) and not cell.startswith("'")
            for cell in row
        )


@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"serial,x\n{text}".encode())
)
def test_whatever_comes(body: bytes) -> None:
    """Any bytes are a table or refused in words; every sound row has every column."""
    with suppress(Unreadable):
        table = read(body)
        assert all(tuple(line.cells) == table.columns for line in table.lines)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\xff\xfes\0e\0r\0", "UTF-16"),
        (b"serial\nK\xf6ln\n", "Line 2 is not UTF-8"),
        (b"serial\nSN1\n\0\n", "Line 3 has a NUL"),
        (b'serial,x\nSN1,"open\n', "quote left open"),
        (b"name,x\nlamp,1\n", "column id, serial or mac"),
        (b"serial,serial\n1,2\n", "Two columns are called serial"),
        (b"serial,<b>\n1,2\n", "<b>"),
        (b"serial" + b",c%d" * 65 % tuple(range(65)) + b"\n", "64 columns"),
        (b"serial\n" + b"1\n" * 10_001, "10,000 rows"),
        (b" " * (16 << 20) + b"x", "16 MiB"),
        (b"", "column id, serial or mac"),
        (b"[" * 100_000, "column id, serial or mac"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(body: bytes, words: str) -> None:
    """It is refused as a whole, and told what helps."""
    with pytest.raises(Unreadable) as refused:
        read(body)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("header", "row"),
    [("serial,mac,x", '00123,A4-CF-12-00-00-01,"a;b"'),
     ("serial;mac;x", '00123;a4cf.1200.0001;"a;b"'),
     ("serial\tmac\tx", '00123\ta4:cf:12:00:00:01\t"a;b"'),
     ("\ufeffserial,mac,x", '00123,a4cf12000001,"a;b"')],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_line_ends_and_notations(header: str, row: str, end: str) -> None:
    """Each way to write the same row is the same device; the separator is told."""
    found = imported(f"{header}{end}{row}{end}".encode())

    (device,) = found.new
    assert device.cells == {"serial": "00123", "mac": "a4:cf:12:00:00:01", "x": "a;b"}
    assert found.notes[0].startswith("The columns are separated by ")


def test_formats_of_others() -> None:
    """Espressif's REPEAT is the cell above; AWS' things keep their names and numbers."""
    repeated = imported(b"id,ssid,u\n1,hall,7\n2,REPEAT,REPEAT\n")
    things = [
        {"ThingName": "lamp 1", "SerialNumber": "007", "Count": 1.50, "On": True},
        {"ThingName": "b"},
    ]
    aws = imported("\n".join(map(json.dumps, things)).encode())

    assert [dict(each.cells) for each in repeated.new][1] == {"id": "2", "ssid": "hall", "u": "7"}
    assert dict(aws.new[0].cells) == {"id": "lamp 1", "serial": "007", "Count": "1.5", "On": "true"}


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("mac", "a4:cf", "12 hexadecimal digits"),
        ("name", "my lamp", "letters, digits and -"),
        ("name", "-a", "letters, digits and -"),
        ("claim", "---", "letters or digits"),
        ("token", "short", "8 to 128"),
        ("psk", "kurz", "8 to 63"),
        ("x", "y" * 4097, "4,096 bytes"),
        ("id", "i" * 65, "1 to 64"),
    ],
)  # fmt: skip
def test_a_cell_that_is_none(column: str, value: str, words: str) -> None:
    """Line, column, value and remedy are told, a secret's value never; the other rows are sound."""
    found = imported(f"serial,{column}\nSN1,{value}\nSN2,\n".encode())

    (flaw,) = found.flaws
    assert (flaw.line, flaw.column, found.invalid, len(found.new)) == (2, column, 1, 1)
    assert words in flaw.words
    assert flaw.value == (MASK if columns.is_secret(column) else value[:40])


def test_only_what_is_there_is_touched() -> None:
    """A second file with fewer columns changes those; a mask and `auto` leave what was made."""
    (first,) = imported(b"serial,token,secret.key,x\nSN1,auto,abc,1\n").new
    assert len(first.cells["token"]) == 32

    (second,) = imported(
        f"serial,token,secret.key,x\nSN1,auto,{MASK},2\n".encode(), [first]
    ).changed
    third = imported(b"serial,note\nSN1,hello\n", [first])

    assert second.cells == {**first.cells, "x": "2"}
    assert third.changed[0].cells == {**first.cells, "note": "hello"}
    assert imported(b"serial,x\nSN1,1\n", [first]).unchanged == 1


def test_what_is_done_is_told() -> None:
    """A row that is provisioned is not changed in silence."""
    done = Device("SN1", {"serial": "SN1", "x": "1"}, state=State.PROVISIONED)

    found = imported(b"serial,x\nSN1,2\n", [done])

    assert "Changed after they were done: SN1." in found.notes[-1]
    assert found.changed[0].state is State.PROVISIONED


def test_two_rows_for_one_device() -> None:
    """The second row with the same id, serial, MAC, code or token is refused, and told which."""
    found = imported(
        b"id,serial,mac,token\n1,A,a4cf12000001,\n1,B,,\n2,A,,\n3,C,a4cf12000002 a4cf12000001,\n"
        b"4,D,,secret-token\n5,E,,secret-token\n"
    )

    assert [(flaw.line, flaw.column) for flaw in found.flaws] == [
        (3, "id"), (4, "serial"), (5, "mac"), (7, "token"),
    ]  # fmt: skip
    assert found.flaws[-1].value == MASK
    assert "line 2 has the same serial" in found.flaws[1].words


def test_many_problems_are_counted_and_some_shown() -> None:
    """The first twenty problems are shown, all rows that have one are counted."""
    body = b"serial,mac\n" + b"".join(b"SN%d,x\n" % n for n in range(30))

    preview = imported(body).preview

    assert (preview.invalid, len(preview.flaws), preview.fit) == (30, 20, 0)
    assert reading.MOST_ROWS == 10_000
