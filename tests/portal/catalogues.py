"""The build's own hook, loaded as hatchling does: by its path."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "templates" / "locale"


def hook() -> ModuleType:
    """deploy/catalogues.py."""
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "deploy/catalogues.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
