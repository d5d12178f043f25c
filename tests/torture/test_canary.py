"""A secret on every way through the real appliance is nowhere it may not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.canary import Haul, chosen, forms, run


@pytest.mark.parametrize("joins", [False, True])
def test_nowhere(tmp_path: Path, joins: bool) -> None:  # noqa: FBT001 - a table of two
    """Refused, accepted, not joined, not delivered, processes killed: not in a log, an argument,
    an environment, a file, an answer, or in what goes to a sealing backend.
    """
    secret = chosen()

    haul = run(tmp_path, secret, joins=joins)

    assert not haul.leaks(secret)
    assert haul.seen.keys() >= {"cmdline", "environ", "traffic", "own stderr", "answer to oversize"}
    assert any(place.endswith("records.db") for place in haul.seen)


@pytest.mark.parametrize("form", forms("any"))
def test_a_planted_one_is_found(form: str) -> None:
    """In each of its forms, in the middle of something: this test can fail."""
    secret, haul = "K\u00e4fig +/ 7f3a9c51", Haul()
    haul.add("clean", b"nothing of it")
    haul.add("planted", b"before " + forms(secret)[form] + b" after")

    assert f"planted: {form}" in haul.leaks(secret)
    assert not [each for each in haul.leaks(secret) if each.startswith("clean")]
