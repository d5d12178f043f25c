"""Submissions by HTML form and by JSON, and the words they are refused with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.form import forms
from portal.form.forms import Invalid, Submission
from tests.portal.fakes import network

HOME, GUESTS, OFFICE, OLD = (
    network("home"),
    network("guests", security="open"),
    network("office", security="enterprise"),
    network("attic", security="wep"),
)
LISTED = (HOME, GUESTS, OFFICE, OLD)
CANARY = "kanarienvogel-4711"


def form(**values: str) -> Submission:
    """A submission by HTML form."""
    return forms.from_form(values.items(), LISTED)


def post(**values: Any) -> Submission:
    """A submission by JSON."""
    return forms.from_json(json.dumps(values).encode(), LISTED)


def problems_of(act: Any, /, *arguments: Any, **values: Any) -> dict[str, str]:
    """The problems with which `act` refuses."""
    with pytest.raises(Invalid) as caught:
        act(*arguments, **values)
    return dict(caught.value.problems)
