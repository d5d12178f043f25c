"""Which row a device is: the strongest proof decides, and what contradicts waits for a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.bench.devices.device import Device
from portal.bench.devices.matching import (
    LATELY,
    PROOF,
    Index,
    Match,
    Strength,
    is_another,
    match,
)
from portal.bench.devices.states import State
from portal.bench.port import Claims

ONE, TWO, NEW = (f"02:00:00:00:00:0{n}" for n in (1, 2, 3))
ROWS = (
    Device("A", {"serial": "SA", "mac": ONE, "claim": "K7M2-9QXP", "token": "token-of-a"}),
    Device("B", {"serial": "SB", "mac": TWO, "claim": "B222", "token": "token-of-b"}),
)


def index(*devices: Device) -> Index:
    """The rows by their keys."""
    found = Index()
    for device in devices or ROWS:
        found.add(device)
    return found


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"token": "token-of-a"}, Match("A", Strength.TOKEN)),
        ({"claim": "k7m29qxp"}, Match("A", Strength.CLAIM)),
        ({"serial": "SA"}, Match("A", Strength.SERIAL)),
        ({"id": "A"}, Match("A", Strength.ID)),
        ({"mac": ONE}, Match("A", Strength.MAC)),
        ({"mac_claimed": ONE}, Match("A", Strength.WORD)),
        ({}, Match()),
        ({"mac": NEW, "serial": "SX"}, Match()),
        # A proof is believed against everything weaker.
        ({"token": "token-of-a", "serial": "SB", "mac": TWO}, Match("A", Strength.TOKEN)),
        ({"claim": "B222", "serial": "SA"}, Match("B", Strength.CLAIM)),
        # Two that prove nothing contradict each other.
        ({"serial": "SA", "mac": TWO}, Match(rows=("A", "B"))),
        ({"serial": "SA", "id": "B"}, Match(rows=("A", "B"))),
        # What it says of its own MAC counts for nothing beside its lease's.
        ({"mac": ONE, "mac_claimed": TWO}, Match("A", Strength.MAC)),
        # A token that is nobody's is never passed over for something weaker.
        ({"token": "made-up", "serial": "SA"}, Match("A", wrong=True)),
        ({"token": "made-up"}, Match("", wrong=True)),
    ],
)
def test_by_the_strongest(claims: dict[str, str], expected: Match) -> None:
    """Each set of claims leads to its row, or to none, or to a contradiction."""
    assert match(Claims("100.64.64.9", **claims), index()) == expected


def test_what_bound_it_stays() -> None:
    """A device bound by a token stays that row, whatever weaker it says later."""
    bound = Device("A", ROWS[0].cells, mac=NEW, strength=Strength.TOKEN)

    assert match(Claims("x", mac=NEW, serial="SB"), index(bound, ROWS[1])).device == "A"
    assert match(Claims("x", mac=NEW, token="token-of-b"), index(bound, ROWS[1])).device == "B"
    assert match(Claims("x", mac=NEW), index(bound, ROWS[1])) == Match("A", Strength.TOKEN)


@given(
    st.lists(st.sampled_from(["A", "B"]), min_size=5, max_size=5),
    st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_a_weaker_key_never_wins(rows: list[str], shown: list[bool]) -> None:
    """Whatever is shown together, the strongest shown decides, or nobody does."""
    by = {each.id: each for each in ROWS}
    names = ("token", "claim", "serial", "id", "mac")
    claims = {
        name: (by[row].cells.get(name, "") if name != "id" else row)
        for name, row, is_shown in zip(names, rows, shown, strict=True)
        if is_shown
    }
    found = match(Claims("x", **claims), index())
    strongest = next((row for row, is_shown in zip(rows, shown, strict=True) if is_shown), "")

    assert found.device in {strongest, ""}
    if found.rows:
        assert not claims.keys() & {"token", "claim"}
    if claims.keys() & {"token", "claim"}:
        assert (found.device, found.strength >= PROOF) == (strongest, True)


@pytest.mark.parametrize(
    ("state", "mac", "silent", "expected"),
    [
        (State.FLASHING, NEW, 1.0, True),
        (State.FLASHING, NEW, LATELY + 1, False),
        (State.FLASHING, ONE, 1.0, False),
        (State.FLASHING, "", 1.0, True),
        (State.FLASHING, "", LATELY + 1, False),
        (State.REBOOTING, "", 1.0, False),
        (State.REBOOTING, NEW, 1.0, False),
        (State.PROVISIONED, NEW, 10_000.0, True),
        (State.GONE, NEW, 1.0, False),
    ],
)
def test_a_second_device_of_one_row(
    state: State,
    mac: str,
    silent: float,
    expected: bool,  # noqa: FBT001 - a parameter of a test
) -> None:
    """One still there, or done, has a double; one that was to come back may have a new MAC."""
    device = Device("A", {"serial": "SA", "mac": ONE}, state=state, mac=TWO)

    assert is_another(device, mac, Strength.SERIAL, silent) is expected


def test_who_is_forgotten_is_not_found() -> None:
    """Neither by its keys nor by its MAC."""
    bound = Device("A", ROWS[0].cells, mac=NEW, strength=Strength.MAC)
    known = index(bound)
    known.remove(bound)

    assert match(Claims("x", mac=NEW, serial="SA", token=""), known) == Match()
    assert (known.keys, known.bound) == ({}, {})


@pytest.mark.parametrize(
    ("mac", "strength", "expected"),
    [
        (TWO, Strength.SERIAL, False),  # by its own lease
        (ONE, Strength.SERIAL, False),  # by one its row names
        (NEW, Strength.SERIAL, True),
        ("", Strength.SERIAL, True),
        (NEW, Strength.TOKEN, False),
    ],
)
def test_proven_once_proven_always(mac: str, strength: Strength, expected: bool) -> None:  # noqa: FBT001 - a parameter of a test
    """Who has shown its secret is not replaced by somebody who knows its serial number."""
    device = Device(
        "A", {"serial": "SA", "mac": ONE}, state=State.CONFIGURING, mac=TWO, strength=Strength.TOKEN
    )

    assert is_another(device, mac, strength, LATELY + 1) is expected
