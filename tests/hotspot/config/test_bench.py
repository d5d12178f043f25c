"""The table [bench]: what is taken, what is refused, and how it is shown."""

from __future__ import annotations

import base64
import tomllib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot import settings
from hotspot.config import bench, showing
from hotspot.config.values import NotAllowed
from hotspot.settings import Invalid

KEY = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
RADIO = {"radio": {"country": "DE"}}


def test_off_unless_asked_for() -> None:
    """Without the table there is no bench, and half of the free space is its quota."""
    found = settings.from_mapping(RADIO).bench

    assert (found.enabled, found.slots, found.quota, found.signers) == (False, 8, None, {})


@pytest.mark.parametrize("quota", ["half", 16, 4096])
def test_taken_and_shown_again(quota: object) -> None:
    """What is shown reads back as the same settings."""
    table = {"enabled": True, "slots": 3, "quota": quota, "signers": {"the office": KEY},
             "unsigned": "refused", "verify_after": 60, "site": "Workshop 2"}  # fmt: skip
    found = settings.from_mapping({**RADIO, "bench": table})
    document = tomllib.loads(showing.render(found))

    assert settings.from_mapping(document) == found
    assert found.bench.signers == {"the office": KEY}


def test_a_token_is_not_shown() -> None:
    """Neither as settings, nor where it is refused."""
    found = settings.from_mapping({**RADIO, "bench": {"token": "secret" * 6}})
    assert "secretsecret" not in showing.render(found) + repr(found)

    with pytest.raises(Invalid) as refused:
        settings.from_mapping({**RADIO, "bench": {"token": "secret!" * 6}})
    assert "secret!" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("enabled", 1, "true or false"),
        ("slots", 0, "from 1 to 64"),
        ("quota", 15, "half"),
        ("quota", True, "half"),
        ("signers", {"a": KEY[:-1]}, "minisign.pub"),
        ("signers", {"a": base64.b64encode(bytes(42)).decode()}, "minisign.pub"),
        ("signers", {"": KEY}, "minisign.pub"),
        ("signers", [KEY], "minisign.pub"),
        ("unsigned", "anybody", "refused, lead"),
        ("site", "two\nlines", "one line"),
        ("token", "a" * 31, "openssl rand"),
        ("token", "a b" * 20, "openssl rand"),
    ],
)
def test_refused(key: str, value: object, allowed: str) -> None:
    """Every problem names its key and what is allowed."""
    with pytest.raises(Invalid) as refused:
        settings.from_mapping({**RADIO, "bench": {key: value}})
    assert f"bench.{key} = " in str(refused.value)
    assert allowed in str(refused.value)


@given(st.dictionaries(st.text(), st.text() | st.binary().map(base64.b64encode)))
def test_any_signers(table: dict[str, object]) -> None:
    """Whatever stands there is taken or refused, and nothing else happens."""
    with suppress(NotAllowed):
        assert bench.signers(table) == table
