"""Templates: a value stays inside its place, and a secret stays out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspot.settings import Secret
from portal.provisioning.backends.placeholders import Unfit, fill, quoted, settle, visible
from tests.portal.provisioning.fakes import a_record

NAMES = {"site": "north", "appliance": "a1"}


def test_filled() -> None:
    """Each placeholder is a value of the record or of the appliance."""
    record = a_record(fields={"room no": "7"})
    template = "/{site}/{appliance}/{id}/{created}/{field.room no}/{}{"

    assert fill(template, record, NAMES, str) == (
        f"/north/a1/{record.id}/2026-03-01T09:30:00.000000Z/7/{{}}{{"
    )
    assert settle("{site}/x", NAMES, quoted) == "north/x"


def test_a_secret_goes_nowhere() -> None:
    """Neither the value nor its length is told."""
    record = a_record(fields={"pin": Secret("canary")})
    with pytest.raises(Unfit) as refused:
        fill("/{field.pin}", record, NAMES, quoted)

    assert "canary" not in str(refused.value)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_value(value: str) -> None:
    """Nothing a person types adds a separator to a URL, a topic or a header."""
    assert re.fullmatch(r"[0-9A-Za-z._~%-]*", quoted(value))
    assert re.fullmatch("[ -~]*", visible(value))
    assert visible(value).strip() == visible(value)
