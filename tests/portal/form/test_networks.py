"""The scan's document: hostile input, and what a person gets to see of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.form import networks
from portal.form.networks import MOST, Network

GOOD = {"ssid": "61", "signal": -50, "frequency": 2437, "channel": 6, "security": "wpa2"}


def document(*entries: Any) -> bytes:
    """A scan of these entries."""
    return json.dumps({"networks": list(entries)}).encode()


def test_an_entry_becomes_a_network() -> None:
    """All five values are read."""
    assert networks.parse(document(GOOD)) == (Network(b"a", -50, 2437, 6, "wpa2"),)


@pytest.mark.parametrize(
    "change",
    [
        {"ssid": ""},
        {"ssid": "6"},
        {"ssid": "6A"},
        {"ssid": "zz"},
        {"ssid": "61" * 33},
        {"ssid": 61},
        {"ssid": "61\n"},
        {"signal": "-50"},
        {"signal": True},
        {"signal": 1},
        {"signal": -128},
        {"signal": -50.5},
        {"frequency": 0},
        {"frequency": 10**400},
        {"channel": 0},
        {"channel": None},
        {"security": "WPA2"},
        {"security": ["wpa2"]},
        {"security": None},
    ],
)
def test_an_odd_entry_is_left_out(change: dict[str, Any]) -> None:
    """A value of another type or out of bounds takes its entry out, and only that."""
    assert networks.parse(document({**GOOD, **change}, {**GOOD, "ssid": "62"})) == (
        Network(b"b", -50, 2437, 6, "wpa2"),
    )


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b'{"networks": {}}',
        b'{"networks": [[]]}',
        b"[" * 100_000,
        b'{"networks": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_document_of_another_shape_has_no_networks(text: bytes) -> None:
    """Broken JSON, deep nesting and huge numbers are no scan."""
    assert networks.parse(text) == ()


@given(st.binary())
def test_bytes_never_escape(text: bytes) -> None:
    """Whatever is in the file, the answer is a tuple of networks."""
    assert isinstance(networks.parse(text), tuple)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(st.dictionaries(st.sampled_from(list(GOOD)), JSON) | JSON))
def test_values_never_escape(entries: list[Any]) -> None:
    """Nor do well-formed entries of any type; those read are within bounds."""
    for network in networks.parse(document(*entries)):
        assert 1 <= len(network.ssid) <= 32
        assert 1 <= network.bars <= 4


def test_strongest_first_and_each_once() -> None:
    """The same name heard from two stations is one network, at its best."""
    weak, strong = {**GOOD, "signal": -80}, {**GOOD, "signal": -40, "channel": 11}
    other = {**GOOD, "ssid": "62", "signal": -60}

    assert [(n.ssid, n.signal) for n in networks.parse(document(weak, other, strong))] == [
        (b"a", -40),
        (b"b", -60),
    ]


def test_a_flood_of_names_is_cut() -> None:
    """A radio that beacons thousands of names does not push the page over its size."""
    flood = [{**GOOD, "ssid": f"{number:04x}"} for number in range(5_000)]

    assert len(networks.parse(document(*flood))) == MOST


LABELS = [
    (b"home", "home"),
    ("Größe 東京 😀".encode(), "Größe 東京 😀"),
    (b"<b>&\"'", "<b>&\"'"),
    (b" lead", "␣lead"),
    (b"a b", "a b"),
    (b"a  b ", "a␣␣b␣"),
    (b"\0\0\n", "⟨00⟩⟨00⟩⟨0A⟩"),
    (b"\0" * 32, "⟨00×32⟩"),  # noqa: RUF001 - a multiplication sign is meant
    (b"a\0\0\0b\xff", "a⟨00×3⟩b⟨FF⟩"),  # noqa: RUF001 - see above
    (b"\x1b[2J", "⟨1B⟩[2J"),
    (b"\xff\xc3(", "⟨FF⟩⟨C3⟩("),
    ("a\u202egnp".encode(), "a⟨U+202E⟩gnp"),
    ("a\u200bb".encode(), "a⟨U+200B⟩b"),
    ("\ufeffa".encode(), "⟨U+FEFF⟩a"),
    ("a\u00a0b".encode(), "a⟨U+00A0⟩b"),
    ("\u3164".encode(), "⟨U+3164⟩"),
    ("\u2800".encode(), "⟨U+2800⟩"),
]


@pytest.mark.parametrize(("ssid", "shown"), LABELS)
def test_what_hides_is_shown(ssid: bytes, shown: str) -> None:
    """Controls, odd bytes, invisible characters and blanks at the ends can be seen."""
    assert networks.label(ssid) == shown


@given(st.binary(min_size=1, max_size=32))
def test_a_label_is_always_printable(ssid: bytes) -> None:
    """Any 32 bytes become text that is printable, encodable and not blank."""
    shown = networks.label(ssid)

    assert shown.isprintable()
    assert shown.encode("utf-8").strip()


LOOKALIKES = [
    ("home".encode(), "hоme".encode()),  # noqa: RUF001, UP012 - a Cyrillic o is the point
    (b"Flat1", b"Flatl"),
    (b"a ", b"a "[:1] + "␣".encode()),
    (b"\xff", "⟨FF⟩".encode()),
    ("é".encode(), "e\u0301".encode()),
    ("❤".encode(), "❤\ufe0f".encode()),
    ("ａ".encode(), b"a"),  # noqa: RUF001 - a full-width a is the point
]


@pytest.mark.parametrize(("one", "two"), LOOKALIKES)
def test_lookalikes_are_told_apart(one: bytes, two: bytes) -> None:
    """Two names that could be taken for each other both show their bytes."""
    entries = [{**GOOD, "ssid": ssid.hex()} for ssid in (one, two, b"other")]

    assert [n.lookalike for n in networks.parse(document(*entries))] == [one.hex(), two.hex(), ""]


@pytest.mark.parametrize(
    ("signal", "bars"), [(0, 4), (-55, 4), (-56, 3), (-66, 3), (-67, 2), (-77, 2), (-78, 1)]
)
def test_bars(signal: int, bars: int) -> None:
    """One to four."""
    assert Network(b"a", signal, 2437, 6, "wpa2").bars == bars


@pytest.mark.parametrize(
    ("frequency", "band"),
    [(2412, "2.4 GHz"), (2484, "2.4 GHz"), (5180, "5 GHz"), (5885, "5 GHz"), (5955, "6 GHz"),
     (7115, "6 GHz"), (900, "")],
)  # fmt: skip
def test_band(frequency: int, band: str) -> None:
    """The three bands Wi-Fi uses at home; others are not named."""
    assert Network(b"a", -50, frequency, 6, "wpa2").band == band


@pytest.mark.parametrize(
    ("security", "locked", "usable"),
    [("open", False, True), ("owe", False, True), ("wpa2", True, True), ("wpa3", True, True),
     ("wpa2-wpa3", True, True), ("wep", True, False), ("enterprise", True, True)],
)  # fmt: skip
def test_what_a_name_and_a_password_can_join(security: str, *, locked: bool, usable: bool) -> None:
    """Open ones ask for nothing; WEP cannot be chosen."""
    network = Network(b"a", -50, 2437, 6, security)

    assert (network.locked, not network.unfit) == (locked, usable)
