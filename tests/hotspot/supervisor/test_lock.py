"""One run at a time in a runtime directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from hotspot.errors import Refused
from hotspot.supervisor import lock

if TYPE_CHECKING:
    from pathlib import Path


def test_the_second_is_refused_by_name(tmp_path: Path) -> None:
    """Who comes second is told who is first, and how to stop it."""
    held = lock.take(tmp_path)
    with pytest.raises(Refused) as refusal:
        lock.take(tmp_path)
    pid = os.getpid()
    assert str(refusal.value) == (
        f"another vestibule is running (pid {pid}): stop it first: kill {pid}"
    )
    os.close(held)


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    """Nothing is to be cleaned up: the next one takes it, and writes its own number."""
    (tmp_path / "lock").write_text("4194304 and some rest\n")
    os.close(lock.take(tmp_path))
    held = lock.take(tmp_path)
    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    os.close(held)
