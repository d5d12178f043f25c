"""docs/clients.md names what there is."""

from __future__ import annotations

from pathlib import Path

from tests.clients.test_portal import CLIENTS

HERE = Path(__file__).parent
TABLE = HERE.parent.parent / "docs" / "clients.md"
MODELS = {path.name for path in HERE.glob("*.py") if "\ndef check(" in path.read_text()}


def test_every_model_is_in_the_table() -> None:
    """Under the name of its module."""
    rows = "".join(line for line in TABLE.read_text().splitlines() if line.startswith("| "))

    assert not [name for name in MODELS if f"`{name}`" not in rows]


def test_every_model_meets_the_portal() -> None:
    """A model nobody runs would prove nothing."""
    checks = [getattr(client.check, "func", client.check) for client in CLIENTS.values()]

    assert {check.__module__.rpartition(".")[2] + ".py" for check in checks} == MODELS
