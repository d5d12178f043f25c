"""A fleet into PostgreSQL through stores and deliverers; `make torture` has 10,000 records."""

from __future__ import annotations

from pathlib import Path

from tests.portal.provisioning.test_fleet import database
from tests.torture.fleet import through

__all__ = ["database"]


def test_exactly_as_many_rows(
    tmp_path: Path,
    free_port: int,
    database: str,
) -> None:
    """30 appliances, the broker killed, the database's sessions ended: every record once."""
    assert through(tmp_path, database, free_port, 30, 10) == (300, 300, 0)
