"""`vestibule run` up to the moment in which it becomes another program."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner, Result

from hotspot.__main__ import main

GOOD = '[radio]\ncountry = "DE"\n[dns]\nttl = 7\n'


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests looks like root."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def run(*words: str) -> Result:
    """`vestibule run` with these words."""
    return CliRunner().invoke(main, ["run", *words])
