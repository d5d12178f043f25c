"""What a network may ask besides a password, through JSON and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.settings import Secret
from portal.joining.wish import network
from portal.provisioning import access
from portal.provisioning.access import Access, Enterprise, Fixed
from portal.provisioning.record import Invalid, Record, from_json, to_json
from portal.provisioning.telling.listing import without_secrets
from tests.portal.provisioning.fakes import RANDOM, START

CANARY = "canary-5b1f"
USER = Enterprise("anna@uni.example", Secret(CANARY), "peap")
OWN = Fixed("192.168.1.50/24", "192.168.1.1", ("1.1.1.1",))
FULL = Access("enterprise", hidden=True, user=USER, own=OWN)


def record(how: Access) -> Record:
    """A record that enters its network so."""
    return Record.new(
        ssid=b"office", passphrase=Secret(""), fields={}, now=START, random=RANDOM, access=how
    )


@pytest.mark.parametrize(
    "how", [FULL, Access("wpa3"), Access(hidden=True), Access(user=USER), Access(own=OWN)]
)
def test_there_and_back(how: Access) -> None:
    """A record of the second version; its password stays a secret."""
    kept = record(how)
    again = from_json(to_json(kept))

    assert again == kept
    assert json.loads(to_json(kept))["v"] == 2
    assert isinstance(again.access.user.password if again.access.user else Secret(""), Secret)
    assert CANARY not in repr(again)
    assert CANARY not in json.dumps(without_secrets(kept))
    assert not how.user or CANARY not in kept.redact(f"it was {CANARY}")


def test_the_first_version_is_written_where_it_does() -> None:
    """Whoever reads records of the first version reads on."""
    plain = record(Access())

    assert json.loads(to_json(plain)).keys() == {
        "v", "id", "created", "ssid", "passphrase", "fields", "secrets",
    }  # fmt: skip
    assert from_json(to_json(plain)) == plain


def test_what_the_radio_is_asked() -> None:
    """Every part that is there, by the agent's names."""
    assert network(record(FULL)) == {
        "ssid": b"office".hex(), "hidden": True, "security": "enterprise",
        "identity": "anna@uni.example", "password": CANARY, "method": "peap",
        "address": {"address": "192.168.1.50/24", "gateway": "192.168.1.1", "dns": ["1.1.1.1"]},
    }  # fmt: skip
    assert network(record(Access())) == {"ssid": b"office".hex(), "hidden": False}


@pytest.mark.parametrize(
    ("how", "parts"),
    [
        (Access("wpa9"), {"security"}),
        (Access(user=Enterprise("", Secret(""))), {"identity", "password"}),
        (Access(user=Enterprise("a", Secret("b"), "md5", "x")), {"method", "ca"}),
        (Access(own=Fixed("1.2.3.4", "nonsense", ("x",))), {"address", "gateway", "dns"}),
    ],
)
def test_what_is_wrong(how: Access, parts: set[str]) -> None:
    """Every part that cannot be used is named."""
    with pytest.raises(Invalid) as refused:
        record(how)

    assert refused.value.problems.keys() == parts


@pytest.mark.parametrize(
    "damage",
    [
        {"v": 1}, {"v": 3}, {"v": True}, {"access": None}, {"access": {}},
        {"access": {**FULL.document(), "more": 1}}, {"access": {**FULL.document(), "hidden": 1}},
        {"access": {**FULL.document(), "user": {"identity": "a"}}},
        {"access": {**FULL.document(), "own": {**OWN.document(), "dns": [1]}}},
    ],
)  # fmt: skip
def test_a_damaged_record(damage: dict[str, Any]) -> None:
    """Any other shape is refused, and not guessed at."""
    document = {**json.loads(to_json(record(FULL))), **damage}
    with pytest.raises(Invalid):
        from_json(json.dumps(document).encode())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["security", "hidden", "user", "own", "dns"]), inner)
        ),
    )
)
def test_any_shape(value: object) -> None:
    """What fits can be read; nothing else gets that far."""
    if access.fits(value):
        assert isinstance(access.read(value), Access)  # type: ignore[arg-type] # it fits


@given(st.text(max_size=40), st.text(max_size=20), st.lists(st.text(max_size=9), max_size=4))
def test_any_address(address: str, gateway: str, dns: list[str]) -> None:
    """An answer for whatever a person types."""
    assert isinstance(Access(own=Fixed(address, gateway, tuple(dns))).problems(), dict)
