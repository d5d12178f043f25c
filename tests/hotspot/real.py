"""The distribution's own programs, where a test asks them."""

from __future__ import annotations

import os
import shutil

import pytest


def program(name: str) -> str:
    """The path of a real program, also of one in /usr/sbin; skips the test where there is none."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path
